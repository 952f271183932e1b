import GRDB
package import UsageModel

/// An issue in the state in which it was seen: `updated` says which.
package struct IssueVersion: Hashable, Sendable {
    package let id: IssueID
    package let updated: Instant

    package init(id: IssueID, updated: Instant) {
        self.id = id
        self.updated = updated
    }
}

/// What is still to be read of an issue.
package struct PendingReads: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let histories = PendingReads(rawValue: 1)
    package static let comments = PendingReads(rawValue: 2)
}

/// An issue as a search showed it.
package struct IssueRow: Hashable, Sendable {
    package let version: IssueVersion
    package let key: String
    package let pending: PendingReads

    package init(version: IssueVersion, key: String, pending: PendingReads) {
        self.version = version
        self.key = key
        self.pending = pending
    }
}

extension UsageStore {
    /// The `updated` with which each of the given issues is stored; without those that are not.
    package func versions(of issues: [IssueID], on site: SiteKey) async throws(StoreError) -> [IssueID: Instant] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT updatedAt FROM issue WHERE siteKey = ? AND issueId = ?")
            var versions: [IssueID: Instant] = [:]
            for issue in issues {
                let updated = try Int64.fetchOne(statement, arguments: [site.rawValue, issue.rawValue])
                versions[issue] = updated.map(Instant.init(milliseconds:))
            }
            return versions
        }
    }

    /// Of worklogs that the feed told of, those that were read before and have not changed since.
    ///
    /// What histories tell is not enough for that: one that tells of the last edit says nothing of who logged the work, and
    /// the history of that may have no author.
    ///
    /// - Parameter readUntil: the feed's worklogs had been read so far.
    package func knownWorklogs(
        among changes: [(id: Int64, at: Instant)], readUntil: Instant, on site: SiteKey
    ) async throws(StoreError) -> Set<Int64> {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT 1 FROM activity WHERE siteKey = ? AND kind = ? AND sourceId = ? AND abs(at - ?) <= ?
                    """)
            var known: Set<Int64> = []
            for (id, at) in changes where at <= readUntil {
                let isKnown = try Bool.fetchOne(
                    statement,
                    arguments: [
                        site.rawValue, ActivityKind.worklogged.rank, id, at.milliseconds,
                        ActivityWriter.worklogTolerance,
                    ])
                if isKnown != nil { known.insert(id) }
            }
            return known
        }
    }

    /// Issues of which something is still to be read, the latest first; all that a stop has left.
    package func pendingIssues(on site: SiteKey) async throws(StoreError) -> [(IssueVersion, PendingReads)] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT issueId, updatedAt, pending FROM issue WHERE siteKey = ? AND pending <> 0
                    ORDER BY updatedAt DESC
                    """, arguments: [site.rawValue]
            ).map { row in
                (
                    IssueVersion(
                        id: IssueID(rawValue: row["issueId"]), updated: Instant(milliseconds: row["updatedAt"])),
                    PendingReads(rawValue: row["pending"])
                )
            }
        }
    }
}

extension Database {
    /// Writes that an issue was seen, and what of it is to be read. An older state than the stored one is no news.
    func keep(_ issue: IssueRow, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                INSERT INTO issue (siteKey, issueId, key, updatedAt, pending) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET
                    key = excluded.key, updatedAt = excluded.updatedAt, pending = pending | excluded.pending,
                    missedAt = NULL
                WHERE excluded.updatedAt >= updatedAt
                """
        ).execute(arguments: [
            site.rawValue, issue.version.id.rawValue, issue.key, issue.version.updated.milliseconds,
            issue.pending.rawValue,
        ])
    }

    /// Writes that something of an issue has been read, unless it has changed again meanwhile.
    func settle(_ reads: PendingReads, of issue: IssueVersion, at instant: Instant, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                UPDATE issue SET pending = pending & ~?, readAt = ?
                WHERE siteKey = ? AND issueId = ? AND updatedAt = ? AND pending & ? <> 0
                """
        ).execute(arguments: [
            reads.rawValue, instant.milliseconds, site.rawValue, issue.id.rawValue, issue.updated.milliseconds,
            reads.rawValue,
        ])
    }

    func distrust(since instant: Instant, on site: SiteKey) throws {
        try execute(
            sql: "UPDATE issue SET pending = pending | 1 WHERE siteKey = ? AND readAt >= ?",
            arguments: [site.rawValue, instant.milliseconds])
        try execute(
            sql: """
                DELETE FROM proof WHERE provenAt >= ?
                AND accountKey IN (SELECT accountKey FROM account WHERE siteKey = ?)
                """, arguments: [instant.milliseconds, site.rawValue])
    }
}
