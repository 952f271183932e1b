import GRDB
package import UsageModel

extension UsageStore {
    /// The accounts that `text` may mean: an account id, else an e-mail address, else a display name (without regard
    /// to case). An exact account id wins over an address, an address over a name.
    package func find(_ text: String, on site: SiteKey?) async throws(StoreError) -> [(site: SiteKey, key: Int64)] {
        try await read { database in
            for condition in [
                "accountId = :text", "email = :text COLLATE NOCASE", "displayName = :text COLLATE NOCASE",
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
    }

    /// One line for each user that passes the filter, in order, at most `limit`.
    ///
    /// - Parameter asOf: activities later than this do not exist for the report; `nil` for none left out.
    package func summaries(
        matching filter: UserFilter, order: UserSort, asOf: Instant?, limit: Int
    ) async throws(StoreError) -> [UsageSummary] {
        // An account that is known only as the author of something is nobody whom the site lists.
        var conditions = ["(:site IS NULL OR a.siteKey = :site)", "a.displayName IS NOT NULL"]
        var arguments: StatementArguments = [
            "site": filter.site?.rawValue, "asOf": asOf?.milliseconds ?? Int64.max, "limit": limit,
        ]
        if let role = filter.role {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM accountRole r JOIN applicationRole USING (roleKey)
                        WHERE r.accountKey = a.accountKey AND r.lastSeenAt = a.accessReadAt AND key = :role)
                """)
            arguments += ["role": role]
        }
        if let group = filter.group {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM accountGroup g JOIN accessGroup c USING (groupKey)
                        WHERE g.accountKey = a.accountKey AND g.lastSeenAt = a.accessReadAt
                          AND (c.name = :group COLLATE NOCASE OR c.groupId = :group))
                """)
            arguments += ["group": group]
        }
        if let holdsSeat = filter.holdsSeat {
            conditions.append("(\(Self.seatCondition)) = :seat")
            arguments += ["seat": holdsSeat]
        }
        let sortKey: String
        var direction = "ASC"
        switch order {
        case .name(let position):
            sortKey = "a.displayName COLLATE NOCASE"
            if let position { arguments += ["position": position.name, "key": position.accountKey] }
        case .oldest(let position), .newest(let position):
            sortKey = "coalesce(lastAt, 0)"
            if case .newest = order { direction = "DESC" }
            if let position { arguments += ["position": position.lastAt, "key": position.accountKey] }
        }
        if order.hasPosition {
            conditions.append("(\(sortKey), a.accountKey) \(direction == "ASC" ? ">" : "<") (:position, :key)")
        }
        let sql = """
            SELECT a.accountKey, a.siteKey, a.displayName,
                   (SELECT at FROM activity WHERE accountKey = a.accountKey AND at <= :asOf
                    ORDER BY at DESC LIMIT 1) AS lastAt
            FROM account a WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(sortKey) \(direction), a.accountKey \(direction) LIMIT :limit
            """
        return try await read { [arguments] database in
            try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
                UsageSummary(
                    accountKey: row["accountKey"], site: SiteKey(rawValue: row["siteKey"]),
                    displayName: row["displayName"], lastAt: row.instant("lastAt"))
            }
        }
    }

    /// All that is known of the given accounts, in their order.
    ///
    /// - Parameter asOf: activities later than this do not exist for the report; `nil` for none left out.
    package func records(of accountKeys: [Int64], asOf: Instant?) async throws(StoreError) -> [UsageRecord] {
        try await read { database in
            try accountKeys.compactMap { try RecordReader(database: database, asOf: asOf).record(of: $0) }
        }
    }

    /// A person's activities at or after `since` and before `until`, newest first, at most `limit`.
    ///
    /// - Parameter after: the last one of the page before.
    package func activities(
        of accountKey: Int64, since: Instant?, until: Instant?, after: Activity?, limit: Int
    ) async throws(StoreError) -> [ActivityRecord] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT v.*, i.key AS issueKey, a.accountId FROM activity v
                    JOIN account a USING (accountKey) LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
                    WHERE v.accountKey = :account AND v.at >= :since AND v.at < :until AND v.at <= :bound
                      AND (:afterAt IS NULL OR
                           (v.at, v.kind, v.issueId, v.sourceId, v.ordinal)
                           < (:afterAt, :afterKind, :afterIssue, :afterSource, :afterOrdinal))
                    ORDER BY v.at DESC, v.kind DESC, v.issueId DESC, v.sourceId DESC, v.ordinal DESC LIMIT :limit
                    """,
                arguments: [
                    "account": accountKey, "since": since?.milliseconds ?? Int64.min,
                    "until": until?.milliseconds ?? Int64.max, "bound": after?.at.milliseconds ?? Int64.max,
                    "afterAt": after?.at.milliseconds, "afterKind": after?.source.kind.rank,
                    "afterIssue": after?.issue.rawValue, "afterSource": after?.source.id,
                    "afterOrdinal": after?.source.ordinal, "limit": limit,
                ])
            return try rows.map { row in
                guard let account = AccountID(rawValue: row["accountId"]) else {
                    throw StoreError.corrupt(path: path, message: "an account without an id")
                }
                return ActivityRecord(
                    activity: Activity(
                        source: .init(kind: row.kind, id: row["sourceId"], ordinal: row["ordinal"]), account: account,
                        issue: IssueID(rawValue: row["issueId"]), at: Instant(milliseconds: row["at"])),
                    issueKey: row["issueKey"])
            }
        }
    }

    /// One seat for each application role of each account that holds a seat: what a licence report counts.
    package struct Seat: Sendable {
        package let site: SiteKey
        package let accountKey: Int64
        /// `nil` where Jira told that there are roles, and not which.
        package let role: ApplicationRole?
        /// The account's last activity at or before the instant of the report.
        package let lastAt: Instant?
    }

    /// All seats that were there at the last reading, by role.
    package func seats(on site: SiteKey?, asOf: Instant?) async throws(StoreError) -> [Seat] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT a.siteKey, a.accountKey, p.key, p.name,
                           (SELECT at FROM activity WHERE accountKey = a.accountKey AND at <= :asOf
                            ORDER BY at DESC LIMIT 1) AS lastAt
                    FROM account a
                    LEFT JOIN accountRole r ON r.accountKey = a.accountKey AND r.lastSeenAt = a.accessReadAt
                    LEFT JOIN applicationRole p ON p.roleKey = r.roleKey
                    WHERE \(Self.seatCondition) AND (:site IS NULL OR a.siteKey = :site)
                    """, arguments: ["site": site?.rawValue, "asOf": asOf?.milliseconds ?? Int64.max])
            var seats: [Seat] = []
            while let row = try rows.next() {
                let key: String? = row["key"]
                seats.append(
                    Seat(
                        site: SiteKey(rawValue: row["siteKey"]), accountKey: row["accountKey"],
                        role: key.map { ApplicationRole(key: $0, name: row["name"]) }, lastAt: row.instant("lastAt")))
            }
            return seats
        }
    }

    /// How many enabled people's roles have not been read yet: whether they hold seats is not known.
    package func unreadPeople(on site: SiteKey?) async throws(StoreError) -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM account
                    WHERE accessReadAt IS NULL AND accountType = 'atlassian' AND isEnabled
                      AND (:site IS NULL OR siteKey = :site)
                    """, arguments: ["site": site?.rawValue]) ?? 0
        }
    }

    /// `holdsSeat(accountType:isEnabled:roleCount:)` in SQL.
    private static let seatCondition = "a.accountType = 'atlassian' AND a.isEnabled AND a.roleCount > 0"
}

/// Reads whole records inside one transaction, so that their parts fit together.
private struct RecordReader {
    let database: Database
    let asOf: Instant?

    func record(of accountKey: Int64) throws -> UsageRecord? {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT * FROM account WHERE accountKey = ?"), arguments: [accountKey])
        guard let row, let account = AccountID(rawValue: row["accountId"]) else { return nil }
        let type = AccountType(rawValue: row["accountType"]) ?? .unknown
        return UsageRecord(
            accountKey: accountKey, site: SiteKey(rawValue: row["siteKey"]), account: account,
            displayName: row["displayName"], email: row["email"], accountType: type, isEnabled: row["isEnabled"],
            holdsSeat: holdsSeat(accountType: type, isEnabled: row["isEnabled"], roleCount: row["roleCount"]),
            accessReadAt: row.instant("accessReadAt"), roles: try roles(of: accountKey),
            groups: try groups(of: accountKey), tallies: try tallies(of: accountKey), last: try last(of: accountKey))
    }

    private func roles(of accountKey: Int64) throws -> [ApplicationRole] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT key, name FROM accountRole r JOIN applicationRole USING (roleKey)
                    JOIN account a USING (accountKey)
                    WHERE r.accountKey = ? AND r.lastSeenAt = a.accessReadAt ORDER BY key
                    """), arguments: [accountKey]
        ).map { ApplicationRole(key: $0["key"], name: $0["name"]) }
    }

    private func groups(of accountKey: Int64) throws -> [Group] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT groupId, name FROM accountGroup g JOIN accessGroup USING (groupKey)
                    JOIN account a USING (accountKey)
                    WHERE g.accountKey = ? AND g.lastSeenAt = a.accessReadAt ORDER BY name, groupId
                    """), arguments: [accountKey]
        ).map { Group(id: $0["groupId"], name: $0["name"]) }
    }

    private func tallies(of accountKey: Int64) throws -> [ActivityKind: ActivityTally] {
        let rows =
            if let asOf {
                try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT kind, count(*) AS count, max(at) AS lastAt FROM activity
                            WHERE accountKey = ? AND at <= ? GROUP BY kind
                            """), arguments: [accountKey, asOf.milliseconds])
            } else {
                try Row.fetchAll(
                    database.cachedStatement(sql: "SELECT kind, count, lastAt FROM tally WHERE accountKey = ?"),
                    arguments: [accountKey])
            }
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (row.kind, ActivityTally(count: row["count"], lastAt: row.instant("lastAt")))
            })
    }

    private func last(of accountKey: Int64) throws -> LastActivity? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT v.at, v.kind, v.issueId, i.key AS issueKey FROM activity v
                    LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
                    WHERE v.accountKey = ? AND v.at <= ?
                    ORDER BY v.at DESC, v.kind DESC, v.issueId DESC LIMIT 1
                    """), arguments: [accountKey, asOf?.milliseconds ?? Int64.max])
        return row.map { row in
            LastActivity(
                at: Instant(milliseconds: row["at"]), kind: row.kind, issue: IssueID(rawValue: row["issueId"]),
                issueKey: row["issueKey"])
        }
    }
}

extension Row {
    /// The table's CHECK holds `kind` inside the list.
    fileprivate var kind: ActivityKind {
        ActivityKind.allCases[self["kind"] as Int]
    }
}
