import GRDB
package import UsageModel

/// What is known of an issue that a census is compared with.
package struct StoredIssue: Hashable, Sendable {
    package let version: IssueVersion
    package let key: String
    /// Jira did not show it when it was last looked for.
    package let isMissed: Bool

    package init(version: IssueVersion, key: String, isMissed: Bool) {
        self.version = version
        self.key = key
        self.isMissed = isMissed
    }

    /// Whether it was last seen in that project.
    package func isIn(project: String) -> Bool { key.prefix { $0 != "-" } == project }
}

/// Issues of a project, visible when last looked for, that no census showed.
package struct UnshownQuery: Hashable, Sendable {
    package let project: String
    /// No census that began then or later.
    package let since: Instant
    /// Only issues with an `updated` from `lower` to before `upper`.
    package let lower: Instant
    package let upper: Instant

    package init(project: String, since: Instant, lower: Instant, upper: Instant) {
        self.project = project
        self.since = since
        self.lower = lower
        self.upper = upper
    }
}

extension UsageStore {
    /// What is known of each of these issues; without those that are not.
    package func issues(_ ids: [IssueID], on site: SiteKey) async throws(StoreError) -> [IssueID: StoredIssue] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT issueId, key, updatedAt, missedAt FROM issue WHERE siteKey = ? AND issueId = ?")
            var issues: [IssueID: StoredIssue] = [:]
            for id in ids {
                let row = try Row.fetchOne(statement, arguments: [site.rawValue, id.rawValue])
                issues[id] = row.map(StoredIssue.init(row:))
            }
            return issues
        }
    }

    /// By id, those after `position`.
    package func unshown(
        _ query: UnshownQuery, after position: IssueID, limit: Int, on site: SiteKey
    ) async throws(StoreError) -> [StoredIssue] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT issueId, key, updatedAt, missedAt FROM issue
                    WHERE siteKey = :site AND issueId > :position AND missedAt IS NULL AND \(projectKey) = :project
                        AND updatedAt >= :lower AND updatedAt < :upper AND (shownAt IS NULL OR shownAt < :since)
                    ORDER BY issueId LIMIT :limit
                    """,
                arguments: [
                    "site": site.rawValue, "position": position.rawValue, "project": query.project,
                    "lower": query.lower.milliseconds, "upper": query.upper.milliseconds,
                    "since": query.since.milliseconds, "limit": limit,
                ]
            ).map(StoredIssue.init(row:))
        }
    }
}

// MARK: - Rows

extension Database {
    func show(_ issue: IssueID, at instant: Instant, on site: SiteKey) throws {
        try cachedStatement(sql: "UPDATE issue SET shownAt = ? WHERE siteKey = ? AND issueId = ?")
            .execute(arguments: [instant.milliseconds, site.rawValue, issue.rawValue])
    }

    func miss(_ issue: IssueID, at instant: Instant, on site: SiteKey) throws {
        try cachedStatement(
            sql: "UPDATE issue SET missedAt = ? WHERE siteKey = ? AND issueId = ? AND missedAt IS NULL"
        ).execute(arguments: [instant.milliseconds, site.rawValue, issue.rawValue])
    }
}

extension StoredIssue {
    fileprivate init(row: Row) {
        self.init(
            version: IssueVersion(
                id: IssueID(rawValue: row["issueId"]), updated: Instant(milliseconds: row["updatedAt"])),
            key: row["key"], isMissed: row.instant("missedAt") != nil)
    }
}
