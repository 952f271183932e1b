import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("On a generated site, the daemon's answers are the simulator's")
struct GeneratedSiteTests {
    @Test("after connecting and one pass over a small site", .timeLimit(.minutes(5)))
    func smallSite() async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "50", "--issues", "300", "--seed", "7"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    let before = try await installation.client("users")
                    #expect(before.exitCode == 78)
                    #expect(before.output == "")
                    #expect(before.errors.contains("jirausagectl auth "))
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await expectOracle(of: simulator, from: installation)
                    let status = try await installation.status()
                    #expect(status.health == "ok")
                    #expect(status.problems.map(\.kind) == [])
                    let site = try #require(status.sites.first)
                    #expect(site.auth.state == "valid")
                    #expect(site.coverage.holes.isEmpty)
                    // What connecting itself costs is booked nowhere, and an hour may have begun meanwhile.
                    let spent = try await simulator.statistics().points
                    #expect((1...spent).contains(site.sync.points.used))
                    #expect(site.sync.points.limit == 65_000)
                    #expect(site.sync.waitingFor == nil && site.sync.concurrency == 8)
                }
            }
        }
    }

    @Test(
        "after a whole pass over 500 users and 5,000 issues, and again after 200 more activities, for few requests",
        .timeLimit(.minutes(15)))
    func largerSite() async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "500", "--issues", "5000", "--seed", "1"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await expectOracle(of: simulator, from: installation)
                    let whole = try await simulator.statistics()
                    print("500 users, 5,000 issues, whole: \(whole.total) requests, \(whole.points) points")

                    try await installation.sync()
                    let idle = try await simulator.statistics()
                    try await simulator.post("/_sim/activity", #"{"count":200,"seed":5}"#)
                    try await installation.sync()
                    let changed = try await simulator.statistics()
                    try await expectOracle(of: simulator, from: installation)

                    // A pass costs something by itself; what 200 changes add is far from one request each.
                    let price = changed.total - idle.total - (idle.total - whole.total)
                    print(
                        "a pass without changes: \(idle.total - whole.total) requests; with 200 changes: \(price) more")
                    for (route, count) in changed.requests(since: idle) { print("  \(count)  \(route)") }
                    #expect(price <= 40)
                }
            }
        }
    }

    /// Every user's facts and verdict, and the seats of every role.
    private func expectOracle(of simulator: Simulator, from installation: Installation) async throws {
        let status = try await installation.status()
        let asOf = try #require(status.sites.first?.coverage.completeUntil)
        let oracle = try await simulator.oracle(asOf: asOf)
        let users = try await installation.users(asOf: asOf)

        #expect(Set(users.keys) == Set(oracle.users.map(\.accountId)))
        #expect(status.sites.first?.counts.issues == oracle.counts.issues)
        let different = oracle.users.filter { users[$0.accountId] != $0 }
        let examples = different.prefix(3).map { user in
            "expected \(user)\n     got \(users[user.accountId].map { "\($0)" } ?? "nobody")"
        }
        #expect(different.isEmpty, "\(different.count) users differ:\n\(examples.joined(separator: "\n"))")

        let licences = try await installation.licences(asOf: asOf)
        #expect(licences.thresholdDays == 90)
        #expect(!oracle.roles.isEmpty)
        #expect(
            Dictionary(uniqueKeysWithValues: licences.roles.map { ($0.key, $0.known) })
                == Dictionary(uniqueKeysWithValues: oracle.roles.map { ($0.key, $0.known) }))
    }
}
