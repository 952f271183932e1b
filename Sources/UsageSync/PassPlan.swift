import UsageModel
import UsageStore

/// What one pass over a site does next: a value that is told what came and says what to ask for.
///
/// People come first, since they say which seats exist; then what changed since the last pass; then, where the history
/// has not been read yet, the way back through it, newest first, so that the answer for the last 90 days is exact long
/// before the whole history is there. What has been read counts as covered only once a catch-up from the start of the
/// walk has closed it, because an issue that changes during a walk jumps out of its way.
struct PassPlan: Sendable {
    enum Action: Hashable, Sendable {
        case readClock
        case readPermissions
        /// The whole directory, page by page.
        case readRoster
        /// Roles and groups of those for whom they were never read, and of some whose reading has grown old.
        case readAccess
        /// The next pages of a walk.
        case readIssues(query: String, pageToken: String?)
        /// Whether any issue lies before the floor of the walk that has just ended.
        case probeOlder(query: String)
        case readWorklogs(since: Instant?)
        case finish
    }

    /// Batches of a back-fill after which its progress is closed by a catch-up and so becomes coverage.
    static let batchesPerClosing = 10
    /// How often the directory is read again.
    static let rosterLifetime = Duration.seconds(3600)
    /// Jira's index has been seen to show a change hours late, so now and then a catch-up looks back further.
    static let trailingInterval = Duration.seconds(6 * 3600)
    static let trailingOverlap = Duration.days(1)

    private enum Stage: Hashable {
        case clock, firstPermissions, roster, access
        case catchUp(CatchUp)
        case permissions(CatchUp)
        case backfill(batches: Int)
        case probe
        case worklogs
        case done
    }

    private struct CatchUp: Hashable {
        let startedAt: Instant
        let query: String
        var pageToken: String?
        var pages = 0
        /// When the walk before this one began, which this one closes.
        var previousStart: Instant?
        /// Whether it looks back over the long overlap.
        var isTrailing = false

        /// Until when everything is known once this walk is through. One page is one answer, and nothing can have moved
        /// between its rows; in a longer walk something can, and only the walk before is sure.
        var end: Instant? { pages <= 1 ? startedAt : previousStart }
    }

    private(set) var state: SiteState
    private var stage = Stage.clock
    /// How far back activity is wanted; `nil` for everything.
    private let history: Duration?
    private let isRosterForced: Bool
    /// A back-fill's end has been reached in this pass and waits for its closing.
    private var isBackfillRead = false
    /// Whether that end is the site's beginning; counts with the closing.
    private var isBeginningRead = false
    /// The directory was refused in this pass, whatever the permissions say.
    private var isRosterRefused = false

    init(state: SiteState, history: Duration?, readsRoster isRosterForced: Bool) {
        self.state = state
        self.history = history
        self.isRosterForced = isRosterForced
    }

    /// What to do now.
    func action(now: Instant) -> Action {
        switch stage {
        case .clock: .readClock
        case .firstPermissions, .permissions: .readPermissions
        case .roster: .readRoster
        case .access: .readAccess
        case .catchUp(let walk): .readIssues(query: walk.query, pageToken: walk.pageToken)
        case .backfill:
            .readIssues(query: state.backfill?.query ?? "", pageToken: state.backfill?.pageToken)
        case .probe: .probeOlder(query: IssueQuery.older(than: state.backfill?.floor ?? now))
        case .worklogs: .readWorklogs(since: state.worklogsReadUntil ?? history.map { now - $0 })
        case .done: .finish
        }
    }

    // MARK: - What came

    /// The site's clock was read; `offset` is what it is ahead of ours.
    mutating func clockRead(offset: Duration, now: Instant) {
        state.clockOffset = offset
        let isSurveyDue =
            isRosterForced || !state.missingPermissions.isEmpty
            || state.rosterReadAt.map { now.duration(since: $0) >= Self.rosterLifetime } ?? true
        let isFirst = state.rosterReadAt == nil || !state.missingPermissions.isEmpty
        stage = isSurveyDue ? (isFirst ? .firstPermissions : .roster) : .access
    }

    /// The permissions that are missing, by key. Without them what comes is less than what is there, silently.
    mutating func permissionsRead(missing: [String], now: Instant) {
        state.missingPermissions = missing
        if isRosterRefused, !missing.contains("USER_PICKER") { state.missingPermissions.append("USER_PICKER") }
        switch stage {
        case .permissions(let walk) where !state.missingPermissions.contains("BROWSE_PROJECTS"):
            close(walk, now: now)
        case .permissions:
            stage = .done
        default:
            stage = state.missingPermissions.contains("USER_PICKER") ? afterPeople(now: now) : .roster
        }
    }

    mutating func rosterRead(startedAt: Instant) {
        state.rosterReadAt = startedAt
        stage = .access
    }

    /// The directory was refused: which permission is missing has to be asked.
    mutating func rosterRefused() {
        state.rosterReadAt = nil
        isRosterRefused = true
        stage = .firstPermissions
    }

    mutating func accessRead(now: Instant) {
        stage = afterPeople(now: now)
    }

    /// Some pages of the present walk came, all of them with what people did. `oldest` is the `updated` of the last
    /// issue, `next` the token of the next page.
    mutating func issuesRead(pages: Int, oldest: Instant?, next: String?, now: Instant) {
        switch stage {
        case .catchUp(var walk):
            walk.pages += pages
            walk.pageToken = next
            stage = next == nil ? afterCatchUp(walk, now: now) : .catchUp(walk)
        case .backfill(let batches):
            if let oldest { state.backfill?.frontier = oldest }
            state.backfill?.pageToken = next
            if next == nil {
                isBackfillRead = true
                stage = state.backfill?.floor == nil ? startOfCatchUp(now: now) : .probe
            } else {
                stage =
                    batches + 1 < Self.batchesPerClosing
                    ? .backfill(batches: batches + 1) : startOfCatchUp(now: now)
            }
        default: break
        }
    }

    /// Jira no longer takes the page token (it lives for 7 days): the walk begins anew where it stands.
    mutating func pageTokenRefused(now: Instant) {
        switch stage {
        case .catchUp: stage = startOfCatchUp(now: now)
        case .backfill: stage = startOfBackfill(isNew: false, now: now)
        default: break
        }
    }

    /// Whether there is any issue before the floor of the walk back.
    mutating func olderProbed(exist: Bool, now: Instant) {
        isBeginningRead = !exist
        stage = startOfCatchUp(now: now)
    }

    mutating func worklogsRead(until: Instant, isLast: Bool) {
        state.worklogsReadUntil = until
        if isLast { stage = .done }
    }

    mutating func finished(now: Instant) {
        state.lastCompletedAt = now
    }

    // MARK: - What follows

    private mutating func afterPeople(now: Instant) -> Stage {
        guard !state.missingPermissions.contains("BROWSE_PROJECTS") else { return .done }
        if state.completeUntil != nil || state.backfill != nil { return startOfCatchUp(now: now) }
        return startOfBackfill(isNew: true, now: now)
    }

    private func startOfCatchUp(now: Instant) -> Stage {
        let since = state.completeUntil ?? state.backfill?.startedAt ?? now
        let isTrailing = state.trailedAt.map { now.duration(since: $0) >= Self.trailingInterval } ?? true
        let overlap = isTrailing ? Self.trailingOverlap : IssueQuery.overlap
        var walk = CatchUp(startedAt: now, query: IssueQuery.changed(since: since, overlap: overlap, now: now))
        walk.isTrailing = isTrailing
        return .catchUp(walk)
    }

    private func afterCatchUp(_ walk: CatchUp, now: Instant) -> Stage {
        guard walk.end == nil else { return .permissions(walk) }
        let query = IssueQuery.changed(since: walk.startedAt, overlap: IssueQuery.overlap, now: now)
        var next = CatchUp(startedAt: now, query: query)
        next.previousStart = walk.startedAt
        next.isTrailing = walk.isTrailing
        return .catchUp(next)
    }

    /// What has been read up to the end of `walk` is whole: it becomes coverage.
    private mutating func close(_ walk: CatchUp, now: Instant) {
        let end = walk.end ?? walk.startedAt
        state.completeUntil = max(state.completeUntil ?? end, end)
        if walk.isTrailing { state.trailedAt = walk.startedAt }
        if let backfill = state.backfill {
            state.completeSince = backfill.frontier
            if isBackfillRead {
                state.completeSince = min(backfill.floor ?? backfill.frontier, backfill.frontier)
                state.reachesBeginning = isBeginningRead || backfill.floor == nil
                state.backfill = nil
                isBackfillRead = false
            }
        }
        stage = state.backfill != nil ? .backfill(batches: 0) : afterHistory(now: now)
        if case .backfill = stage, state.backfill?.pageToken == nil {
            stage = startOfBackfill(isNew: false, now: now)
        }
    }

    /// The history that is kept reaches far enough, or a way further back begins.
    private mutating func afterHistory(now: Instant) -> Stage {
        guard let since = state.completeSince, !state.reachesBeginning else { return .worklogs }
        if let history, since <= now - history { return .worklogs }
        return startOfBackfill(isNew: true, now: now)
    }

    private mutating func startOfBackfill(isNew: Bool, now: Instant) -> Stage {
        if isNew {
            state.backfill = SiteState.Backfill(
                startedAt: now, floor: history.map { now - $0 }, frontier: state.completeSince ?? now)
        }
        guard let backfill = state.backfill else { return .worklogs }
        let frontier = backfill.frontier < backfill.startedAt ? backfill.frontier : nil
        state.backfill?.query = IssueQuery.back(to: backfill.floor, from: frontier, now: now)
        state.backfill?.pageToken = nil
        return .backfill(batches: 0)
    }
}
