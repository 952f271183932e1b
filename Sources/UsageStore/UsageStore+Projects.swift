import GRDB
package import UsageModel

/// A project as Jira's list showed it.
package struct ProjectRow: Hashable, Sendable {
    package let id: Int64
    package let key: String
    package let name: String
    /// Nobody can work in it, and a search leaves its issues out.
    package let isArchived: Bool

    package init(id: Int64, key: String, name: String, isArchived: Bool) {
        self.id = id
        self.key = key
        self.name = name
        self.isArchived = isArchived
    }
}

/// How far the comparison of a project's issues with Jira's has come.
package struct ProjectCheck: Hashable, Sendable {
    /// A walk through the ids of all its issues.
    package struct Census: Hashable, Sendable {
        package let startedAt: Instant
        /// The next page; `nil` before the first one, and when it is through.
        package var pageToken: String?
        package var isThrough = false

        package init(startedAt: Instant) {
            self.startedAt = startedAt
        }
    }

    package let project: Int64
    /// When its issues were last found to be those that Jira shows.
    package var checkedAt: Instant?
    package var census: Census?

    package init(project: Int64, checkedAt: Instant? = nil, census: Census? = nil) {
        self.project = project
        self.checkedAt = checkedAt
        self.census = census
    }
}

/// What is known of a site's projects.
package struct StoredProjects: Sendable {
    package var checks: [Int64: ProjectCheck]
    /// Those of them that Jira showed when it was last asked.
    package var visible: Set<Int64>
    /// How many issues that Jira shows are known of each project, by the key of the project.
    package var issues: [String: Int]

    package init(checks: [Int64: ProjectCheck] = [:], visible: Set<Int64> = [], issues: [String: Int] = [:]) {
        self.checks = checks
        self.visible = visible
        self.issues = issues
    }
}

extension UsageStore {
    /// - Parameter start: only issues with an `updated` from here on are counted.
    package func storedProjects(
        updatedFrom start: Instant, on site: SiteKey
    ) async throws(StoreError) -> StoredProjects {
        try await read { database in
            var stored = StoredProjects()
            let projects = try Row.fetchAll(
                database, sql: "SELECT * FROM project WHERE siteKey = ?", arguments: [site.rawValue])
            for row in projects {
                let check = ProjectCheck(row: row)
                stored.checks[check.project] = check
                if row.instant("missedAt") == nil { stored.visible.insert(check.project) }
            }
            let counts = try Row.fetchAll(
                database,
                sql: """
                    SELECT \(projectKey) AS project, count(*) AS issues FROM issue
                    WHERE siteKey = ? AND missedAt IS NULL AND updatedAt >= ? GROUP BY project
                    """, arguments: [site.rawValue, start.milliseconds])
            for row in counts { stored.issues[row["project"]] = row["issues"] }
            return stored
        }
    }

    /// What Jira does not show at present: how many of the issues once seen, and which projects since when. What they
    /// told of people stays.
    package func invisible(
        on site: SiteKey
    ) async throws(StoreError) -> (issues: Int, projects: [(key: String, name: String, since: Instant)]) {
        try await read { database in
            let issues = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM issue INDEXED BY issueMissed WHERE siteKey = ? AND missedAt IS NOT NULL",
                arguments: [site.rawValue])
            let projects = try Row.fetchAll(
                database,
                sql: """
                    SELECT key, name, missedAt FROM project WHERE siteKey = ? AND missedAt IS NOT NULL ORDER BY key
                    """, arguments: [site.rawValue])
            return (
                issues ?? 0,
                projects.map {
                    (key: $0["key"], name: $0["name"], since: Instant(milliseconds: $0["missedAt"]))
                }
            )
        }
    }
}

/// The key of the project of an issue: what its own key has before the hyphen.
let projectKey = "substr(key, 1, instr(key, '-') - 1)"

// MARK: - Rows

extension Database {
    func keep(_ project: ProjectRow, readAt instant: Instant, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                INSERT INTO project (siteKey, projectId, key, name, lastSeenAt) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET
                    key = excluded.key, name = excluded.name, lastSeenAt = excluded.lastSeenAt, missedAt = NULL
                """
        ).execute(arguments: [site.rawValue, project.id, project.key, project.name, instant.milliseconds])
    }

    func miss(project: Int64, at instant: Instant, on site: SiteKey) throws {
        try cachedStatement(
            sql: "UPDATE project SET missedAt = ? WHERE siteKey = ? AND projectId = ? AND missedAt IS NULL"
        ).execute(arguments: [instant.milliseconds, site.rawValue, project])
    }

    func keep(_ check: ProjectCheck, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                UPDATE project SET checkedAt = ?, censusStartedAt = ?, censusToken = ?, isCensusThrough = ?
                WHERE siteKey = ? AND projectId = ?
                """
        ).execute(
            arguments: [
                check.checkedAt?.milliseconds, check.census?.startedAt.milliseconds, check.census?.pageToken,
                check.census?.isThrough ?? false, site.rawValue, check.project,
            ] as StatementArguments)
    }
}

extension ProjectCheck {
    fileprivate init(row: Row) {
        var census = row.instant("censusStartedAt").map { Census(startedAt: $0) }
        census?.pageToken = row["censusToken"]
        census?.isThrough = row["isCensusThrough"]
        self.init(project: row["projectId"], checkedAt: row.instant("checkedAt"), census: census)
    }
}
