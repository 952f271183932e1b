import GRDB
import UsageModel

/// The query behind a list of users.
struct SummaryQuery: Sendable {
    let sql: String
    let arguments: StatementArguments

    init(matching filter: UserFilter, order: UserSort, asOf: Instant?, limit: Int) {
        let state = AccountState(asOf: asOf)
        // An account that is known only as the author of something is nobody whom the site lists.
        var conditions = ["(:site IS NULL OR a.siteKey = :site)", "a.isShown"]
        var arguments: StatementArguments = [
            "site": filter.site?.rawValue, "asOf": asOf?.milliseconds ?? Int64.max, "limit": limit,
        ]
        if let role = filter.role {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM accountRole r WHERE r.accountKey = a.accountKey AND \(state.holds("r"))
                        AND r.roleKey IN (SELECT roleKey FROM applicationRole WHERE key = :role))
                """)
            arguments += ["role": role]
        }
        if let group = filter.group {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM accountGroup g WHERE g.accountKey = a.accountKey AND \(state.holds("g"))
                        AND g.groupKey IN (SELECT groupKey FROM accessGroup
                                           WHERE name = :group COLLATE NOCASE OR groupId = :group))
                """)
            arguments += ["group": group]
        }
        if let holdsSeat = filter.holdsSeat {
            conditions.append("\(state.holdsSeat) = :seat")
            arguments += ["seat": holdsSeat]
        }
        if let changedSince = filter.changedSince {
            conditions.append("a.changedIn > :changedSince")
            arguments += ["changedSince": changedSince]
        }
        let sortKey: String
        // Names in their order come from the index on them.
        var people = "account a JOIN profile n USING (accountKey)"
        var direction = "ASC"
        switch order {
        case .name(let position):
            sortKey = "n.displayName COLLATE NOCASE"
            people = "profile n CROSS JOIN account a USING (accountKey)"
            if let position { arguments += ["position": position.name, "key": position.accountKey] }
        case .oldest(let position), .newest(let position):
            sortKey = "coalesce(lastAt, 0)"
            if case .newest = order { direction = "DESC" }
            if let position { arguments += ["position": position.lastAt, "key": position.accountKey] }
        }
        if order.hasPosition {
            conditions.append("(\(sortKey), n.accountKey) \(direction == "ASC" ? ">" : "<") (:position, :key)")
        }
        sql = """
            SELECT a.accountKey, a.siteKey, nullif(n.displayName, '') AS displayName, \(ProofColumns.columns),
                   (SELECT at FROM activity WHERE accountKey = a.accountKey AND at <= :asOf
                    ORDER BY at DESC LIMIT 1) AS lastAt
            FROM \(people) \(state.joins) \(ProofColumns.join) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(sortKey) \(direction), n.accountKey \(direction) LIMIT :limit
            """
        self.arguments = arguments
    }
}
