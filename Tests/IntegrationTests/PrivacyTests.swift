import CSQLite
import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("Personal data, by the programs", .timeLimit(.minutes(5)))
struct PrivacyTests {
    private struct Report: Decodable {
        let accounts: Int
        let reported: Int
        let overdue: Int
        let erased: Int
        let outdated: Int
        let wipePending: Bool
        let lastError: String?
    }

    private struct Export: Decodable {
        struct Row: Decodable {
            let record: String
        }

        let rows: [Row]
    }

    private func withSite(_ body: (Installation, Simulator) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--users", "40", "--issues", "80"], directory: directory) { simulator in
                try await body(Installation(directory: directory, simulator: simulator), simulator)
            }
        }
    }

    private func withConnection(_ body: (Installation, Simulator) async throws -> Void) async throws {
        try await withSite { installation, simulator in
            try await installation.withDaemon { _ in
                try await installation.connect(to: simulator)
                try await installation.sync()
                try await body(installation, simulator)
            }
        }
    }

    /// Somebody with a seat and a name that nobody else has.
    private func somebody(_ installation: Installation, but other: String = "") async throws -> User {
        let users = try await installation.users(asOf: Date.now.ISO8601Format())
        return try #require(
            users.values.sorted { $0.accountId < $1.accountId }.first { user in
                user.seat && user.lastActivity != nil && user.accountId != other
                    && users.values.count { $0.displayName == user.displayName } == 1
            })
    }

    private func isStored(_ text: String, _ installation: Installation) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: installation.statePath).contains { file in
            try Data(contentsOf: URL(filePath: "\(installation.statePath)/\(file)")).range(of: Data(text.utf8)) != nil
        }
    }

    @Test("a closed account is erased after its report: a former user, in no file, not reported again")
    func closed() async throws {
        try await withConnection { installation, simulator in
            let user = try await somebody(installation)
            #expect(try isStored(user.displayName, installation))
            try await simulator.post("/_sim/people", #"{"accountId":"\#(user.accountId)","closed":true}"#)
            let report = try await installation.ask(Report.self, "privacy", "report")
            #expect(report.reported > 30 && report.overdue == 0 && report.lastError == nil && !report.wipePending)
            #expect(report.erased >= 1)
            let former = try await installation.client("--json", "user", user.accountId)
            #expect(former.output.contains(#""displayName":"Former user""#), "\(former.output)")
            #expect(former.output.contains(#""reason":"erased""#) && former.output.contains(#""lastActivity":null"#))
            #expect(try !isStored(user.displayName, installation))
            let told = try await installation.client("user", user.accountId)
            #expect(told.exitCode == 0 && told.output.contains("erased"), "\(told.output)")

            try await installation.sync()
            #expect(try !isStored(user.displayName, installation))
            let requests = try await simulator.statistics().requests.filter { $0.route.contains("report-accounts") }
            #expect(requests.map(\.count).reduce(0, +) == 1, "all in one request, and none since")
            let again = try await installation.ask(Report.self, "privacy", "report")
            #expect(again.erased == report.erased && again.accounts == report.accounts)
        }
    }

    @Test("whoever is to be erased is named exactly, holds no seat or is erased by force, and stays erased")
    func erase() async throws {
        try await withConnection { installation, simulator in
            let user = try await somebody(installation)
            let byName = try await installation.client("privacy", "erase", user.displayName)
            #expect(byName.exitCode == 64 && byName.errors.contains(user.accountId), "\(byName.errors)")
            let seated = try await installation.client("privacy", "erase", user.accountId)
            #expect(seated.exitCode == 64 && seated.errors.contains("--force"), "\(seated.errors)")
            #expect(try isStored(user.displayName, installation))
            #expect(try await installation.client("privacy", "erase", "nobody@example.com").exitCode == 1)
            #expect(try await installation.client("privacy", "erase", user.accountId, "--force").exitCode == 0)
            #expect(try !isStored(user.displayName, installation))
            try await installation.sync()
            #expect(try !isStored(user.displayName, installation))
            let status = try await installation.client("privacy", "status")
            #expect(status.exitCode == 0 && status.output.contains("1 account"), "\(status.output)")
        }
    }

    @Test("an export has all that is kept of a person, by name too, as one document or a row a line")
    func export() async throws {
        try await withConnection { installation, _ in
            let user = try await somebody(installation)
            let export = try await installation.ask(Export.self, "privacy", "export", user.displayName)
            let records = Dictionary(grouping: export.rows, by: \.record).mapValues(\.count)
            #expect(records["profile"] == 1 && records["account"] == 1)
            #expect(records["activity"] == user.activity.values.map(\.count).reduce(0, +))
            let lines = try await installation.client("--ndjson", "privacy", "export", user.accountId)
            #expect(lines.output.split(separator: "\n").count == export.rows.count)
            #expect(lines.output.contains(user.displayName))
            #expect(try await installation.client("--csv", "privacy", "export", user.accountId).exitCode == 64)
        }
    }

    @Test("what Atlassian does not take is told, and reported later")
    func outage() async throws {
        try await withConnection { installation, simulator in
            try await simulator.post(
                "/_sim/faults", #"[{"route":"/app/report-accounts","status":403,"body":"{}"}]"#)
            let refused = try await installation.client("privacy", "report")
            #expect(refused.exitCode == 78, "\(refused.errors)")
            #expect(try await installation.ask(Report.self, "privacy", "status").lastError != nil)
            try await simulator.post("/_sim/faults", "[]")
            let report = try await installation.ask(Report.self, "privacy", "report")
            #expect(report.reported > 30 && report.lastError == nil)
        }
    }

    @Test("however much is to be erased, the daemon is ready first")
    func readyFirst() async throws {
        try await withSite { installation, simulator in
            try await installation.withDaemon { _ in
                try await installation.connect(to: simulator)
                try await installation.sync()
                _ = try await installation.ask(Report.self, "privacy", "report")
            }
            try execute("UPDATE accountReport SET dueAt = 1", in: "\(installation.statePath)/usage.db")
            try await installation.withDaemon { daemon in
                while daemon.isRunning, !daemon.errors.contains("were erased") {
                    // A line that never comes is for the time limit to tell.
                    try Task.checkCancellation()
                    await Task.yield()
                }
                let lines = daemon.errors.split(separator: "\n")
                let ready = try #require(lines.firstIndex { $0.contains("Ready") }, "\(lines)")
                let erased = try #require(lines.firstIndex { $0.contains("were erased") }, "\(lines)")
                #expect(ready < erased)
            }
        }
    }

    private func execute(_ sql: String, in path: String) throws {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        try #require(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
        try #require(sqlite3_changes(database) > 0)
    }
}
