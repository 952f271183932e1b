import GRDB
package import UsageModel

extension StoreReader {
    /// The accounts that `text` may mean: an account id, else an e-mail address, else a display name (without regard
    /// to case). An exact account id wins over an address, an address over a name. Of many of one name 32 are found:
    /// nobody can tell them apart by it anyway.
    package func find(_ text: String, on site: SiteKey?) throws -> [(site: SiteKey, key: Int64)] {
        for query in Self.findQueries {
            var found: [(site: SiteKey, key: Int64)] = []
            try database.eachRow(query, .text(text), .integer(site?.rawValue ?? Self.anySite)) { row in
                found.append((SiteKey(rawValue: row.integer(0)), row.integer(1)))
            }
            // Here, for SQLite would make a table to sort the one row in.
            if !found.isEmpty { return found.sorted { ($0.site.rawValue, $0.key) < ($1.site.rawValue, $1.key) } }
        }
        return []
    }

    /// The number of no site.
    private static let anySite: Int64 = -1

    /// From the surest name to the least sure.
    private static let findQueries = [
        ("accountId = ?1", ""),
        ("accountKey IN (SELECT accountKey FROM profile WHERE email = ?1 COLLATE NOCASE)", ""),
        ("accountKey IN (SELECT accountKey FROM profile WHERE displayName = ?1 COLLATE NOCASE)", "LIMIT 32"),
    ].map { condition, limit in
        "SELECT siteKey, accountKey FROM account WHERE \(condition) AND (?2 = \(anySite) OR siteKey = ?2) \(limit)"
    }

    /// What a filter names that no reading has shown.
    package enum UnknownName: Hashable, Sendable {
        /// With the keys that there are.
        case role(known: [String])
        case group
    }

    /// Why nobody passes a filter, if it is for a name that is not known; `nil` also while none at all is known.
    package func unknownName(in filter: UserFilter) throws -> UnknownName? {
        let site = PlainValue.integer(filter.site?.rawValue ?? Self.anySite)
        let isThere = "(?1 = \(Self.anySite) OR siteKey = ?1)"
        if let role = filter.role {
            var known: [String] = []
            try database.eachRow("SELECT DISTINCT key FROM applicationRole WHERE \(isThere) ORDER BY key", site) {
                row in
                if let key = row.text(0) { known.append(key) }
            }
            if !known.isEmpty, !known.contains(role) { return .role(known: known) }
        }
        if let group = filter.group {
            var (isAnyKnown, isKnown) = (false, false)
            let query = """
                SELECT EXISTS (SELECT 1 FROM accessGroup WHERE \(isThere)),
                       EXISTS (SELECT 1 FROM accessGroup
                               WHERE \(isThere) AND (name = ?2 COLLATE NOCASE OR groupId = ?2))
                """
            try database.eachRow(query, site, .text(group)) { row in
                (isAnyKnown, isKnown) = (row.flag(0), row.flag(1))
            }
            if isAnyKnown, !isKnown { return .group }
        }
        return nil
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
        let records = RecordReader(self, asOf: asOf)
        return try accountKeys.compactMap { try records.record(of: $0) }
    }

    /// A person's activities at or after `since` and before `until`, newest first, at most `limit`.
    ///
    /// - Parameter after: the last one of the page before.
    package func activities(
        of accountKey: Int64, since: Instant?, until: Instant?, after: Activity?, limit: Int
    ) throws -> [ActivityRecord] {
        guard let account = try account(of: accountKey) else { return [] }
        // One upper bound only: SQLite begins at one of them, and would go through all that lies above the other.
        let end = min(until?.milliseconds ?? Int64.max, after.map { $0.at.milliseconds + 1 } ?? Int64.max)
        var records: [ActivityRecord] = []
        records.reserveCapacity(min(limit, 4096))
        try database.eachRow(
            after == nil ? Self.firstActivities : Self.nextActivities, .integer(accountKey),
            .integer(since?.milliseconds ?? Int64.min), .integer(end), .integer(Int64(limit)),
            .integer(after?.at.milliseconds ?? 0), .integer(Int64(after?.source.kind.rank ?? 0)),
            .integer(after?.issue.rawValue ?? 0), .integer(after?.source.id ?? 0),
            .integer(after?.source.ordinal ?? 0)
        ) { row in
            records.append(
                ActivityRecord(
                    activity: Activity(
                        source: .init(kind: row.kind(1), id: row.integer(3), ordinal: row.integer(4)),
                        account: account, issue: IssueID(rawValue: row.integer(2)),
                        at: Instant(milliseconds: row.integer(0))),
                    issueKey: row.text(5)))
        }
        return records
    }

    private static let firstActivities = activities(behind: "")
    private static let nextActivities = activities(
        behind: "AND (v.at, v.kind, v.issueId, v.sourceId, v.ordinal) < (?5, ?6, ?7, ?8, ?9)")

    /// An account is on one site, which stands in the order only because it does in the index.
    private static func activities(behind condition: String) -> String {
        """
        SELECT v.at, v.kind, v.issueId, v.sourceId, v.ordinal, i.key FROM activity v
        LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
        WHERE v.accountKey = ?1 AND v.at >= ?2 AND v.at < ?3 \(condition)
        ORDER BY v.at DESC, v.kind DESC, v.issueId DESC, v.siteKey DESC, v.sourceId DESC, v.ordinal DESC LIMIT ?4
        """
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
