import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("The programs in examples/ do what they say", .timeLimit(.minutes(5)))
struct ExampleProgramTests {
    private static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../examples/\(name)")
            .standardizedFileURL.path
    }

    /// A site with all verdicts in it, and what the socket says of its users otherwise.
    private struct Site {
        let installation: Installation
        let simulator: Simulator
        /// By account id, at the instant up to which the answer is complete.
        let users: [String: User]
        let licences: LicenceSummary

        var unused: [User] {
            users.values.filter { $0.seat && ["inactive", "neverActive"].contains($0.verdict) }
        }

        func run(_ name: String, _ arguments: String..., input: String? = nil) async throws -> Outcome {
            let child = try start(name, arguments)
            if let input { child.send(line: input) }
            let output = await child.restOfOutput()
            return Outcome(exitCode: await child.exitCode(), output: output, errors: child.errors)
        }

        func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
            let programs = URL(filePath: Program.client).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            return try ChildProcess(
                ExampleProgramTests.path(name), arguments,
                environment: ["JIRA_USAGED_SOCKET": installation.socketPath, "PATH": "\(programs):\(path)"],
                directory: installation.directory)
        }
    }

    private static func withSite(_ body: (Site) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "60", "--issues", "300", "--seed", "7"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let asOf = try #require(try await installation.status().sites.first?.coverage.completeUntil)
                    let site = Site(
                        installation: installation, simulator: simulator,
                        users: try await installation.users(asOf: asOf),
                        licences: try await installation.licences(asOf: asOf))
                    try #require(site.unused.count > 2)
                    try await body(site)
                }
            }
        }
    }

    @Test("seats-to-reclaim, in a shell, lists the seats that are unused and no other")
    func seatsToReclaim() async throws {
        try await Self.withSite { site in
            let outcome = try await site.run("seats-to-reclaim")
            try #require(outcome.exitCode == 0, "\(outcome.errors)")
            let rows = outcome.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            #expect(Set(rows.map { $0[1] }) == Set(site.unused.map(\.accountId)))
            #expect(rows.count == site.unused.count)
            #expect(
                rows.map { $0[0] } == site.unused.map { $0.lastActivity?.at ?? "never" }.sorted(by: Self.oldestFirst))

            let role = try #require(site.unused.first?.applicationRoles.first?.key)
            let ofRole = site.unused.filter { $0.applicationRoles.contains { $0.key == role } }
            let some = try await site.run("seats-to-reclaim", "-r", role)
            #expect(some.output.split(separator: "\n").count == ofRole.count)

            let wrong = try await site.run("seats-to-reclaim", "-d", "0")
            #expect(wrong.exitCode == 1 && wrong.output.isEmpty && wrong.errors.contains("thresholdDays"))
        }
    }

    private static func oldestFirst(_ first: String, _ second: String) -> Bool {
        first == "never" ? second != "never" : second != "never" && first < second
    }

    @Test("jira_usage.py, in Python, streams the unused seats, and asks for many people at once")
    func python() async throws {
        try await Self.withSite { site in
            let reclaim = try await site.run("jira_usage.py", "reclaim")
            #expect(reclaim.exitCode == 0, "\(reclaim.errors)")
            let listed = reclaim.output.split(whereSeparator: \.isNewline).dropFirst()
            #expect(Set(listed.map { $0.prefix { $0 != "," } }) == Set(site.unused.map { $0.accountId[...] }))

            // More than may be in flight at once, and one whom nobody knows.
            let people = site.users.values.filter { $0.accountType == "atlassian" }.sorted {
                $0.accountId < $1.accountId
            }
            let file = site.installation.directory + "/people"
            let names = people.map(\.accountId) + ["nobody@example.com"]
            try (names.joined(separator: "\n") + "\n").write(toFile: file, atomically: false, encoding: .utf8)
            let leavers = try await site.run("jira_usage.py", "leavers", file)
            #expect(leavers.exitCode == 0, "\(leavers.errors)")
            let rows = leavers.output.split(whereSeparator: \.isNewline).dropFirst().map(String.init)
            #expect(rows.count == names.count && people.count > 16)
            #expect(rows.last == "nobody@example.com,,,notFound,,")
            for (row, user) in zip(rows, people) {
                #expect(row.hasPrefix("\(user.accountId),\(user.accountId),"))
                #expect(row.contains(user.seat ? ",yes," : ",no,"), "\(row)")
                #expect(row.hasSuffix(",\(user.lastActivity?.at ?? "")"), "\(row)")
            }
        }
    }

    @Test("jira_usage.py follow tells a verdict that changes, having read only who has changed")
    func follow() async throws {
        struct Line: Decodable {
            let users: Int?
            let read: Int?
            let accountId: String?
            let was: String?
            let `is`: String?
        }
        try await Self.withSite { site in
            let child = try site.start("jira_usage.py", ["follow"])
            func next() async throws -> Line {
                try JSONDecoder().decode(Line.self, from: Data(await child.nextLine().utf8))
            }
            #expect(try await next().users == site.users.count)
            let idle = try #require(
                site.unused.filter { $0.verdict == "inactive" }.min { $0.accountId < $1.accountId })
            try await site.simulator.post("/_sim/activity", #"{"count":1,"accountId":"\#(idle.accountId)"}"#)
            try await site.installation.sync()
            var change: Line?
            var read = 0
            while change == nil {
                let line = try await next()
                read += line.read ?? 0
                if line.accountId == idle.accountId { change = line }
            }
            #expect(change?.was == "inactive" && change?.is == "active")
            #expect(read < site.users.count, "it read \(read)")
            child.signal(SIGINT)
            #expect(await child.exitCode() == 130)
        }
    }

    @Test("licence-cost, with jq, adds up what the summary says, and names those who use nothing")
    func licenceCost() async throws {
        try await Self.withSite { site in
            let roles = site.licences.roles.sorted { $0.key < $1.key }
            let outcome = try await site.run("licence-cost", "\(roles[0].key)=7.75", "\(roles[1].key)=20")
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let rows = outcome.output.split(whereSeparator: \.isNewline).map(String.init)
            #expect(rows.first == #""role","name","seats","unused","price","cost","unusedCost","whose""#)
            #expect(rows.count == 3)
            for (row, (role, price)) in zip(rows.dropFirst(), zip(roles, [7.75, 20.0])) {
                let fields = row.split(separator: ",", maxSplits: 7).map(String.init)
                let unused = role.inactive + role.neverActive
                #expect(fields[0] == "\"\(role.key)\"")
                #expect(fields[2...3] == ["\(role.seats)", "\(unused)"])
                #expect(Double(fields[5]) == Double(role.seats) * price)
                #expect(Double(fields[6]) == Double(unused) * price)
                let named = fields[7].split(separator: ";").count
                #expect(named == (unused == 0 ? 1 : unused))
            }
            let unknown = try await site.run("licence-cost", "no-such-role=1")
            #expect(unknown.exitCode == 65 && unknown.output.isEmpty && unknown.errors.contains("no-such-role"))
        }
    }

    @Test(
        "each has a usage, refuses a wrong command line, and says so where there is no daemon",
        arguments: [
            ["seats-to-reclaim"], ["licence-cost", "jira-software=1"], ["jira_usage.py", "reclaim"],
        ])
    func mistakes(words: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let programs = URL(filePath: Program.client).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            func run(_ arguments: [String]) async throws -> Outcome {
                try await runToEnd(
                    Self.path(words[0]), arguments,
                    environment: ["JIRA_USAGED_SOCKET": directory + "/none", "PATH": "\(programs):\(path)"],
                    directory: directory)
            }
            let help = try await run(["-h"])
            #expect(help.exitCode == 0 && help.output.contains("JIRA_USAGED_SOCKET"))
            let wrong = try await run(["--wrong"])
            #expect(wrong.exitCode == 64 && wrong.output.isEmpty && wrong.errors.contains("usage"))
            let alone = try await run(Array(words.dropFirst()))
            #expect(alone.exitCode == 69 && alone.output.isEmpty, "\(alone.exitCode) \(alone.errors)")
        }
    }
}
