import JiraCloud
import UsageModel
import UsageStore

/// Asks one site for what a plan wants, and writes what comes with the place to go on from.
///
/// It decides nothing but how many requests go at once; each function is one action of `PassPlan`.
struct SiteReader: Sendable {
    /// The bulk changelog takes up to 1,000 issues at once, so ten pages of 100 are read before it is asked.
    static let pagesPerBatch = 10
    /// Accounts whose roles and groups are read and written together.
    static let accountsPerBatch = 100
    /// Roles and groups are read again after this time, a part of them in each pass.
    static let accessLifetime = Duration.days(1)
    static let refreshesPerPass = 250

    let site: Site
    let jira: JiraSite
    let store: UsageStore
    /// Called before each batch of requests; throws where the hour's points are spent.
    let checkBudget: @Sendable () throws -> Void

    // MARK: - People

    /// The whole directory. A page may be short without being the last; only an empty one ends it.
    func readRoster(at instant: Instant, progress: @Sendable (Int) -> Void) async throws {
        var (start, limit) = (0, 1000)
        while true {
            try checkBudget()
            let page = try await jira.users(startAt: start, limit: limit)
            limit = page.limit
            guard page.rowCount > 0 else { return }
            try await store.keep(page.people, listedAt: instant, on: site.key)
            start += page.rowCount
            progress(start)
        }
    }

    /// Roles and groups: first of everybody for whom they were never read, then of some whose reading is old.
    func readAccess(at instant: Instant, progress: @Sendable (Int) -> Void) async throws {
        var (done, position): (Int, Int64) = (0, 0)
        while true {
            let (accounts, end) = try await store.accountsWithoutAccess(
                after: position, limit: Self.accountsPerBatch, on: site.key)
            guard end > position else { break }
            try await readAccess(of: accounts, at: instant)
            position = end
            done += accounts.count
            progress(done)
        }
        let stale = try await store.accounts(
            withAccessReadBefore: instant - Self.accessLifetime, limit: Self.refreshesPerPass, on: site.key)
        if !stale.isEmpty { try await readAccess(of: stale, at: instant) }
    }

    private func readAccess(of accounts: [AccountID], at instant: Instant) async throws {
        try checkBudget()
        let readings = try await concurrently(accounts) { account -> UsageStore.AccessReading? in
            guard let found = try await jira.access(of: account) else {
                return UsageStore.AccessReading(account: account, outcome: .notShown)
            }
            // Nothing told of roles is not the same as having none: it stays unread.
            return found.access.map { .init(account: account, outcome: .found(found.person, $0)) }
        }
        try await store.keep(readings.compactMap(\.self), readAt: instant, on: site.key)
    }

    // MARK: - Issues

    /// Some pages of a walk, with everything that people did to the issues that are not known in this very state.
    struct Reading {
        let batch: IssueBatch
        let pages: Int
        let issues: Int
        /// The oldest `updated` among them.
        let oldest: Instant?
        let next: String?
    }

    func readIssues(query: String, pageToken: String?) async throws -> Reading {
        var (token, pages, issues) = (pageToken, 0, [IssueSummary]())
        try checkBudget()
        repeat {
            let page = try await jira.searchIssues(jql: query, pageToken: token)
            issues += page.issues
            token = page.next
            pages += 1
            // What has been read is kept, however few points there are.
        } while token != nil && pages < Self.pagesPerBatch && isWithinBudget
        let unread = try await store.unread(among: issues.map(IssueBatch.Issue.init), on: site.key)
        let fresh = issues.filter { unread.contains($0.id) }
        let activities = try await activities(of: fresh)
        return Reading(
            batch: IssueBatch(issues: fresh.map(IssueBatch.Issue.init), activities: activities),
            pages: pages,
            issues: issues.count, oldest: issues.map(\.updated).min(), next: token)
    }

    private func activities(of issues: [IssueSummary]) async throws -> [Activity] {
        guard !issues.isEmpty else { return [] }
        var activities = issues.compactMap(Activity.creation(of:))
        // A search shows 20 comments of an issue at most, and how many there are.
        let cut = issues.filter { $0.comments.count < $0.commentTotal ?? .max }
        for issue in issues where issue.comments.count >= issue.commentTotal ?? .max {
            activities += issue.comments.flatMap { Activity.told(by: $0, on: issue.id) }
        }
        for told in try await concurrently(cut, { try await comments(of: $0) }) {
            activities += told
        }
        return activities + (try await histories(of: issues.map(\.id)))
    }

    /// What the changelogs tell, of half as many issues at once where that is too much for one answer.
    private func histories(of issues: [IssueID]) async throws -> [Activity] {
        do {
            return try await allHistories(of: issues)
        } catch let error as JiraError where error == .tooLarge(.changelog) && issues.count > 1 {
            let middle = issues.count / 2
            let former = try await histories(of: Array(issues[..<middle]))
            return former + (try await histories(of: Array(issues[middle...])))
        }
    }

    private func allHistories(of issues: [IssueID]) async throws -> [Activity] {
        var (activities, token): ([Activity], String?) = ([], nil)
        repeat {
            let page = try await jira.histories(of: issues, pageToken: token)
            activities += page.histories.flatMap(Activity.told(by:))
            token = page.next
        } while token != nil
        return activities
    }

    private func comments(of issue: IssueSummary) async throws -> [Activity] {
        let comments: [Comment]
        do {
            comments = try await allComments(of: issue.id)
        } catch let error as JiraError where error == .notFound(.comments) {
            // The issue is gone since the search, or hidden now: what the search showed is all there is.
            comments = issue.comments
        }
        return comments.flatMap { Activity.told(by: $0, on: issue.id) }
    }

    private func allComments(of issue: IssueID) async throws -> [Comment] {
        var comments: [Comment] = []
        while true {
            let page = try await jira.comments(of: issue, startAt: comments.count)
            comments += page.comments
            if page.comments.isEmpty || comments.count >= page.total { return comments }
        }
    }

    private var isWithinBudget: Bool {
        do {
            try checkBudget()
            return true
        } catch {
            return false
        }
    }

    // MARK: - Worklogs

    /// One page of the worklog feed: what it tells, and up to when.
    func readWorklogs(since: Instant) async throws -> (
        readings: [WorklogReading], until: Instant, isLast: Bool
    ) {
        let page = try await jira.changedWorklogs(since: since)
        let worklogs = page.ids.isEmpty ? [] : try await jira.worklogs(ids: page.ids)
        return (worklogs.map(WorklogReading.init), page.until, page.isLast)
    }

    // MARK: - Concurrency

    /// All at once, as far as the client's gate lets them; the first error ends the others.
    private func concurrently<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup { group in
            for item in items {
                group.addTask { try await body(item) }
            }
            var values: [Value] = []
            for try await value in group { values.append(value) }
            return values
        }
    }
}
