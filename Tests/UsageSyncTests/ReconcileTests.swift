import JiraSimulator
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("The reconcile of a site", .timeLimit(.minutes(3)))
struct ReconcileTests {
    @Test("an issue that Jira's index showed later than any catch-up looks is found")
    func lateIssue() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 21)) { site in
            await site.pass()
            let known = try await site.store.counts(of: site.sync.site.key).issues
            var lag = FaultRule()
            lag.indexLagSeconds = 4 * 86_400
            site.simulator.setFaults([lag])
            _ = try site.simulator.perform(count: 3, seed: 1, deed: .created)
            for _ in 1...3 {
                site.simulator.advanceClock(by: .seconds(86_400))
                await site.pass()
            }
            site.simulator.setFaults([])
            await site.pass()
            #expect(try await site.store.counts(of: site.sync.site.key).issues == known)
            site.simulator.advanceClock(by: .seconds(5 * 86_400))
            await site.pass()
            try await site.expectOracle()
        }
    }

    @Test("a deleted issue is known as missed, and what it told of people stays")
    func deleted() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 22)) { site in
            await site.pass()
            let counts = try await site.store.counts(of: site.sync.site.key)
            let standings = try await site.standings()
            #expect(standings.contains { $0.verdict == .inactive })
            try site.simulator.delete(try await site.someIssues(3))
            try await site.makeReconcileDue()
            await site.pass()
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 3)
            let after = try await site.store.counts(of: site.sync.site.key)
            #expect(after.issues == counts.issues - 3)
            #expect(after.activities == counts.activities)
            #expect(try await site.standings() == standings)
            // What the census showed is not asked for again.
            let state = try await site.store.siteState(of: site.sync.site.key)
            let reconciledAt = try #require(state.reconciledAt)
            #expect(try await site.someIssues(1000, unshownSince: reconciledAt).isEmpty)
        }
    }

    @Test("an issue that moved without a trace in updated is not missed and gets its new key")
    func moved() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 23)) { site in
            await site.pass()
            let counts = try await site.store.counts(of: site.sync.site.key)
            let issue = try #require(try await site.someIssues(1).first)
            let key = try site.simulator.move(issue)
            try await site.makeReconcileDue()
            await site.pass()
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 0)
            #expect(try await site.store.counts(of: site.sync.site.key) == counts)
            let id = IssueID(rawValue: issue)
            #expect(try await site.store.issues([id], on: site.sync.site.key)[id]?.key == key)
        }
    }

    @Test("issues of a project that Jira does not list are missed, and so is the project")
    func hidden() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 24)) { site in
            await site.pass()
            let old = IssueVersion(id: IssueID(rawValue: 990_001), updated: Instant(milliseconds: 1_600_000_000_000))
            let project = ProjectRow(id: 990_000, key: "GONE", name: "Gone", isArchived: false)
            try await site.keep([
                .issues([IssueRow(version: old, key: "GONE-1", pending: [])]),
                .projects([project], readAt: old.updated),
            ])
            try await site.makeReconcileDue()
            await site.pass()
            let invisible = try await site.store.invisible(on: site.sync.site.key)
            #expect(invisible.issues == 1)
            #expect(invisible.projects.map(\.key) == ["GONE"])
            try await site.expectOracle()
        }
    }

    @Test("a site on which nothing differs is asked for its projects and one count of each, and no more that week")
    func price() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 25)) { site in
            await site.pass()
            let projects = try await site.store.storedProjects(
                updatedFrom: Instant(milliseconds: 0), on: site.sync.site.key
            ).checks.count
            #expect(projects > 1)
            let quiet = try await site.requests { await site.pass() }
            #expect(site.simulator.statistics.count(routeSuffix: "/project/search") == 1)
            try await site.makeReconcileDue()
            #expect(try await site.requests { await site.pass() } == quiet + 1 + projects)
            #expect(try await site.requests { await site.pass() } == quiet)
        }
    }

    @Test("seven days later it is done again, and not before")
    func weekly() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 26)) { site in
            await site.pass()
            site.simulator.advanceClock(by: .seconds(7 * 86_400 - 3600))
            await site.pass()
            #expect(site.simulator.statistics.count(routeSuffix: "/project/search") == 1)
            site.simulator.advanceClock(by: .seconds(3600))
            await site.pass()
            #expect(site.simulator.statistics.count(routeSuffix: "/project/search") == 2)
        }
    }

    @Test("an issue that Jira has and its index does not show is not missed")
    func lateIndex() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 28)) { site in
            _ = try site.simulator.perform(count: 2, seed: 1, deed: .created)
            await site.pass()
            site.simulator.advanceClock(by: .seconds(2 * 3600))
            var lag = FaultRule()
            lag.indexLagSeconds = 3 * 3600
            site.simulator.setFaults([lag])
            try await site.makeReconcileDue()
            let asked = site.simulator.statistics.count(routeSuffix: "/issue/bulkfetch")
            await site.pass()
            #expect(site.simulator.statistics.count(routeSuffix: "/issue/bulkfetch") > asked)
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 0)
            try await site.expectOracle()
        }
    }

    @Test("issues that went with the permission to browse are not missed, and the next pass looks again")
    func permissionLost() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 29)) { site in
            await site.pass()
            try site.simulator.delete(try await site.someIssues(3))
            try await site.makeReconcileDue()
            let lastRound = try await site.store.siteState(of: site.sync.site.key).reconciledAt
            // The catch-up is closed by an answer that it is held.
            var rule = FaultRule(route: "/mypermissions", skip: 1, times: 1, status: 200)
            rule.body = #"{"permissions": {"BROWSE_PROJECTS": {"havePermission": false}}}"#
            site.simulator.setFaults([rule])
            await site.pass()
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 0)
            #expect(try await site.store.siteState(of: site.sync.site.key).reconciledAt == lastRound)
            await site.pass()
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 3)
        }
    }

    @Test("a census that a stop cuts short goes on in the next pass")
    func cutShort() async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: 30)) { site in
            await site.pass()
            try site.simulator.delete(try await site.someIssues(3))
            try await site.makeReconcileDue()
            site.simulator.setFaults([FaultRule(route: "/issue/bulkfetch", status: 403)])
            #expect(await site.sync.outcome() != nil)
            site.simulator.setFaults([])
            // After a pass that ended early the clock is read again.
            let quiet = 7
            // Counts and census are there already: the list, the three by their ids, the permission.
            #expect(try await site.requests { await site.pass() } <= quiet + 3)
            #expect(try await site.store.invisible(on: site.sync.site.key).issues == 3)
        }
    }
}
