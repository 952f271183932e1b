import GRDB
package import UsageModel

/// What the worklog feed tells of one worklog: at most two activities, of which the changelog may have told already.
package struct WorklogReading: Hashable, Sendable {
    package let worklog: Int64
    package let issue: IssueID
    package let events: [Event]

    package struct Event: Hashable, Sendable {
        package let account: AccountID
        package let at: Instant

        package init(account: AccountID, at: Instant) {
            self.account = account
            self.at = at
        }
    }

    package init(worklog: Int64, issue: IssueID, events: [Event]) {
        self.worklog = worklog
        self.issue = issue
        self.events = events
    }
}

/// Writes the activities of one transaction.
struct ActivityWriter {
    /// A worklog's own instants and that of its history differ by the time Jira needs to write both: 17 to 121 ms in
    /// payloads of a real site. Edits of one worklog by people are further apart than this.
    static let worklogTolerance: Int64 = 2000

    let database: Database
    let site: SiteKey
    private var accountKeys: [AccountID: AuthorKey] = [:]

    init(database: Database, site: SiteKey) {
        self.database = database
        self.site = site
    }

    mutating func keep(_ activity: Activity) throws {
        switch activity.source.kind {
        case .created, .transitioned, .edited, .attached:
            try insert(activity)
        case .commented:
            // A comment's last edit moves; what Jira tells now replaces what it told before.
            try removeChanged(activity)
            try insert(activity)
        case .worklogged:
            try removeTwins(of: activity)
            try insert(activity)
        }
    }

    /// What only the feed tells has an odd ordinal; where the changelog tells the same, that one stands.
    mutating func keep(_ reading: WorklogReading) throws {
        let kind = ActivityKind.worklogged.rank
        let kept = reading.events.map { Activity.Source.worklog(reading.worklog, at: $0.at).ordinal }
        let known = try Int64.fetchAll(
            database.cachedStatement(
                sql: "SELECT ordinal FROM activity WHERE siteKey = ? AND kind = ? AND sourceId = ?"),
            arguments: [site.rawValue, kind, reading.worklog])
        for ordinal in known where !ordinal.isMultiple(of: 2) && !kept.contains(ordinal) {
            try database.cachedStatement(
                sql: "DELETE FROM activity WHERE siteKey = ? AND kind = ? AND sourceId = ? AND ordinal = ?"
            ).execute(arguments: [site.rawValue, kind, reading.worklog, ordinal])
        }
        for event in reading.events {
            let near = (event.at.milliseconds - Self.worklogTolerance)...(event.at.milliseconds + Self.worklogTolerance)
            let isTold = known.contains { $0.isMultiple(of: 2) && near.contains($0 / 2) }
            guard !isTold else { continue }
            let source = Activity.Source.worklog(reading.worklog, at: event.at)
            try insert(Activity(source: source, account: event.account, issue: reading.issue, at: event.at))
        }
    }

    private mutating func insert(_ activity: Activity) throws {
        let author = try key(of: activity.account)
        guard !author.isErased else { return }
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO activity VALUES (?, ?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                site.rawValue, activity.source.kind.rank, activity.source.id, activity.source.ordinal,
                author.key, activity.issue.rawValue, activity.at.milliseconds,
            ] as StatementArguments)
    }

    private mutating func removeChanged(_ activity: Activity) throws {
        let author = try key(of: activity.account)
        try database.cachedStatement(
            sql: """
                DELETE FROM activity WHERE siteKey = ? AND kind = ? AND sourceId = ? AND ordinal = ?
                AND (accountKey, issueId, at) IS NOT (?, ?, ?)
                """
        ).execute(
            arguments: [
                site.rawValue, activity.source.kind.rank, activity.source.id, activity.source.ordinal,
                author.key, activity.issue.rawValue, activity.at.milliseconds,
            ] as StatementArguments)
    }

    /// Removes what the feed told of the same event, and the changelog tells now.
    private func removeTwins(of activity: Activity) throws {
        try database.cachedStatement(
            sql: """
                DELETE FROM activity WHERE siteKey = ? AND kind = ? AND sourceId = ?
                AND ordinal & 1 = 1 AND abs(at - ?) <= ?
                """
        ).execute(arguments: [
            site.rawValue, activity.source.kind.rank, activity.source.id, activity.at.milliseconds,
            Self.worklogTolerance,
        ])
    }

    private struct AuthorKey {
        let key: Int64
        /// Nothing is kept of them, and so not what they did either.
        let isErased: Bool
    }

    /// The author's account, which need not be in the directory.
    private mutating func key(of account: AccountID) throws -> AuthorKey {
        if let key = accountKeys[account] { return key }
        let arguments: StatementArguments = [site.rawValue, account.rawValue]
        func known() throws -> Row? {
            try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT accountKey, erasedAt FROM account WHERE siteKey = ? AND accountId = ?"),
                arguments: arguments)
        }
        var row = try known()
        if row == nil {
            try database.add(account, on: site)
            row = try known()
        }
        guard let row else {
            throw StoreError.corrupt(path: "usage.db", message: "an account just written is not there")
        }
        let key = AuthorKey(key: row["accountKey"], isErased: row.instant("erasedAt") != nil)
        accountKeys[account] = key
        return key
    }
}
