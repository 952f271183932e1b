import UsageModel
import UsageStore

/// What a pass over a site does next: a value that says what to ask, is told what came, and says what to write.
///
/// People come first, since they say whom the question is about; then what has changed since the last pass; then the way
/// back, newest first, to the beginning of the window that decides about seats; then, of those who did nothing in it, the
/// proof; then roles and groups, theirs first. That is the answer. The older history comes after it.
///
/// What is read counts as covered only once a catch-up from before the reading has closed it, because an issue that
/// changes meanwhile jumps out of its way. Each stage begins when nothing of the one before is under way any more.
struct SyncPlan: Sendable {
    enum Stage: Hashable, Sendable {
        /// Before anything has been decided.
        case start
        case facts, permissions, roster
        case catchUp, closing
        case outset, windows
        case worklogs, settle, proof, confirming, access, grants, olderWorklogs, allTime
        case reconcile
        case done
    }

    /// How often clock and profile zone are read again.
    static let factsLifetime = Duration.seconds(6 * 3600)
    /// Jira's index has been seen to show a change hours late, so now and then a catch-up looks back further
    /// (<https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/>).
    static let trailingInterval = Duration.seconds(6 * 3600)
    static let trailingOverlap = Duration.days(1)
    /// Who has been away for so long is proven to be, unless the window is shorter: nobody asks about less.
    static let shortestQuiet = Duration.days(14)
    /// A proof is renewed before it is too old for a verdict.
    static let proofRenewal = Duration.days(7)
    /// Who would be due so soon is proven with whoever is due: on a large site there is else somebody in every pass.
    static let proofLead = Duration.seconds(6 * 3600)
    static let disagreementRetry = Duration.days(1)
    static let grantsLifetime = Duration.days(1)
    /// By so much two readings of the site's clock may differ because an answer took longer.
    static let clockJitter = Duration.seconds(60)

    let configuration: SyncConfiguration
    /// Somebody asked for this pass.
    let isRequested: Bool
    /// Our clock may have been set since the site's was read.
    private let isClockDue: Bool
    var state: SiteState
    private(set) var stage = Stage.start
    /// Stages that need not be gone through again in this pass.
    var finished: Set<Stage> = []
    private(set) var underWay: Set<Step> = []
    var reads: ReadQueue
    /// Whether the one request of a stage that has one only has been given out.
    var hasAsked = false

    // MARK: Of single stages

    var isPeopleRefused = false
    var rosterPagesLeft = 0
    var isRosterRead = false
    var accounts: [AccountID] = []
    var lists: [(list: AccountList, position: Int64)] = []
    var isGrantsDue = false
    var roles: [String]?
    /// When the catch-up before the present one began, which this one closes.
    var previousCatchUp: Instant?
    var isTrailing = false
    /// The `updated` of issues under which they will not be found any more.
    var departed: [Instant] = []
    var reopened: [Int: Int] = [:]
    var windows: WindowPlan?
    var windowsLeft = 0
    var oldest: Instant??
    var settle: SettlePlan?
    var proof: ProofPlan?
    private var isSilenceTrusted = false
    var worklogsStart: Instant?
    var worklogsAskedAt: Instant?
    var worklogsAsked = 0
    /// What the feed told counts once a look at the permission has confirmed it, for worklogs that may not be seen are
    /// left out without an error.
    var unconfirmedEnd: Instant?
    var isOlderUnconfirmed = false
    var reconcile: ReconcilePlan?

    /// Whether there are proofs which no look at the permission has confirmed.
    var hasProven = false

    // MARK: For the report

    private(set) var issuesWalked = 0
    private(set) var peopleAsked = 0
    private(set) var peopleRead = 0

    init(
        state: SiteState, configuration: SyncConfiguration, isRequested: Bool, isClockDue: Bool = false,
        pending: [(IssueVersion, PendingReads)] = []
    ) {
        self.state = state
        self.configuration = configuration
        self.isRequested = isRequested
        self.isClockDue = isClockDue
        reads = ReadQueue(pending, mostIssues: min(ReadQueue.mostIssues, configuration.largestAnswer))
    }

    var zone: ProfileZone { ProfileZone(identifier: state.profileZone) }
    var query: IssueQuery { IssueQuery(zone: zone) }
    var isFinished: Bool { stage == .done && underWay.isEmpty }
    /// Whether the window that matters is answered by asking about each person, for that is quicker than to read it.
    var asksPeople: Bool { state.backfill?.asksPeople ?? false }
    var isIdle: Bool { underWay.isEmpty && reads.isEmpty }

    // MARK: - What to do

    /// The next step, which from now on is under way; `nil` where there is none before one that is under way has ended.
    mutating func next(now: Instant) -> Step? {
        while stage != .done {
            if let step = nextOfStage(now: now) {
                underWay.insert(step)
                return step
            }
            guard isIdle else { return nil }
            leave(now: now)
            stage = stageToCome(now: now)
            enter(now: now)
        }
        return nil
    }

    private mutating func nextOfStage(now: Instant) -> Step? {
        if let step = reads.next(flushing: false) { return step }
        if !reads.isFull, let step = ownStep(now: now) { return step }
        // A page that is on its way may bring what fills the batch.
        return underWay.contains(where: \.bringsIssues) ? nil : reads.next(flushing: true)
    }

    private mutating func ownStep(now: Instant) -> Step? {
        switch stage {
        case .facts: once(.readFacts)
        case .permissions, .closing: once(.readPermissions)
        case .confirming: hasUnconfirmed ? once(.readPermissions) : nil
        case .roster: rosterStep()
        case .catchUp: catchUpStep()
        case .outset: outsetStep(now: now)
        case .windows: windowStep(now: now)
        case .worklogs, .olderWorklogs: underWay.isEmpty ? worklogStep(now: now) : nil
        case .settle: settle?.next()
        case .proof, .allTime: proofStep(now: now)
        case .access: accessStep()
        case .grants: grantsStep()
        case .reconcile: reconcile?.next().map { .reconcile($0) }
        case .start, .done: nil
        }
    }

    private mutating func proofStep(now: Instant) -> Step? {
        let isIdle = isIdle
        return proof?.next(isIdle: isIdle, now: now)
    }

    private mutating func once(_ step: Step) -> Step? {
        guard !hasAsked else { return nil }
        hasAsked = true
        return step
    }

    // MARK: - The order of things

    private func stageToCome(now: Instant) -> Stage {
        if isClockDue || isFactsDue(now: now), !finished.contains(.facts) { return .facts }
        if needsPermissions, !finished.contains(.permissions) { return .permissions }
        if !isPeopleRefused, !lacks("USER_PICKER"), !finished.contains(.roster) { return .roster }
        if lacks("BROWSE_PROJECTS") { return .done }
        // Before anything has been read there is nothing to close.
        if state.completeUntil != nil || asksPeople || state.walks.contains(where: \.isThrough) {
            if !finished.contains(.catchUp) { return .catchUp }
            if !finished.contains(.closing) { return .closing }
        }
        if state.backfill == nil, isHistoryShort(now: now) { return .outset }
        if state.backfill != nil, !isWindowCovered(now: now), !asksPeople { return .windows }
        for stage in [Stage.worklogs, .settle, .proof, .confirming, .access, .grants] where !finished.contains(stage) {
            if isPeopleRefused || lacks("USER_PICKER"), [.access, .grants].contains(stage) { continue }
            return stage
        }
        if state.backfill != nil { return .windows }
        if state.isWorklogFeedShort, !finished.contains(.olderWorklogs) { return .olderWorklogs }
        // What had been left open while worklogs were missing may be clear now.
        if !finished.contains(.proof) { return .proof }
        if !state.reachesBeginning, !finished.contains(.allTime) { return .allTime }
        if !finished.contains(.confirming) { return .confirming }
        return isReconcileDue(now: now) && !finished.contains(.reconcile) ? .reconcile : .done
    }

    private mutating func enter(now: Instant) {
        hasAsked = false
        switch stage {
        case .roster: beginRoster(now: now)
        case .catchUp: beginCatchUp(now: now)
        case .windows: beginWindows(now: now)
        case .worklogs: (worklogsStart, worklogsAsked) = (nil, 0)
        case .settle:
            if asksPeople {
                settle = SettlePlan(query: candidates(now: now), since: windowStart(now: now), zone: zone)
            }
        case .proof, .allTime:
            let query = candidates(now: now, for: stage == .allTime ? .allTime : .recent)
            let ahead = query.purpose == .recent ? query.ahead(by: Self.proofLead) : nil
            proof = ProofPlan(query: query, ahead: ahead, zone: zone, isTrusted: isSilenceTrusted)
        case .access: beginAccess(now: now)
        case .reconcile: beginReconcile(now: now)
        case .done where lacks("BROWSE_PROJECTS"): break
        case .done: state.lastCompletedAt = now
        case .grants:
            isGrantsDue = state.grantsReadAt.map { now.duration(since: $0) >= Self.grantsLifetime } ?? true
        case .start, .facts, .permissions, .closing, .confirming, .outset, .olderWorklogs: break
        }
    }

    private mutating func leave(now: Instant) {
        finished.insert(stage)
        switch stage {
        case .windows:
            // What has been read meanwhile is to be closed.
            finished.subtract([.catchUp, .closing, .windows, .worklogs])
        case .catchUp where needsAnotherCatchUp: finished.remove(.catchUp)
        case .worklogs where unconfirmedEnd != nil: finished.remove(.confirming)
        case .settle: settle = nil
        case .proof, .allTime:
            isSilenceTrusted = proof?.isTrusted ?? isSilenceTrusted
            proof = nil
            if stage == .allTime { finished.remove(.confirming) }
        case .grants where isGrantsDue && !isPeopleRefused: state.grantsReadAt = now
        case .olderWorklogs: finished.subtract([.proof, .confirming])
        case .reconcile: endReconcile()
        default: break
        }
    }

    // MARK: - What came

    /// Takes what came of a step, which is no longer under way; the state that comes with it is to be written with the
    /// data and with what this returns.
    mutating func take(_ answer: Answer, of step: Step, now: Instant) -> [SiteWrite] {
        underWay.remove(step)
        count(answer, of: step)
        let writes = told(answer, of: step, now: now)
        if writes.contains(where: \.isProof) { hasProven = true }
        return writes
    }

    private mutating func told(_ answer: Answer, of step: Step, now: Instant) -> [SiteWrite] {
        switch (step, answer) {
        case (.readFacts, .facts(let offset, let zone)):
            let now = now + (offset.map { $0 - state.clockOffset } ?? .zero)
            if let offset { state.clockOffset = offset }
            factsRead(zone: zone, now: now)
            return takeBack(after: now)
        case (.readPermissions, .permissions(let missing)): return permissionsRead(missing: missing, now: now)
        case (.readRoster, .roster(let rows, let limit)): return rosterRead(rows: rows, limit: limit, of: step)
        case (_, .peopleRefused): refusePeople()
        case (.listAccounts(let list, _), .accounts(let some, let end)): listed(some, end: end, of: list)
        case (.listRoles, .roles(let keys)): roles = keys
        case (.findOldest, .oldest(let instant)): oldest = .some(instant)
        case (.countHistory, .count(let count)): beginBackfill(total: count, now: now)
        case (.readPage(let number, _, _), .page(let reading)): pageRead(reading, of: number)
        case (.readPage(let number, _, _), .pageTokenRefused): restart(number, now: now)
        case (.readHistories(let issues), .histories(let count)): reads.told(count, of: issues.count)
        case (.readWorklogs(let since, _, isOlder: false), .worklogs(let until, let isLast, let asked)):
            worklogsRead(since: since, until: until, isLast: isLast, asked: asked)
        case (.readWorklogs, .worklogs(let until, let isLast, _)): olderWorklogsRead(until: until, isLast: isLast)
        case (.countQuiet, .count(let count)): quietCounted(count, now: now)
        case (.listCandidates, .candidates(let some, let end)):
            settle?.listed(some, end: end)
            proof?.listed(some, end: end)
        case (.countTouched(let group), .count(let count)):
            return proof?.counted(count, of: group, now: now) ?? []
        case (.countTouched(let group), .tooManyPeople): proof?.refused(group)
        case (.findWitness, .witness(let account)): return proof?.witnessFound(account, now: now) ?? []
        case (.seek(let probe, _), .page(let reading)):
            reads.add(reading)
            return settle?.found(reading.rows, for: probe, now: now)
                ?? proof?.found(reading.rows, for: probe, now: now) ?? []
        case (.reconcile(let step), .reconciled(let answer)): return reconciled(answer, of: step, now: now)
        case (.review, .reviewed(let candidates)): return proof?.reviewed(candidates, now: now) ?? []
        default: break
        }
        return []
    }

    private mutating func count(_ answer: Answer, of step: Step) {
        switch (step, answer) {
        case (.readPage, .page(let reading)) where stage == .windows: issuesWalked += reading.rows
        case (.countTouched(let group), _): peopleAsked += group.count
        case (.seek, _): peopleAsked += 1
        case (.readAccess, _): peopleRead += 1
        default: break
        }
    }

    /// A step came to nothing. It is asked for again in the next pass.
    mutating func drop(_ step: Step) {
        underWay.remove(step)
    }
}

extension SiteWrite {
    fileprivate var isProof: Bool { if case .proof = self { true } else { false } }
}

extension Step {
    fileprivate var bringsIssues: Bool {
        switch self {
        case .readPage, .seek, .reconcile: true
        default: false
        }
    }
}

// MARK: - What is known of the state

extension SyncPlan {
    func lacks(_ permission: String) -> Bool { state.missingPermissions.contains(permission) }

    private func isFactsDue(now: Instant) -> Bool {
        state.factsReadAt.map { now.duration(since: $0) >= Self.factsLifetime } ?? true
    }

    /// Asked before anything else where it is not known, or was not as it should be.
    private var needsPermissions: Bool {
        state.rosterReadAt == nil || !state.missingPermissions.isEmpty || isPeopleRefused
    }

    /// The beginning of the window that decides about seats.
    func windowStart(now: Instant) -> Instant { now - configuration.threshold }

    func isWindowCovered(now: Instant) -> Bool {
        guard let since = state.completeSince else { return false }
        if state.reachesBeginning { return true }
        let goal = windowStart(now: state.backfill?.startedAt ?? now)
        return since <= max(goal, state.backfill.map { zone.claim($0.floor) } ?? goal)
    }

    private func isHistoryShort(now: Instant) -> Bool {
        guard let since = state.completeSince else { return true }
        if state.reachesBeginning { return false }
        // The floor moves on with time, and what lies between is there already.
        return configuration.history.map { since > now - $0 } ?? true
    }

    private func candidates(now: Instant, for purpose: CandidateQuery.Purpose = .recent) -> CandidateQuery {
        let start = windowStart(now: now)
        let isCovered = isWindowCovered(now: now)
        let quiet = isCovered ? now - min(configuration.threshold, Self.shortestQuiet) : start
        // A record that reaches further is proven as far as it reaches.
        // One look at the permission confirms the feed and the proof.
        var confirmed = self
        confirmed.confirmWorklogs()
        let coverage = confirmed.state.coverage
        let reach = coverage.reachesBeginning ? nil : min(start, coverage.completeSince ?? start)
        let isLast = finished.contains(.olderWorklogs)
        return CandidateQuery(
            purpose: purpose, quietSince: quiet, reach: reach, renewBefore: now - Self.proofRenewal,
            retryBefore: isLast ? now : now - Self.disagreementRetry)
    }
}

// MARK: - Facts and permissions

extension SyncPlan {
    private mutating func factsRead(zone: String?, now: Instant) {
        if let old = state.profileZone, old != zone { restartWindows() }
        state.profileZone = zone
        state.factsReadAt = now
    }

    /// Where a clock was set while it was read, something may be stored as known for a time that is still to come. It is
    /// known for no longer than now, and what was read and proven then is read and proven again.
    private mutating func takeBack(after now: Instant) -> [SiteWrite] {
        guard state.claimsMore(than: now + Self.clockJitter) else { return [] }
        state.limit(to: now)
        return [.distrusted(since: now)]
    }

    /// Bounds mean other instants in another zone.
    private mutating func restartWindows() {
        state.walks = []
    }

    mutating func permissionsRead(missing: [String], now: Instant) -> [SiteWrite] {
        state.missingPermissions = missing
        if isPeopleRefused, !lacks("USER_PICKER") { state.missingPermissions.append("USER_PICKER") }
        guard lacks("BROWSE_PROJECTS") else {
            state.confirmedAt = now
            hasProven = false
            confirmWorklogs()
            if stage == .closing { close(now: now) }
            return []
        }
        // While it is missing Jira answers with less and no error. Nobody knows since when it has been: what was read
        // since it was last seen does not count, and is read again.
        let since = state.confirmedAt ?? Instant(milliseconds: .min)
        state.walks = []
        if let backfill = state.backfill, backfill.startedAt >= since { state.backfill = nil }
        state.worklogsReadFrom = nil
        state.worklogsReadUntil = nil
        state.worklogsCheckedAt = nil
        state.olderWorklogsUntil = nil
        (unconfirmedEnd, isOlderUnconfirmed) = (nil, false)
        reads = ReadQueue()
        return [.distrusted(since: since)]
    }
}
