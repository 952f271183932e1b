import TestSupport
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

/// A small Jira and a small store, held in memory, that answer the steps of a plan: with one rule each, and none of the
/// code that the plan is made of.
struct PlanWorld {
    struct Touch: Hashable {
        let account: AccountID
        let at: Instant
    }

    struct Issue {
        let id: IssueID
        var updated: Instant
        /// What its changelog tells.
        var touches: [Touch] = []
        /// What only its further comments tell.
        var comments: [Touch] = []
        /// What Jira's search knows of, and no reading shows.
        var hidden: [Touch] = []
    }

    // MARK: Jira

    var now: Instant
    /// For how long an answer is waited for.
    var tick = Duration.zero
    var zone = "Europe/Berlin"
    /// Whether Jira tells the zone.
    var tellsZone = true
    var issues: [Issue] = []
    var people: [AccountID] = []
    var missing: [String] = []
    var rosterIsRefused = false
    var accessIsRefused = false
    var pageSize = 10
    /// Whether a page token is the number of the next row; otherwise it names the last row.
    var pagesByNumber = false
    /// So many page tokens are refused before one is taken.
    var refusesTokens = 0
    /// How many people one query may name.
    var mostPeople = 100
    /// Whether `updatedBy` finds nothing, and says so without an error.
    var isDeaf = false
    /// How many worklogs of each page of the feed are not known.
    var worklogs = 0
    /// Something happens before the step of that number is answered.
    var events: [(atStep: Int, body: (inout PlanWorld) -> Void)] = []

    // MARK: The store

    var configuration: SyncConfiguration
    var state = SiteState()
    var known: [IssueID: Instant] = [:]
    var pending: [IssueID: (updated: Instant, reads: PendingReads)] = [:]
    var lasts: [AccountID: Instant] = [:]
    var listed: Set<AccountID> = []
    var proofs: [AccountID: Proof] = [:]
    /// Who did something before what is proven.
    var earlier: Set<AccountID> = []
    var accessRead: [AccountID: Instant] = [:]

    // MARK: What happened

    private(set) var asked: [Step] = []
    private(set) var underWay: [Step] = []
    /// Answers after which the state claimed more than before.
    private(set) var claims: [(step: Step, state: SiteState)] = []
    /// Every window that was walked through, newest first.
    private(set) var windows: [(lower: Instant, upper: Instant?)] = []
    private var generator = SplitMix64(seed: 0)
    private var answersLeft = 30_000

    init(now: Instant, history: Duration? = nil, concurrency: Int = 4, pointsPerHour: Int = .max, seed: UInt64 = 0) {
        self.now = now
        generator = SplitMix64(seed: seed)
        configuration = SyncConfiguration(
            interval: .seconds(900), history: history, concurrency: concurrency, pointsPerHour: pointsPerHour)
        state.reconciledAt = now + .days(3650)
    }

    // MARK: - The pass

    func plan(isRequested: Bool = false) -> SyncPlan {
        let left = pending.map { (IssueVersion(id: $0.key, updated: $0.value.updated), $0.value.reads) }
        return SyncPlan(
            state: state, configuration: configuration, isRequested: isRequested,
            pending: left.sorted { $0.0.updated > $1.0.updated })
    }

    /// Answers one step; `false` where nothing is left to do.
    mutating func advance(_ plan: inout SyncPlan) -> Bool {
        while underWay.count < configuration.concurrency, let step = plan.next(now: now) {
            if underWay.contains(step) { Testing.Issue.record("\(step) is under way twice") }
            underWay.append(step)
            asked.append(step)
        }
        guard !underWay.isEmpty else {
            state = plan.state
            return false
        }
        answersLeft -= 1
        guard answersLeft > 0 else {
            Testing.Issue.record("the plan does not end: \(asked.suffix(6))")
            return false
        }
        for event in events where event.atStep == asked.count { event.body(&self) }
        events.removeAll { $0.atStep <= asked.count }
        let step = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &generator))
        let before = plan.state
        let answer = answer(step)
        keep(plan.take(answer, of: step, now: now))
        state = plan.state
        if before.completeSince != state.completeSince || before.completeUntil != state.completeUntil {
            claims.append((step, state))
        }
        noteWindows()
        now = now + tick
        return true
    }

    private mutating func noteWindows() {
        for walk in state.walks where walk.isThrough {
            guard case .window(let lower?, let upper) = walk.extent, !windows.contains(where: { $0.lower == lower })
            else { continue }
            windows.append((lower, upper))
        }
    }

    /// One pass to its end.
    @discardableResult
    mutating func pass(isRequested: Bool = false) -> SyncPlan {
        var plan = plan(isRequested: isRequested)
        while advance(&plan) {}
        return plan
    }

    /// A stop: what is under way is never answered.
    mutating func forgetUnderWay() -> Int {
        defer { underWay = [] }
        return underWay.count
    }

    mutating func forgetAsked() {
        asked = []
        claims = []
        windows = []
    }

    /// What was asked of Jira.
    var requests: [Step] { asked.filter { !$0.isLocal } }

    private mutating func keep(_ writes: [SiteWrite]) {
        for write in writes {
            switch write {
            case .proof(let proof, let account): proofs[account] = proof
            case .earlierActivity(let account): earlier.insert(account)
            default: break
            }
        }
    }

    // MARK: - What is true

    /// Of everybody, the last thing they did that reading can show.
    var truth: [AccountID: Instant] {
        var lasts: [AccountID: Instant] = [:]
        for touch in issues.flatMap({ $0.touches + $0.comments }) {
            lasts[touch.account] = max(lasts[touch.account] ?? touch.at, touch.at)
        }
        return lasts
    }
}
