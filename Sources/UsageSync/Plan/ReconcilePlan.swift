import UsageModel
import UsageStore

/// Compares the issues that are known with those that Jira shows: how many each project has, and where that differs
/// their ids.
///
/// What Jira shows and is not known is read. What is known and not shown is asked for by its id, for a search index may
/// be behind; only what is not shown then either is missed, and all that it told stays. An issue in another project
/// than before answers to its id and gets its new key.
///
/// What has been compared is written down, so after a stop no project is walked through twice in one round.
struct ReconcilePlan: Sendable {
    /// Of which issues everything is known.
    enum Extent: Hashable, Sendable {
        case all
        /// Those with an `updated` at or after this bound.
        case since(Instant)

        var start: Instant {
            switch self {
            case .all: Instant(milliseconds: 0)
            case .since(let bound): bound
            }
        }
    }

    /// Page tokens are good for seven days.
    private static let censusLifetime = Duration.days(6)
    /// Jira gives no more ids at once.
    private static let mostIDs = 5000

    let startedAt: Instant
    private let extent: Extent
    private let knownUntil: Instant
    private let round: Instant
    private let query: IssueQuery
    private let largestAnswer: Int

    private var hasBegun = false
    private var isListed = false
    private var isRefused = false
    private var stored = StoredProjects()
    /// Those that Jira no longer lists, until it is clear that the list can be trusted.
    private var unlisted: [Int64] = []
    private var toCount: [ProjectRow] = []
    /// They are counted in one before any is counted alone, for they were read just now.
    private var areNew = false
    /// Jira shows more of them than are known; `counts` has how many.
    private var toExplain: [ProjectRow] = []
    private var counts: [Int64: Int] = [:]
    private var toWalk: [(project: ProjectRow, census: ProjectCheck.Census)] = []
    private var toSettle: [(query: UnshownQuery, after: IssueID)] = []
    /// By their keys.
    private var walked: [String: ProjectRow] = [:]
    private var comparing = 0
    private var settling = 0

    /// - Parameters:
    ///   - knownUntil: what has changed since may not be known yet.
    ///   - round: projects that were compared at this instant or later are done.
    ///   - largestAnswer: how many objects an answer may hold.
    init(
        extent: Extent, knownUntil: Instant, round: Instant, query: IssueQuery, largestAnswer: Int, now: Instant
    ) {
        startedAt = now
        self.extent = extent
        self.knownUntil = knownUntil
        self.round = round
        self.query = query
        self.largestAnswer = largestAnswer
    }

    var isThrough: Bool {
        isListed && !isRefused && comparing == 0 && settling == 0 && unlisted.isEmpty && toCount.isEmpty
            && toExplain.isEmpty && toWalk.isEmpty && toSettle.isEmpty
    }

    // MARK: - What to do

    mutating func next() -> ReconcileStep? {
        guard !isRefused else { return nil }
        guard hasBegun else {
            hasBegun = true
            return compare(.readProjects(updatedFrom: extent.start))
        }
        if !unlisted.isEmpty { return comparing == 0 ? compare(.confirm) : nil }
        if areNew {
            guard comparing == 0 else { return nil }
            return compare(.countAll(jql: query.issues(of: extent)))
        }
        if let project = toCount.popLast() {
            return compare(.count(project, jql: query.issues(of: project.key, extent)))
        }
        if let project = toExplain.popLast() {
            let jql = query.issues(of: project.key, changedSince: knownUntil)
            return compare(.recent(project, jql: jql, limit: idLimit))
        }
        if let (project, census) = toWalk.popLast() {
            let jql = query.census(of: project.key, extent)
            return compare(.census(project, census, jql: jql, limit: idLimit))
        }
        // An issue that one project no longer shows may be shown by another.
        guard comparing == 0, let (query, position) = toSettle.popLast() else { return nil }
        settling += 1
        return .settle(query, after: position, limit: min(ReadQueue.mostIssues, largestAnswer))
    }

    private var idLimit: Int { min(Self.mostIDs, largestAnswer) }

    private mutating func compare(_ step: ReconcileStep) -> ReconcileStep {
        comparing += 1
        return step
    }

    // MARK: - What came

    mutating func take(_ answer: ReconcileAnswer, of step: ReconcileStep) -> [SiteWrite] {
        if case .settle = step { settling -= 1 } else { comparing -= 1 }
        switch (step, answer) {
        case (.readProjects, .projects(let projects, let stored)): return listed(projects, stored)
        case (_, .permission(isHeld: false)): isRefused = true
        case (.confirm, .permission(isHeld: true)):
            defer { unlisted = [] }
            return [.projectsMissed(unlisted, at: startedAt)]
        case (.countAll, .count(let count)):
            areNew = false
            guard count == toCount.reduce(0, { $0 + known(of: $1) }) else { break }
            defer { toCount = [] }
            return toCount.map(agreed)
        case (.count(let project, _), .count(let count)): return counted(count, of: project)
        case (.recent(let project, _, _), .recent(let unknown, let isWhole)):
            let isExplained = isWhole && known(of: project) + unknown == counts[project.id]
            if isExplained { return [agreed(project)] }
            return walk(project)
        case (.census(let project, var census, _, _), .census(_, let next)):
            census.pageToken = next
            census.isThrough = next == nil
            goOn(with: project, census)
            return [.projectChecked(check(of: project, census))]
        case (.census(let project, _, _, _), .pageTokenRefused): return walk(project)
        case (.settle(let query, _, _), .settled(_, let end)):
            if let end {
                toSettle.append((query, end))
            } else if let project = walked[query.project] {
                return [agreed(project)]
            }
        default: break
        }
        return []
    }

    private mutating func listed(_ projects: [ProjectRow], _ stored: StoredProjects) -> [SiteWrite] {
        isListed = true
        self.stored = stored
        unlisted = stored.visible.subtracting(projects.map(\.id)).sorted()
        for project in projects where !project.isArchived {
            let check = stored.checks[project.id]
            if let checkedAt = check?.checkedAt, checkedAt >= round { continue }
            if let census = check?.census, census.startedAt >= round,
                startedAt.duration(since: census.startedAt) < Self.censusLifetime
            {
                goOn(with: project, census)
            } else {
                toCount.append(project)
            }
        }
        areNew = toCount.count > 1 && toCount.allSatisfy { stored.checks[$0.id]?.checkedAt == nil } && toWalk.isEmpty
        let keys = Set(projects.map(\.key))
        for key in stored.issues.keys.sorted() where !keys.contains(key) {
            toSettle.append((unshown(in: key, since: startedAt), IssueID(rawValue: 0)))
        }
        return [.projects(projects, readAt: startedAt)]
    }

    private mutating func counted(_ count: Int, of project: ProjectRow) -> [SiteWrite] {
        let known = known(of: project)
        guard count != known else { return [agreed(project)] }
        guard count > known else { return walk(project) }
        counts[project.id] = count
        toExplain.append(project)
        return []
    }

    private mutating func walk(_ project: ProjectRow) -> [SiteWrite] {
        let census = ProjectCheck.Census(startedAt: startedAt)
        goOn(with: project, census)
        return [.projectChecked(check(of: project, census))]
    }

    private mutating func goOn(with project: ProjectRow, _ census: ProjectCheck.Census) {
        guard census.isThrough else {
            toWalk.append((project, census))
            return
        }
        walked[project.key] = project
        toSettle.append((unshown(in: project.key, since: census.startedAt), IssueID(rawValue: 0)))
    }

    /// What changed shortly before, or since, may have got out of the way of the census.
    private func unshown(in project: String, since instant: Instant) -> UnshownQuery {
        UnshownQuery(project: project, since: instant, lower: extent.start, upper: instant - IssueQuery.overlap)
    }

    private func known(of project: ProjectRow) -> Int { stored.issues[project.key] ?? 0 }

    private func agreed(_ project: ProjectRow) -> SiteWrite {
        .projectChecked(ProjectCheck(project: project.id, checkedAt: startedAt))
    }

    private func check(of project: ProjectRow, _ census: ProjectCheck.Census) -> ProjectCheck {
        ProjectCheck(project: project.id, checkedAt: stored.checks[project.id]?.checkedAt, census: census)
    }
}

extension IssueQuery {
    /// Jira Cloud refuses JQL without a bound; there was no Jira before 2002.
    func issues(of extent: ReconcilePlan.Extent) -> String {
        switch extent {
        case .all: "updated >= \"1990-01-01\""
        case .since(let bound): since(bound)
        }
    }

    func issues(of project: String, _ extent: ReconcilePlan.Extent) -> String {
        "project = \"\(project)\" AND \(issues(of: extent))"
    }

    /// All pages of a walk must be asked for with the same text.
    func census(of project: String, _ extent: ReconcilePlan.Extent) -> String {
        issues(of: project, extent) + " ORDER BY id ASC"
    }

    /// Issues that changed since, less `overlap`.
    func issues(of project: String, changedSince instant: Instant) -> String {
        "project = \"\(project)\" AND updated >= \(zone.literal(atOrBefore: instant - Self.overlap)) ORDER BY id ASC"
    }
}
