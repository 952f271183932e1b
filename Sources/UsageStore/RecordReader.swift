import GRDB
import UsageModel

/// Reads whole records inside one transaction, so that their parts fit together.
struct RecordReader {
    let database: Database
    /// The instant of the report; `nil` for what is known last.
    let asOf: Instant?
    private let state: AccountState
    private let bound: Int64

    init(database: Database, asOf: Instant?) {
        self.database = database
        self.asOf = asOf
        state = AccountState(asOf: asOf)
        bound = asOf?.milliseconds ?? Int64.max
    }

    func record(of accountKey: Int64) throws -> UsageRecord? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT a.siteKey, a.accountId, a.erasedAt, nullif(n.displayName, '') AS displayName, n.email,
                           coalesce(\(state.accountType), 'unknown') AS type,
                           coalesce(\(state.isEnabled), 0) AS isEnabled, \(state.holdsSeat) AS holdsSeat,
                           \(state.accessReadAt) AS accessReadAt, \(ProofColumns.columns)
                    FROM account a \(state.joins) \(ProofColumns.join)
                    LEFT JOIN profile n ON n.accountKey = a.accountKey WHERE a.accountKey = :account
                    """), arguments: ["account": accountKey, "asOf": bound])
        guard let row, let account = AccountID(rawValue: row["accountId"]) else { return nil }
        let last = try last(of: accountKey)
        return UsageRecord(
            accountKey: accountKey, site: SiteKey(rawValue: row["siteKey"]), account: account,
            displayName: row["displayName"], email: row["email"], erasedAt: row.instant("erasedAt"),
            accountType: AccountType(rawValue: row["type"]) ?? .unknown, isEnabled: row["isEnabled"],
            holdsSeat: row["holdsSeat"], accessReadAt: row.instant("accessReadAt"), roles: try roles(of: accountKey),
            groups: try groups(of: accountKey), tallies: try tallies(of: accountKey), last: last,
            demand: row.proofDemand(last: last?.at))
    }

    private func roles(of accountKey: Int64) throws -> [ApplicationRole] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT p.key, p.name FROM account a \(state.joins)
                    JOIN accountRole r ON r.accountKey = a.accountKey AND \(state.holds("r"))
                    JOIN applicationRole p ON p.roleKey = r.roleKey
                    WHERE a.accountKey = :account ORDER BY p.key
                    """), arguments: ["account": accountKey, "asOf": bound]
        ).map { ApplicationRole(key: $0["key"], name: $0["name"]) }
    }

    private func groups(of accountKey: Int64) throws -> [GroupMembership] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT c.groupKey, c.groupId, c.name FROM account a \(state.joins)
                    JOIN accountGroup g ON g.accountKey = a.accountKey AND \(state.holds("g"))
                    JOIN accessGroup c ON c.groupKey = g.groupKey
                    WHERE a.accountKey = :account ORDER BY c.name, c.groupId
                    """), arguments: ["account": accountKey, "asOf": bound]
        ).map { GroupMembership(id: $0["groupId"], name: $0["name"], grants: try grants(of: $0["groupKey"])) }
    }

    /// The keys of the roles that a group gave at the instant of the report.
    private func grants(of groupKey: Int64) throws -> [String] {
        try String.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT p.key FROM roleGroup g
                    JOIN roleGrants w ON w.roleKey = g.roleKey
                        AND w.firstSeenAt = \(Stretches.beginning(in: "roleGrants", of: "roleKey = g.roleKey"))
                    JOIN applicationRole p ON p.roleKey = g.roleKey
                    WHERE g.groupKey = :group AND \(Stretches.holds("g", at: "w.firstSeenAt")) ORDER BY p.key
                    """), arguments: ["group": groupKey, "asOf": bound])
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
                    """), arguments: [accountKey, bound])
        return row.map { row in
            LastActivity(
                at: Instant(milliseconds: row["at"]), kind: row.kind, issue: IssueID(rawValue: row["issueId"]),
                issueKey: row["issueKey"])
        }
    }
}

extension Row {
    /// The table's CHECK holds `kind` inside the list.
    var kind: ActivityKind {
        ActivityKind.allCases[self["kind"] as Int]
    }
}
