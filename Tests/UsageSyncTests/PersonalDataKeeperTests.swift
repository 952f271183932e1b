import JiraCloud
import JiraSimulator
import Logging
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

@Suite("Reporting stored accounts", .timeLimit(.minutes(5)))
struct PersonalDataKeeperTests {
    private static let route = "/app/report-accounts"

    private func with(
        users: Int = 200, _ body: (SimulatedSite, PersonalDataKeeper) async throws -> Void
    ) async throws {
        let start = try #require(Moment(text: "2026-03-01T00:00:00.000Z"))
        let configuration = SimulatorConfiguration(users: users, issues: 20, seed: 5, time: .frozen(at: start))
        try await SimulatedSite.with(configuration) { site in
            await site.pass()
            try await body(site, keeper(site))
        }
    }

    private func keeper(_ site: SimulatedSite, consents: Bool = true) -> PersonalDataKeeper {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let api = PersonalDataAPI(
            transport: site.transport, now: { site.now }, logger: logger,
            accessToken: { await site.access.token(rejected: $0) })
        return PersonalDataKeeper(
            store: site.store,
            retention: { RetentionPolicy(activity: nil, seats: nil, log: .days(400), unreported: .days(90)) },
            clock: ContinuousClock(), now: { site.now }, logger: logger, reporters: { consents ? [api] : [] })
    }

    private func requests(_ site: SimulatedSite) -> Int {
        site.simulator.statistics.requests.filter { $0.route.contains(Self.route) }.reduce(0) { $0 + $1.count }
    }

    @Test("reports of a site read at once are spread over the cycle, at most 90 accounts in a request")
    func spread() async throws {
        try await with(users: 500) { site, keeper in
            var most = 0
            // The last of them looks ahead to the end of the cycle.
            for _ in 0..<167 {
                let before = site.simulator.accountReports.count
                try await keeper.round(isEarly: false)
                most = max(most, site.simulator.accountReports.count - before)
                site.simulator.advanceClock(by: .seconds(3600))
            }
            let reported = site.simulator.accountReports.map(\.accountID)
            let stored = try await site.store.accountReportState(at: site.now)
            #expect(Set(reported).count == stored.accounts + stored.erased && reported.count == Set(reported).count)
            // 3 an hour on average; the first round takes what is due within its lead too.
            #expect(most <= 25, "\(most) in one hour")
        }
        try await with(users: 500) { site, keeper in
            try await keeper.round(isEarly: true)
            let accounts = site.simulator.accountReports.count
            #expect(accounts >= 500)
            #expect(requests(site) == (accounts + 89) / 90)
            try await keeper.round(isEarly: true)
            #expect(site.simulator.accountReports.count == accounts, "nobody twice within half a cycle")
        }
    }

    @Test("where Atlassian refuses a report as a whole, the accounts that it accepts are reported all the same")
    func bisection() async throws {
        try await with { site, keeper in
            site.simulator.setFaults([FaultRule(route: Self.route, times: 3, status: 400)])
            try await keeper.round(isEarly: true)
            let stored = try await site.store.accountReportState(at: site.now)
            #expect(stored.reported == stored.accounts && stored.accounts > 190)
            let counts = try await site.store.privacyCounts(since: Instant(milliseconds: 0))
            #expect(!counts.contains { $0.event == "refused" })
        }
        try await with { site, keeper in
            site.simulator.setFaults([FaultRule(route: Self.route, status: 400)])
            try await keeper.round(isEarly: true)
            let stored = try await site.store.accountReportState(at: site.now)
            #expect(requests(site) < 2 * stored.accounts, "it comes to an end")
            let counts = try await site.store.privacyCounts(since: Instant(milliseconds: 0))
            #expect(counts.first { $0.event == "refused" }?.count == stored.accounts && stored.erased == 0)
        }
    }

    @Test("another cycle holds from the answer on that names it, for what was reported before too")
    func cycle() async throws {
        try await with { site, keeper in
            let first = site.now
            try await keeper.round(isEarly: true)
            site.simulator.advanceClock(by: .seconds(5 * 86_400))
            var rule = FaultRule(route: Self.route, status: 204)
            rule.headers = ["Cycle-Period": "P14D"]
            site.simulator.setFaults([rule])
            try await keeper.round(isEarly: true)
            let state = try await site.store.accountReportState(at: site.now)
            #expect(state.cycle == .days(14) && state.nextDueAt == first + .days(14))
            #expect(
                requests(site) == (state.accounts + state.erased + 89) / 90 + 1, "then nobody else was due any more")
        }
    }

    @Test("without a consent nothing is lost, what is overdue is said, and names go after the time that is set")
    func unreported() async throws {
        try await with { site, _ in
            let silent = keeper(site, consents: false)
            await #expect(throws: SyncFailure.self) { try await silent.round(isEarly: true) }
            site.simulator.advanceClock(by: .seconds(90 * 86_400))
            await #expect(throws: SyncFailure.self) { try await silent.round(isEarly: false) }
            let people = UserFilter(site: site.sync.site.key)
            func named() async throws -> Int {
                try await site.store.summaries(matching: people, order: .name(after: nil), asOf: nil, limit: 1000)
                    .count { $0.displayName != nil }
            }
            let kept = try await named()
            #expect(kept > 190, "all that is overdue for less than 90 days")
            let state = try await site.store.accountReportState(at: site.now)
            #expect(state.overdue == state.accounts)
            site.simulator.advanceClock(by: .seconds(8 * 86_400))
            await #expect(throws: SyncFailure.self) { try await silent.round(isEarly: false) }
            let left = try await named()
            #expect(left == 0)
            let everybody = try await site.store.summaries(
                matching: people, order: .name(after: nil), asOf: nil, limit: 1000)
            #expect(everybody.count > 190, "a list still has everybody")

            try await keeper(site).round(isEarly: false)
            await site.pass()
            let again = try await named()
            #expect(again > 190, "what is read again has its name again")
        }
    }

    @Test("rounds are made by themselves, and at once for who asks; the asker hears what went wrong")
    func asking() async throws {
        try await with { site, keeper in
            await withTaskGroup { group in
                group.addTask { await keeper.run() }
                #expect(await keeper.outcome() == nil)
                site.simulator.setFaults([FaultRule(route: Self.route, status: 403)])
                site.simulator.advanceClock(by: .seconds(10 * 86_400))
                let failure = await keeper.outcome()
                #expect(failure?.kind == .forbidden)
                #expect(keeper.lastFailure == failure)
                group.cancelAll()
            }
            let counts = try await site.store.privacyCounts(since: Instant(milliseconds: 0))
            #expect(counts.first { $0.event == "failures" }?.count == 1)
        }
    }
}
