import JiraSimulator
import Synchronization
import Testing
import UsageModel
import UsageStore
import UsageSync

@Suite("The sync of a site", .timeLimit(.minutes(10)))
struct SiteSyncTests {
    @Test("after the first pass everybody is as the oracle says", arguments: [1, 2, 3] as [UInt64])
    func firstPass(seed: UInt64) async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 60, issues: 500, seed: seed)) { site in
            await site.pass()
            try await site.expectOracle()
            let state = try await site.store.siteState(of: site.sync.site.key)
            #expect(state.reachesBeginning)
            #expect(state.backfill == nil)
        }
    }

    @Test("changes are found by a pass that asks in proportion to them", arguments: [4, 5] as [UInt64])
    func changes(seed: UInt64) async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 60, issues: 500, seed: seed)) { site in
            await site.pass()
            _ = try site.simulator.perform(count: 100, seed: seed)
            site.simulator.advanceClock(by: .seconds(120))
            let before = site.simulator.statistics.total
            await site.pass()
            try await site.expectOracle()
            let asked = site.simulator.statistics.total - before
            #expect(asked <= 20, "\(asked) requests for 100 changes")
            let quiet = site.simulator.statistics.total
            await site.pass()
            #expect(site.simulator.statistics.total - quiet <= 8)
        }
    }

    @Test(
        "a worklog is read of which no history says whose it is, be it edited so lately that the feed leaves it out",
        arguments: 1...3 as ClosedRange<UInt64>, [0, 60])
    func namelessHistories(seed: UInt64, edits: Int) async throws {
        var configuration = SimulatorConfiguration(users: 30, issues: 1000, seed: seed)
        configuration.namelessHistories = 0.7
        try await SimulatedSite.with(configuration) { site in
            let edited = try site.simulator.perform(count: edits, seed: seed, deed: .worklogEdited)
            await site.pass()
            let isInFeed = edited.last.map { site.simulator.now > $0.at.advanced(bySeconds: 60) } ?? false
            #expect(!isInFeed, "The pass took so long that this tested nothing.")
            try await site.expectOracle()
        }
    }

    @Test("a clock of ours that is put back or forward hides nothing", arguments: [-7200, -2400, 7200])
    func clockPutRight(seconds: Int) async throws {
        let error = Mutex(Duration.zero)
        try await SimulatedSite.with(
            SimulatorConfiguration(users: 40, issues: 300, seed: 12), clockError: { error.withLock { $0 } }
        ) { site in
            await site.pass()
            _ = try site.simulator.perform(count: 20, seed: 1)
            error.withLock { $0 = .seconds(seconds) }
            await site.pass()
            try await site.expectOracle()
            let until = try #require(try await site.store.siteState(of: site.sync.site.key).completeUntil)
            #expect(until.milliseconds <= site.simulator.now.milliseconds)
        }
    }

    @Test("a history that is not collected is not judged")
    func limitedHistory() async throws {
        try await SimulatedSite.with(
            SimulatorConfiguration(users: 60, issues: 500, seed: 6), history: .days(200)
        ) { site in
            await site.pass()
            let state = try await site.store.siteState(of: site.sync.site.key)
            #expect(!state.reachesBeginning)
            let until = try #require(state.completeUntil)
            #expect(state.coverage.gap(from: until - .days(199), to: until) == nil)
            // What is read begins with a day, wherever that begins.
            #expect(state.coverage.gap(from: until - .days(202), to: until) == .beforeHistory)

            let people = try #require(site.simulator.oracle()).users.filter { $0.accountType == "atlassian" }
            var verdicts: [VerdictState: Int] = [:]
            for person in people {
                let found = try await site.store.find(person.accountID, on: nil)
                let record = try #require(try await site.store.records(of: found.map(\.key), asOf: nil).first)
                let verdict = Verdict(
                    lastActivity: record.last?.at, thresholdDays: 90, asOf: until, coverage: state.coverage,
                    demand: record.demand)
                #expect(verdict.state.rawValue == person.verdict.rawValue, "\(person.accountID)")
                verdicts[verdict.state, default: 0] += 1
            }
            #expect(verdicts.count == 3, "\(verdicts)")
        }
    }

    @Test(
        "a missing permission is kept as the reason why absence means nothing",
        arguments: ["USER_PICKER", "BROWSE_PROJECTS"])
    func missingPermission(key: String) async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 30, issues: 100, seed: 7)) { site in
            var rule = FaultRule()
            rule.withhold = key
            site.simulator.setFaults([rule])
            await site.pass()
            let blind = try await site.store.siteState(of: site.sync.site.key)
            #expect(blind.missingPermissions == [key])
            #expect(blind.coverage.gap(from: nil, to: Instant(milliseconds: 0)) != nil)
            site.simulator.setFaults([])
            await site.pass()
            try await site.expectOracle()
        }
    }

    @Test("errors that pass do not harm the result", arguments: [8, 9] as [UInt64])
    func faults(seed: UInt64) async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 40, issues: 300, seed: seed)) { site in
            var cut = FaultRule(route: "/search/jql", skip: 1, times: 1)
            cut.cutAfterBytes = 2000
            site.simulator.setFaults([
                FaultRule(route: "/changelog/bulkfetch", times: 1, status: 502), cut,
                FaultRule(route: "/user", skip: 5, times: 1, status: 503),
            ])
            await site.pass()
            try await site.expectOracle()
        }
    }

    @Test("spent points end the pass, which goes on in the next hour where it stopped")
    func budget() async throws {
        // Within one hour, whenever this runs.
        let noon = Moment(milliseconds: 1_781_006_400_000)
        try await SimulatedSite.with(
            SimulatorConfiguration(users: 40, issues: 600, seed: 10, time: .frozen(at: noon)), pointsPerHour: 500
        ) { site in
            var failures = 0
            var before = site.simulator.statistics.points
            while let failure = await site.sync.outcome() {
                #expect(failure.kind == .rateLimited && failure.isQuota, "\(failure.message)")
                // A program started now begins with what is spent.
                let now = Instant(milliseconds: site.simulator.now.milliseconds)
                let budget = PointsBudget(perHour: 500, spent: try await site.store.spentPoints())
                let spent = site.simulator.statistics.points - before
                #expect(budget.used(now: now) >= spent, "\(spent) were")
                before += spent
                site.simulator.advanceClock(by: .seconds(3600))
                failures += 1
                try #require(failures < 20)
            }
            #expect(failures > 1)
            try await site.expectOracle()
        }
    }

    @Test(
        "what was read after the permission went is read again, whenever it went, and nobody is proven idle meanwhile",
        arguments: Array(4...24))
    func permissionGoesMeanwhile(request: Int) async throws {
        try await SimulatedSite.with(SimulatorConfiguration(users: 25, issues: 150, seed: 11)) { site in
            let simulator = site.simulator
            let asked = Mutex(0)
            site.access.setBeforeRequest {
                let isNow = asked.withLock { asked in
                    asked += 1
                    return asked == request
                }
                guard isNow else { return }
                var rule = FaultRule()
                rule.withhold = "BROWSE_PROJECTS"
                simulator.setFaults([rule])
            }
            await site.pass()
            let blind = try await site.store.siteState(of: site.sync.site.key)
            let oracle = try #require(simulator.oracle())
            for user in oracle.users {
                let found = try await site.store.find(user.accountID, on: nil)
                guard let record = try await site.store.records(of: found.map(\.key), asOf: nil).first else { continue }
                let verdict = Verdict(
                    lastActivity: record.last?.at, thresholdDays: 90,
                    asOf: blind.completeUntil ?? site.sync.site.connectedAt,
                    coverage: blind.coverage, demand: record.demand)
                let isIdle = verdict.state == .inactive || verdict.state == .neverActive
                #expect(!isIdle || user.verdict != .active, "request \(request): \(user.accountID)")
            }
            site.access.setBeforeRequest(nil)
            simulator.setFaults([])
            await site.pass()
            try await site.expectOracle()
        }
    }
}
