/// The site itself, read completely from its first issue on: roles, groups, projects, issues, and how far the sync is.
struct StoreSite {
    let file: SQLiteFile
    let size: StoreSize

    static let roles = 3
    static let groups = 400
    static let projects = 50
    /// How far back the site's first issue lies.
    static let history = 1095 * MadeStore.day

    func write() throws {
        let (now, beginning) = (MadeStore.now, MadeStore.now - Self.history)
        try file.execute(
            """
            INSERT INTO site
            VALUES (1, '\(MadeStore.cloudID)', 'made', 'https://made.atlassian.net', 'reader', \(beginning), NULL);
            INSERT INTO syncState (
                siteKey, completeSince, completeUntil, reachesBeginning, worklogsReadFrom, worklogsReadUntil,
                worklogsCheckedAt, rosterReadAt, rosterSize, grantsReadAt, reconciledAt, trailedAt, factsReadAt,
                profileZone, confirmedAt, lastCompletedAt)
            SELECT 1, \(beginning), t, 1, 0, t, t, t, \(size.accounts), t, t, t, t, 'Etc/UTC', t, t
            FROM (SELECT \(now) AS t);
            INSERT INTO directoryReading VALUES (1, \(beginning), \(now));
            INSERT INTO applicationRole VALUES
                (1, 1, 'jira-software', 'Jira Software', \(now)),
                (2, 1, 'jira-servicedesk', 'Jira Service Management', \(now)),
                (3, 1, 'jira-product-discovery', 'Jira Product Discovery', \(now));
            INSERT INTO roleGrants SELECT roleKey, \(beginning), NULL FROM applicationRole;

            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.groups))
            INSERT INTO accessGroup SELECT i, 1, printf('%08x-4b1d-4c2e-8f3a-%012x', i * 2654435761 % 4294967296, i),
                printf('team-%03d', i) FROM n;
            -- Each role by a few groups, as sites have it.
            INSERT INTO roleGroup SELECT roleKey, groupKey, \(beginning), NULL
            FROM applicationRole JOIN accessGroup ON groupKey % 20 = roleKey;

            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.projects))
            INSERT INTO project (siteKey, projectId, key, name, lastSeenAt, checkedAt)
            SELECT 1, 10000 + i, printf('P%02d', i), printf('Project %d', i), \(now), \(now) FROM n;

            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(size.issues))
            INSERT INTO issue (siteKey, issueId, key, updatedAt, readAt, shownAt)
            SELECT 1, 10000 + i, printf('P%02d-%d', i % \(Self.projects) + 1, i / \(Self.projects) + 1), t, t, t
            FROM n, (SELECT \(now) AS t);
            """)
    }
}
