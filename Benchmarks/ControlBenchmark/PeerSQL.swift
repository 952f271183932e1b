/// What the `sqlite3` shell is asked on the same file: as much as the daemon reads for its answer, but for the verdict.
enum PeerSQL {
    /// For `sqlite3`, which then reads no settings of a person.
    static let options = ["-readonly", "-batch", "-init", "/dev/null"]

    static func user(_ account: String) -> String {
        """
        SELECT json_object(
            'accountId', a.accountId, 'displayName', n.displayName, 'email', n.email, 'accountType', a.accountType,
            'enabled', a.isEnabled,
            'applicationRoles', (
                SELECT json_group_array(json_object('key', p.key, 'name', p.name))
                FROM accountRole r JOIN applicationRole p USING (roleKey)
                WHERE r.accountKey = a.accountKey AND r.lastSeenAt IS NULL),
            'groups', (
                SELECT json_group_array(json_object('id', c.groupId, 'name', c.name, 'grants', (
                    SELECT json_group_array(p.key) FROM roleGroup w JOIN applicationRole p USING (roleKey)
                    WHERE w.groupKey = g.groupKey AND w.lastSeenAt IS NULL)))
                FROM accountGroup g JOIN accessGroup c USING (groupKey)
                WHERE g.accountKey = a.accountKey AND g.lastSeenAt IS NULL),
            'standings', (
                SELECT json_group_array(json_object(
                    'from', \(instant("firstSeenAt")), 'until', \(instant("lastSeenAt")), 'enabled', isEnabled))
                FROM accountStanding s WHERE s.accountKey = a.accountKey),
            'accesses', (
                SELECT json_group_array(json_object('from', \(instant("firstSeenAt")), 'roles', roleCount))
                FROM accountAccess x WHERE x.accountKey = a.accountKey),
            'lastActivity', (
                SELECT \(activity) FROM activity v
                LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
                WHERE v.accountKey = a.accountKey ORDER BY v.at DESC LIMIT 1),
            'activity', (
                SELECT json_group_object(kind, json_object('count', count, 'lastAt', \(instant("lastAt"))))
                FROM tally t WHERE t.accountKey = a.accountKey),
            'proof', (SELECT \(instant("provenAt")) FROM proof q WHERE q.accountKey = a.accountKey))
        FROM account a JOIN profile n USING (accountKey) WHERE a.accountId = '\(account)';

        """
    }

    static func activities(of accountKey: Int64, limit: Int) -> String {
        """
        SELECT \(activity) FROM activity v
        LEFT JOIN issue i ON i.siteKey = v.siteKey AND i.issueId = v.issueId
        WHERE v.accountKey = \(accountKey)
        ORDER BY v.at DESC, v.kind DESC, v.issueId DESC, v.sourceId DESC, v.ordinal DESC LIMIT \(limit);
        """
    }

    private static let activity = """
        json_object('at', \(instant("v.at")), 'kind', CASE v.kind WHEN 0 THEN 'created' WHEN 1 THEN 'transitioned'
            WHEN 2 THEN 'edited' WHEN 3 THEN 'attached' WHEN 4 THEN 'worklogged' ELSE 'commented' END,
            'issueKey', i.key, 'issueId', cast(v.issueId AS TEXT))
        """

    private static func instant(_ column: String) -> String {
        "strftime('%Y-%m-%dT%H:%M:%fZ', \(column) / 1000.0, 'unixepoch')"
    }
}
