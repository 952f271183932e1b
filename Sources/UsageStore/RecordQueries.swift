import UsageModel

/// The queries of a record, as SQL that is put together once: `?1` is the account's key, `?2` the instant of the report in
/// milliseconds.
struct RecordQueries: Sendable {
    /// What is known last.
    static let latest = RecordQueries(asOf: nil)
    static let past = RecordQueries(asOf: Instant(milliseconds: 0))

    let account: String
    /// Keys only: their names are in few rows, which are kept.
    let roles: String
    let groups: String
    /// Of a group, whose key is `?1`.
    let grants: String
    let tallies: String
    let last: String

    private init(asOf: Instant?) {
        // Which instant, is bound; here only whether there is one counts.
        let state = AccountState(asOf: asOf)
        account = Self.numbered(
            """
            SELECT a.siteKey, a.accountId, a.erasedAt, nullif(n.displayName, ''), n.email,
                   coalesce(\(state.accountType), 'unknown'), coalesce(\(state.isEnabled), 0), \(state.holdsSeat),
                   \(state.accessReadAt), \(ProofColumns.columns)
            FROM account a \(state.joins) \(ProofColumns.join)
            LEFT JOIN profile n ON n.accountKey = a.accountKey WHERE a.accountKey = ?1
            """)
        roles = Self.numbered(
            "SELECT r.roleKey FROM \(state.holdings("accountRole", "r")) WHERE r.accountKey = ?1 AND \(state.holds("r"))"
        )
        groups = Self.numbered(
            "SELECT g.groupKey FROM \(state.holdings("accountGroup", "g")) WHERE g.accountKey = ?1 AND \(state.holds("g"))"
        )
        grants = Self.numbered(
            """
            SELECT p.key FROM roleGroup g
            JOIN roleGrants w ON w.roleKey = g.roleKey
                AND w.firstSeenAt = \(Stretches.beginning(in: "roleGrants", of: "roleKey = g.roleKey"))
            JOIN applicationRole p ON p.roleKey = g.roleKey
            WHERE g.groupKey = ?1 AND \(Stretches.holds("g", at: "w.firstSeenAt")) ORDER BY p.key
            """)
        tallies =
            asOf == nil
            ? "SELECT kind, count, lastAt FROM tally WHERE accountKey = ?1"
            : "SELECT kind, count(*), max(at) FROM activity WHERE accountKey = ?1 AND at <= ?2 GROUP BY kind"
        last = """
            SELECT v.at, v.kind, v.issueId, i.key FROM activity v
            LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
            WHERE v.accountKey = ?1 AND v.at <= ?2
            ORDER BY v.at DESC, v.kind DESC, v.issueId DESC LIMIT 1
            """
    }

    private static func numbered(_ sql: String) -> String {
        sql.split(separator: ":asOf", omittingEmptySubsequences: false).joined(separator: "?2")
    }
}
