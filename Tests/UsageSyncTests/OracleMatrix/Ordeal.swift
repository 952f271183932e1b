import JiraSimulator
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

/// One site that is synced while a scenario goes on, everything in it drawn from a seed, and all that was wrong.
///
/// With an even seed one thing is asked at a time, and the same seed gives the same run; with an odd one eight.
struct Ordeal: Sendable {
    static let thresholds = [30, 90, 200]
    /// The sync proves the silence of those who were quiet for 14 days; who is shall be quiet for longer.
    private static let quiet = Duration.days(20)

    let scenario: Scenario
    let seed: UInt64
    let site: SimulatedSite
    var draw: SplitMix64
    private(set) var wrong: [String] = []

    /// Goes through it all; returns what was wrong.
    static func run(_ scenario: Scenario, seed: UInt64) async throws -> [String] {
        // Values that a closure changes must not be shared; the list goes out through the site's end.
        let findings = Findings()
        try await SimulatedSite.with(
            scenario.configuration(seed: seed), pointsPerHour: scenario.pointsPerHour,
            concurrency: seed.isMultiple(of: 2) ? 1 : 8, faults: scenario.faults
        ) { site in
            var ordeal = Ordeal(scenario: scenario, seed: seed, site: site, draw: SplitMix64(seed: ~seed))
            try await ordeal.run()
            findings.add(ordeal.wrong)
        }
        return findings.all
    }

    private init(scenario: Scenario, seed: UInt64, site: SimulatedSite, draw: SplitMix64) {
        (self.scenario, self.seed, self.site, self.draw) = (scenario, seed, site, draw)
    }

    private mutating func run() async throws {
        switch scenario {
        case .clean: try await goThroughQuietDays()
        case .shortIndexLag, .longIndexLag: try await goThroughLag()
        case .unbumpedComments: try await goThroughUnbumpedComments()
        case .movingRows, .movingNumberedRows: try await goThroughMovingRows()
        case .zones: try await goThroughClockChange()
        case .brokenAnswers: try await goThroughBrokenAnswers()
        case .tokenExpiry: try await goThroughExpiry()
        case .lostProjects: try await goThroughLoss(of: "BROWSE_PROJECTS")
        case .lostPeople: try await goThroughLoss(of: "USER_PICKER")
        case .scarcePoints, .scarcePointsAndNamelessHistories: try await goThroughScarcity(loses: false)
        case .scarcePointsAndLostProjects: try await goThroughScarcity(loses: true)
        }
    }

    // MARK: - What happens on the site

    /// Some of the holders of seats do something, and so does somebody who was quiet.
    mutating func act(_ count: Int) throws {
        try perform(count: count)
        if let account = try quietPeople().randomElement(using: &draw) { try perform(by: account) }
    }

    /// Nothing of it lies before anything that was read.
    @discardableResult
    mutating func perform(
        count: Int = 1, _ deed: Deed? = nil, by account: String? = nil, on issue: String? = nil,
        bumpsUpdated: Bool? = nil
    ) throws -> [PerformedActivity] {
        try site.simulator.performNow(
            count: count, seed: draw.next(), deed, by: account, on: issue, bumpsUpdated: bumpsUpdated)
    }

    mutating func pause(_ range: ClosedRange<Int>) {
        site.simulator.advanceClock(by: .seconds(Int.random(in: range, using: &draw)))
    }

    /// Holders of seats who did nothing for weeks, or never.
    func quietPeople() throws -> [String] {
        let oracle = try #require(site.simulator.oracle())
        let since = Instant(milliseconds: oracle.asOf.milliseconds) - Self.quiet
        return oracle.users.filter { user in
            user.seat && user.lastActivity.map { $0.at.milliseconds < since.milliseconds } ?? true
        }.map(\.accountID)
    }

    // MARK: - Passes and what must hold after them

    /// A pass that must reach its end.
    mutating func pass() async throws {
        let failure = await site.sync.outcome()
        if let failure { wrong.append("a pass ended early: \(failure.message)") }
        try await expectNobodyMisjudged()
    }

    /// A pass that may end early, and only for one of these reasons.
    ///
    /// - Returns: whether it reached its end.
    @discardableResult
    mutating func troubledPass(mayFail kinds: Set<SyncFailure.Kind>) async throws -> Bool {
        let failure = await site.sync.outcome()
        if let failure {
            if !kinds.contains(failure.kind) { wrong.append("a pass ended early: \(failure.message)") }
            if let retryAt = failure.retryAt {
                let now = Instant(milliseconds: site.simulator.now.milliseconds)
                site.simulator.advanceClock(by: max(.zero, retryAt.duration(since: now)))
            }
        }
        try await expectNobodyMisjudged()
        return failure == nil
    }

    mutating func expectNobodyMisjudged() async throws {
        wrong += try await Judgement.misjudged(on: site, slack: scenario.slack)
    }

    /// Everything must be as the oracle has it.
    mutating func expectOracle() async throws {
        wrong += try await site.differences()
        try await expectVerdicts()
    }

    mutating func expectVerdicts() async throws {
        wrong += try await Judgement.differences(on: site)
    }

    mutating func expect(_ holds: Bool, _ sentence: String) {
        if !holds { wrong.append(sentence) }
    }
}

extension JiraSimulator {
    /// As `perform`, which puts several things into the milliseconds up to now, but in milliseconds that begin now.
    @discardableResult
    func performNow(
        count: Int = 1, seed: UInt64, _ deed: Deed? = nil, by account: String? = nil, on issue: String? = nil,
        bumpsUpdated: Bool? = nil
    ) throws -> [PerformedActivity] {
        advanceClock(by: .milliseconds(5 * count + 5))
        return try perform(
            count: count, seed: seed, deed: deed, accountID: account, issue: issue, bumpsUpdated: bumpsUpdated)
    }
}
