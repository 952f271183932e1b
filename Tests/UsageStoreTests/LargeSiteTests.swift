import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

/// More accounts than the other tests write, put there by SQL.
@Suite("The store: a large site")
struct LargeSiteTests {
    /// Each account lost one role and one group and got others, once.
    private static func fill(_ site: PeopleSite, accounts: Int) async throws {
        try await site.store.write { database in
            try database.execute(
                sql: """
                    INSERT INTO applicationRole (roleKey, siteKey, key, name)
                        VALUES (1, :site, 'a', 'A'), (2, :site, 'b', 'B'), (3, :site, 'c', 'C');
                    """, arguments: ["site": site.site.key.rawValue])
            try database.execute(
                sql: """
                    CREATE TEMP TABLE number AS WITH RECURSIVE n(i) AS (
                        SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n
                    """, arguments: ["count": accounts])
            try database.execute(
                sql: """
                    INSERT INTO accessGroup (groupKey, siteKey, groupId, name)
                        SELECT i, :site, 'g' || i, 'group ' || i FROM number WHERE i <= 200
                    """, arguments: ["site": site.site.key.rawValue])
            try database.execute(
                sql: """
                    INSERT INTO account (accountKey, siteKey, accountId, isShown, accountType, isEnabled, seenAt,
                                         firstListedAt, listedAt, accessReadAt, isAccessDue, roleCount)
                        SELECT i, :site, 'account-' || i, 1, 'atlassian', i % 10 > 0, 5000,
                               1000, 5000, 5000, 0, 2 FROM number
                    """, arguments: ["site": site.site.key.rawValue])
            try database.execute(
                sql: """
                    INSERT INTO profile (accountKey, displayName, fetchedAt)
                        SELECT i, 'Name ' || (i * 7919 % 100003), 5000 FROM number
                    """)
            try database.execute(
                sql: """
                    INSERT INTO accountStanding
                        SELECT i, 1000, 2999, 'atlassian', 1 FROM number UNION ALL
                        SELECT i, 3000, NULL, 'atlassian', i % 10 > 0 FROM number;
                    INSERT INTO accountAccess
                        SELECT i, 1000, 1999, 2 FROM number UNION ALL SELECT i, 2000, NULL, 2 FROM number;
                    INSERT INTO accountRole
                        SELECT i, 1, 1000, NULL FROM number UNION ALL
                        SELECT i, 2, 1000, 1999 FROM number UNION ALL
                        SELECT i, 3, 2000, NULL FROM number;
                    INSERT INTO accountGroup
                        SELECT i, 1 + i % 100, 1000, NULL FROM number UNION ALL
                        SELECT i, 101 + i % 50, 1000, NULL FROM number UNION ALL
                        SELECT i, 151 + i % 25, 1000, 1999 FROM number UNION ALL
                        SELECT i, 176 + i % 25, 2000, NULL FROM number;
                    INSERT INTO roleGrants SELECT roleKey, 1000, NULL FROM applicationRole;
                    INSERT INTO roleGroup SELECT 1 + i % 3, i, 1000, NULL FROM number WHERE i <= 200;
                    INSERT INTO activity SELECT 1, 2, i * 4 + n, 0, i, i, 500 + n * 1000
                        FROM number, (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3);
                    """)
        }
    }

    @Test("as of any instant, seats and lists of a large site are those that were written", arguments: [3000])
    func answers(accounts: Int) async throws {
        try await PeopleSite.with { site in
            try await Self.fill(site, accounts: accounts)
            for (asOf, roles, holders) in [
                (1500, ["a", "b"], accounts), (2500, ["a", "c"], accounts), (3500, ["a", "c"], accounts * 9 / 10),
                (nil, ["a", "c"], accounts * 9 / 10),
            ] as [(Int64?, [String], Int)] {
                let instant = asOf.map(Instant.init(milliseconds:))
                let seats = try await site.store.seats(on: site.site.key, asOf: instant)
                #expect(Set(seats.compactMap(\.role?.key)) == Set(roles) && seats.count == holders * 2)
                let list = try await site.store.summaries(
                    matching: UserFilter(role: roles[1], holdsSeat: true), order: .oldest(after: nil), asOf: instant,
                    limit: accounts)
                #expect(list.count == holders)
            }
        }
    }

    @Test(
        "as of an instant every account is found by its key, and no table but that of accounts, or their names, is read whole",
        arguments: [nil, Instant(milliseconds: 2500)])
    func plans(asOf: Instant?) async throws {
        try await PeopleSite.with { site in
            let filter = UserFilter(site: site.site.key, role: "a", group: "g", holdsSeat: true)
            let list = SummaryQuery(matching: filter, order: .name(after: nil), asOf: asOf, limit: 100)
            let seats: StatementArguments = ["site": site.site.key.rawValue, "asOf": asOf?.milliseconds ?? Int64.max]
            for (sql, arguments, tables) in [
                (list.sql, list.arguments, ["r", "g"]), (StoreReader.seatQuery(asOf: asOf), seats, ["r", "p"]),
            ] {
                let plan = try await site.store.read { database in
                    try String.fetchAll(
                        database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments,
                        adapter: SuffixRowAdapter(fromIndex: 3))
                }
                for table in tables + (asOf == nil ? [] : ["s", "x", "accountStanding", "accountAccess"]) {
                    #expect(
                        plan.contains { $0.hasPrefix("SEARCH \(table) USING") && !$0.contains("AUTOMATIC") },
                        "\(table): \(plan)")
                }
                let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN a") && $0 != "SCAN CONSTANT ROW" }
                    .filter { !$0.hasPrefix("SCAN n USING") }
                #expect(scans.allSatisfy { ["SCAN applicationRole", "SCAN accessGroup"].contains($0) }, "\(plan)")
                #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            }
        }
    }
}
