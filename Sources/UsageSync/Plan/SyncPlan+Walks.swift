import UsageModel
import UsageStore

// The walks through issues: what changed, and the way back.

extension SyncPlan {
    // MARK: - Catching up

    mutating func beginCatchUp(now: Instant) {
        if let walk = state.walks.first(where: { $0.extent == .changes }) {
            // One that a stop has interrupted goes on, as long as its bound still leaves room.
            if now.duration(since: walk.startedAt) < IssueQuery.relativeLifetime, !walk.isThrough { return }
            previousCatchUp = walk.isThrough && walk.pages > 1 ? walk.startedAt : nil
        }
        let since = previousCatchUp ?? state.completeUntil ?? state.backfill?.startedAt ?? now
        var overlap = IssueQuery.closingOverlap
        if previousCatchUp == nil {
            isTrailing = state.trailedAt.map { now.duration(since: $0) >= Self.trailingInterval } ?? true
            overlap = isTrailing ? Self.trailingOverlap : IssueQuery.overlap
        }
        state.walks.removeAll { $0.extent == .changes }
        state.walks.append(
            Walk(
                number: freshNumber, extent: .changes, startedAt: now,
                jql: query.changed(since: since, overlap: overlap, now: now)))
    }

    mutating func catchUpStep() -> Step? {
        guard let walk = state.walks.first(where: { $0.extent == .changes }), !walk.isThrough else { return nil }
        return pageStep(of: walk)
    }

    private var catchUp: Walk? { state.walks.first { $0.extent == .changes } }

    /// Until when everything is known now that the walk is through. One page is one answer, and nothing can have moved
    /// between its rows; in a longer walk something can, and only the walk before is sure.
    private var catchUpEnd: Instant? {
        catchUp.flatMap { $0.pages <= 1 ? $0.startedAt : previousCatchUp }
    }

    var needsAnotherCatchUp: Bool { catchUpEnd == nil }

    /// What has been read becomes coverage.
    mutating func close(now: Instant) {
        guard let end = catchUpEnd, let walk = catchUp else { return }
        if isTrailing { state.trailedAt = previousCatchUp ?? walk.startedAt }
        state.walks.removeAll { $0.extent == .changes }
        (previousCatchUp, isTrailing) = (nil, false)
        reopenWindows(now: now)
        state.completeUntil = max(state.completeUntil ?? end, end)
        guard var backfill = state.backfill else { return }
        while let index = state.walks.firstIndex(where: { $0.isThrough && $0.begins(at: backfill) }),
            case .window(let lower?, _) = state.walks[index].extent
        {
            backfill.frontier = lower
            state.walks.remove(at: index)
        }
        let since = zone.claim(backfill.frontier)
        state.completeSince = min(state.completeSince ?? since, since)
        state.backfill = backfill
        guard backfill.frontier <= backfill.floor else { return }
        state.reachesBeginning = backfill.reachesSiteStart
        state.backfill = nil
        state.walks = []
    }

    /// Where an issue left a window while its pages were read, and Jira finds pages by number, another took its place and
    /// was not seen. What is there is known by then, so walking again costs little.
    private mutating func reopenWindows(now: Instant) {
        for index in state.walks.indices {
            let walk = state.walks[index]
            guard walk.isThrough, walk.pages > 1, reopened[walk.number, default: 0] < Self.mostRounds,
                case .window(let lower?, let upper?) = walk.extent,
                departed.contains(where: { $0 >= lower && $0 < upper })
            else { continue }
            reopened[walk.number, default: 0] += 1
            state.walks[index] = Walk(number: walk.number, extent: walk.extent, startedAt: now, jql: walk.jql)
        }
        departed = []
    }

    private static let mostRounds = 3

    // MARK: - The way back

    func outsetStep(now: Instant) -> Step? {
        guard underWay.isEmpty, state.backfill == nil else { return nil }
        guard let oldest else { return .findOldest }
        return .countHistory(jql: query.since(floor(oldest: oldest, now: now)))
    }

    /// How far back to go, as a bound.
    private func floor(oldest: Instant?, now: Instant) -> Instant {
        let wanted = configuration.history.map { now - $0 }
        // Where activities are deleted, an old issue may have had some that are gone.
        if configuration.retention != nil, let wanted { return dayBound(wanted) }
        return dayBound(max(wanted ?? Instant(milliseconds: .min), oldest ?? now))
    }

    /// The bound of the day in which `instant` lies: what is read to there can be asked about in whole days.
    private func dayBound(_ instant: Instant) -> Instant {
        zone.bound(claiming: min(instant, zone.day(of: instant).start))
    }

    mutating func beginBackfill(total: Int, now: Instant) {
        guard let oldest else { return }
        let floor = floor(oldest: oldest, now: now)
        let wanted = configuration.history.map { now - $0 }
        state.backfill = SiteState.Backfill(
            startedAt: now, floor: floor, frontier: state.completeSince ?? now, total: total,
            reachesSiteStart: configuration.retention == nil
                && (oldest.map { oldest in wanted.map { oldest >= $0 } ?? true } ?? true))
        // It went from the floor there was before.
        state.olderWorklogsUntil = nil
        state.walks.removeAll { $0.extent != .changes }
        // The windows come by what lies a day back, too.
        state.trailedAt = state.trailedAt ?? now
        self.oldest = nil
    }

    /// How many windows are walked before what they showed is closed.
    private static let windowsPerClosing = 32

    mutating func beginWindows(now: Instant) {
        windowsLeft = Self.windowsPerClosing
        guard let backfill = state.backfill, windows == nil else { return }
        windows = WindowPlan(
            total: backfill.total, span: backfill.startedAt.duration(since: backfill.floor),
            concurrency: configuration.concurrency)
    }

    mutating func windowStep(now: Instant) -> Step? {
        guard let backfill = state.backfill else { return nil }
        let isAnswered = isWindowCovered(now: now) || asksPeople
        if !isAnswered, state.rosterReadAt != nil, !hasAsked {
            hasAsked = true
            return .countQuiet(since: windowStart(now: now))
        }
        if !isAnswered, underWay.contains(where: \.isLocal) { return nil }
        let open = state.walks.filter { $0.extent != .changes && !$0.isThrough }
        for walk in open {
            if let step = pageStep(of: walk) { return step }
        }
        // Those who are to be asked about come before the rest of the window.
        let isReadingOn = !asksPeople || isWindowCovered(now: now) || finished.contains(.proof)
        guard open.count < configuration.concurrency, windowsLeft > 0, isReadingOn else { return nil }
        let upper = lowestBound(of: backfill)
        let start = dayBound(windowStart(now: backfill.startedAt))
        let goal = isAnswered ? backfill.floor : max(backfill.floor, start)
        let (urgent, zone) = (isAnswered ? nil : configuration.threshold, zone)
        guard upper > goal, let lower = windows?.lower(below: upper, goal: goal, urgent: urgent, zone: zone),
            lower < upper
        else { return nil }
        windowsLeft -= 1
        let bound = upper >= backfill.startedAt ? nil : upper
        let walk = Walk(
            number: freshNumber, extent: .window(lower: lower, upper: bound), startedAt: now,
            jql: query.window(lower: lower, upper: bound))
        state.walks.append(walk)
        return pageStep(of: walk)
    }

    private func lowestBound(of backfill: SiteState.Backfill) -> Instant {
        state.walks.reduce(backfill.frontier) { lowest, walk in
            guard case .window(let lower?, _) = walk.extent else { return lowest }
            return min(lowest, lower)
        }
    }

    /// Reading the window or asking about each person who is not settled yet: whichever takes less time.
    mutating func quietCounted(_ quiet: Int, now: Instant) {
        guard let backfill = state.backfill, let windows else { return }
        let upper = lowestBound(of: backfill)
        let goal = max(backfill.floor, windowStart(now: backfill.startedAt))
        let rest = windows.issues(in: max(.zero, upper.duration(since: goal)))
        let (reading, asking) = (price(PlanPrice.issue * rest), price(PlanPrice.probe * Double(quiet)))
        // The newest issues settle the busiest people. Reading goes on for as long as the last part settled more of them
        // than asking would have for its price.
        let part = PlanPrice.issue * min(Double(Self.windowsPerClosing) * WindowPlan.mostIssues, rest)
        let settled = PlanPrice.probe * Double(backfill.unsettled.map { $0 - quiet } ?? quiet)
        state.backfill?.unsettled = quiet
        // What is read now need not be read later, so asking has to be much the quicker.
        state.backfill?.asksPeople = asking * 2 < reading && settled.points < part.points
    }

    private func price(_ price: PlanPrice) -> Duration {
        price.duration(
            concurrency: configuration.concurrency, latency: Self.usualLatency,
            pointsPerHour: configuration.pointsPerHour)
    }

    /// What Jira Cloud needs to answer, about.
    private static let usualLatency = Duration.milliseconds(200)

    // MARK: - Pages

    private func pageStep(of walk: Walk) -> Step? {
        let step = Step.readPage(walk: walk.number, jql: walk.jql, pageToken: walk.pageToken)
        return underWay.contains(step) ? nil : step
    }

    private var freshNumber: Int { (state.walks.map(\.number).max() ?? 0) + 1 }

    mutating func pageRead(_ reading: IssueReading, of number: Int) {
        reads.add(reading)
        guard let index = state.walks.firstIndex(where: { $0.number == number }) else { return }
        state.walks[index].pages += 1
        state.walks[index].issues += reading.rows
        state.walks[index].pageToken = reading.next
        state.walks[index].isThrough = reading.next == nil
        let walk = state.walks[index]
        if walk.extent == .changes { departed += reading.left }
        if walk.isThrough, case .window(let lower?, let upper) = walk.extent {
            windows?.walked(walk.issues, in: (upper ?? walk.startedAt).duration(since: lower))
        }
    }

    mutating func restart(_ number: Int, now: Instant) {
        guard let index = state.walks.firstIndex(where: { $0.number == number }) else { return }
        let walk = state.walks[index]
        state.walks[index] = Walk(number: number, extent: walk.extent, startedAt: now, jql: walk.jql)
    }
}

extension Walk {
    /// Whether it is the window next to what has been read.
    fileprivate func begins(at backfill: SiteState.Backfill) -> Bool {
        guard case .window(_, let upper) = extent else { return false }
        return (upper ?? backfill.startedAt) >= backfill.frontier
    }
}

// MARK: - Worklogs

extension SyncPlan {
    /// The feed leaves out the last minute, and what it tells late would be lost beyond its end.
    private static let worklogOverlap = Duration.seconds(300)

    mutating func worklogStep(now: Instant) -> Step? {
        if stage == .olderWorklogs {
            guard !isOlderUnconfirmed, state.isWorklogFeedShort else { return nil }
            return .readWorklogs(since: state.olderWorklogsUntil ?? state.worklogFloor, knownUntil: nil, isOlder: true)
        }
        guard !hasAsked else { return nil }
        let start =
            state.worklogsReadUntil.map { $0 - Self.worklogOverlap }
            ?? zone.day(of: windowStart(now: state.backfill?.startedAt ?? now)).start
        worklogsAskedAt = now
        return .readWorklogs(since: worklogsStart ?? start, knownUntil: state.worklogsReadUntil, isOlder: false)
    }

    mutating func worklogsRead(since: Instant, until: Instant, isLast: Bool, asked: Int) {
        if state.worklogsReadFrom == nil { state.worklogsReadFrom = since }
        state.worklogsReadUntil = max(state.worklogsReadUntil ?? until, until)
        worklogsStart = until
        hasAsked = isLast
        worklogsAsked += asked
        guard isLast else { return }
        if worklogsAsked > 0 {
            unconfirmedEnd = worklogsAskedAt
        } else {
            state.worklogsCheckedAt = worklogsAskedAt
        }
    }

    mutating func olderWorklogsRead(until: Instant, isLast: Bool) {
        state.olderWorklogsUntil = until
        isOlderUnconfirmed = isLast || until >= state.worklogsReadFrom ?? until
    }

    /// Whether the permission to browse is to be looked at for something to count.
    var hasUnconfirmed: Bool { hasProven || unconfirmedEnd != nil || isOlderUnconfirmed }

    /// What the feed has told becomes coverage.
    mutating func confirmWorklogs() {
        if let end = unconfirmedEnd { state.worklogsCheckedAt = end }
        if isOlderUnconfirmed {
            state.worklogsReadFrom = state.worklogFloor
            state.olderWorklogsUntil = nil
        }
        (unconfirmedEnd, isOlderUnconfirmed) = (nil, false)
    }
}
