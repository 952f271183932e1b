import GRDB
package import UsageModel

extension StoreReader {
    /// The accounts that `text` may mean: an account id, else an e-mail address, else a display name (without regard
    /// to case). An exact account id wins over an address, an address over a name.
    package func find(_ text: String, on site: SiteKey?) throws -> [(site: SiteKey, key: Int64)] {
        for condition in [
            "accountId = :text",
            "accountKey IN (SELECT accountKey FROM profile WHERE email = :text COLLATE NOCASE)",
            "accountKey IN (SELECT accountKey FROM profile WHERE displayName = :text COLLATE NOCASE)",
        ] {
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT siteKey, accountKey FROM account
                    WHERE \(condition) \(site == nil ? "AND :site IS NULL" : "AND siteKey = :site")
                    ORDER BY siteKey, accountKey
                    """, arguments: ["text": text, "site": site?.rawValue])
            if !rows.isEmpty { return rows.map { (SiteKey(rawValue: $0["siteKey"]), $0["accountKey"]) } }
        }
        return []
    }

    /// One line for each user that passes the filter, in order, at most `limit`.
    ///
    /// - Parameter asOf: activities later than this do not exist for the report, and the filter speaks of the roles,
    ///   groups and seats of then; `nil` for what is known last.
    package func summaries(
        matching filter: UserFilter, order: UserSort, asOf: Instant?, limit: Int
    ) throws -> [UsageSummary] {
        let query = SummaryQuery(matching: filter, order: order, asOf: asOf, limit: limit)
        return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map { row in
            UsageSummary(
                accountKey: row["accountKey"], site: SiteKey(rawValue: row["siteKey"]),
                displayName: row["displayName"], lastAt: row.instant("lastAt"),
                demand: row.proofDemand(last: row.instant("lastAt")))
        }
    }

    /// All that is known of the given accounts, in their order.
    ///
    /// - Parameter asOf: activities and readings later than this do not exist for the report, except that an account's
    ///   first reading stands in for the time before it; `nil` for what is known last.
    package func records(of accountKeys: [Int64], asOf: Instant?) throws -> [UsageRecord] {
        try accountKeys.compactMap { try RecordReader(database: database, asOf: asOf).record(of: $0) }
    }

    /// A person's activities at or after `since` and before `until`, newest first, at most `limit`.
    ///
    /// - Parameter after: the last one of the page before.
    package func activities(
        of accountKey: Int64, since: Instant?, until: Instant?, after: Activity?, limit: Int
    ) throws -> [ActivityRecord] {
        guard let account = try account(of: accountKey) else { return [] }
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT v.at, v.kind, v.issueId, v.sourceId, v.ordinal, i.key FROM activity v
                    LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
                    WHERE v.accountKey = :account AND v.at >= :since AND v.at < :until AND v.at <= :bound
                      AND (:afterAt IS NULL OR
                           (v.at, v.kind, v.issueId, v.sourceId, v.ordinal)
                           < (:afterAt, :afterKind, :afterIssue, :afterSource, :afterOrdinal))
                    ORDER BY v.at DESC, v.kind DESC, v.issueId DESC, v.sourceId DESC, v.ordinal DESC LIMIT :limit
                    """),
            arguments: [
                "account": accountKey, "since": since?.milliseconds ?? Int64.min,
                "until": until?.milliseconds ?? Int64.max, "bound": after?.at.milliseconds ?? Int64.max,
                "afterAt": after?.at.milliseconds, "afterKind": after?.source.kind.rank,
                "afterIssue": after?.issue.rawValue, "afterSource": after?.source.id,
                "afterOrdinal": after?.source.ordinal, "limit": limit,
            ])
        var records: [ActivityRecord] = []
        // By place, for this is how a million rows are read.
        while let row = try rows.next() {
            records.append(
                ActivityRecord(
                    activity: Activity(
                        source: .init(kind: ActivityKind.allCases[row[1] as Int], id: row[3], ordinal: row[4]),
                        account: account, issue: IssueID(rawValue: row[2]), at: Instant(milliseconds: row[0])),
                    issueKey: row[5]))
        }
        return records
    }

    private func account(of accountKey: Int64) throws -> AccountID? {
        let id = try String.fetchOne(
            database.cachedStatement(sql: "SELECT accountId FROM account WHERE accountKey = ?"),
            arguments: [accountKey])
        return id.flatMap(AccountID.init(rawValue:))
    }

    /// One seat for each application role of each account that holds a seat: what a licence report counts.
    package struct Seat: Sendable {
        package let site: SiteKey
        package let accountKey: Int64
        /// `nil` where Jira told that there are roles, and not which.
        package let role: ApplicationRole?
        /// As in `UsageRecord`.
        package let accessReadAt: Instant?
        /// The account's last activity at or before the instant of the report.
        package let lastAt: Instant?
        /// As in `UsageRecord`.
        package let demand: ProofDemand
    }

    /// All seats that were there at `asOf`, or at the last reading, by role.
    package func seats(on site: SiteKey?, asOf: Instant?) throws -> [Seat] {
        let sql = Self.seatQuery(asOf: asOf)
        let rows = try Row.fetchCursor(
            database, sql: sql,
            arguments: ["site": site?.rawValue, "asOf": asOf?.milliseconds ?? Int64.max])
        var seats: [Seat] = []
        while let row = try rows.next() {
            let key: String? = row["key"]
            seats.append(
                Seat(
                    site: SiteKey(rawValue: row["siteKey"]), accountKey: row["accountKey"],
                    role: key.map { ApplicationRole(key: $0, name: row["name"]) },
                    accessReadAt: row.instant("accessReadAt"), lastAt: row.instant("lastAt"),
                    demand: row.proofDemand(last: row.instant("lastAt"))))
        }
        return seats
    }

    static func seatQuery(asOf: Instant?) -> String {
        let state = AccountState(asOf: asOf)
        return """
            SELECT a.siteKey, a.accountKey, p.key, p.name, \(state.accessReadAt) AS accessReadAt, \(ProofColumns.columns),
                   (SELECT at FROM activity WHERE accountKey = a.accountKey AND at <= :asOf
                    ORDER BY at DESC LIMIT 1) AS lastAt
            FROM account a \(state.joins) \(ProofColumns.join)
            LEFT JOIN accountRole r ON r.accountKey = a.accountKey AND \(state.holds("r"))
            LEFT JOIN applicationRole p ON p.roleKey = r.roleKey
            WHERE \(state.holdsSeat) AND (:site IS NULL OR a.siteKey = :site)
            """
    }

    /// How many people who were enabled at `asOf`, or are now, have had no reading of their roles to this day: whether
    /// they hold seats is not known.
    package func unreadPeople(on site: SiteKey?, asOf: Instant? = nil) throws -> Int {
        let state = AccountState(asOf: asOf)
        let sql = """
            SELECT count(*) FROM account a \(state.joins)
            WHERE a.accessReadAt IS NULL AND \(state.isEnabledPerson) AND (:site IS NULL OR a.siteKey = :site)
            """
        return try Int.fetchOne(
            database, sql: sql,
            arguments: ["site": site?.rawValue, "asOf": asOf?.milliseconds ?? Int64.max]) ?? 0
    }
}
