import GRDB
package import UsageModel

extension UsageStore {
    /// Writes a page of the site's directory. Roles and groups are not touched.
    package func keep(_ people: [Person], listedAt instant: Instant, on site: SiteKey) async throws(StoreError) {
        try await write { database in
            let writer = try PeopleWriter(database: database, site: site)
            for person in people { try writer.keep(person, listedAt: instant.milliseconds) }
        }
    }

    /// Ends a reading of the directory that began at `instant`: who was in an earlier one and not in this is asked
    /// for again by name, since a missing row alone is no proof that the account is gone.
    package func finishRoster(_ state: SiteState, startedAt instant: Instant, on site: SiteKey)
        async throws(StoreError)
    {
        try await write { database in
            try database.execute(
                sql: "UPDATE account SET listedAt = NULL, isAccessDue = 1 WHERE siteKey = ? AND listedAt < ?",
                arguments: [site.rawValue, instant.milliseconds])
            try database.execute(
                sql: """
                    INSERT INTO directoryReading (siteKey, firstReadAt, lastReadAt) VALUES (:site, :at, :at)
                    ON CONFLICT DO UPDATE SET lastReadAt = max(lastReadAt, excluded.lastReadAt)
                    """, arguments: ["site": site.rawValue, "at": instant.milliseconds])
            try database.keep(state, for: site)
        }
    }

    /// The accounts whose roles and groups were never read, or which have gone from the directory since, behind
    /// `position` in a fixed order, and the position behind them. At the end there are none.
    package func accountsWithoutAccess(after position: Int64, limit: Int, on site: SiteKey)
        async throws(StoreError) -> (accounts: [AccountID], end: Int64)
    {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT accountKey, accountId FROM account
                    WHERE siteKey = ? AND isAccessDue AND accountKey > ? ORDER BY accountKey LIMIT ?
                    """, arguments: [site.rawValue, position, limit])
            return (rows.compactMap { AccountID(rawValue: $0["accountId"]) }, rows.last?["accountKey"] ?? position)
        }
    }

    /// The other accounts whose roles and groups were last read before `instant`, the longest ago first.
    package func accounts(withAccessReadBefore instant: Instant, limit: Int, on site: SiteKey)
        async throws(StoreError) -> [AccountID]
    {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT accountId FROM account WHERE siteKey = ? AND accessReadAt < ? AND NOT isAccessDue
                    ORDER BY accessReadAt, accountKey LIMIT ?
                    """, arguments: [site.rawValue, instant.milliseconds, limit]
            ).compactMap(AccountID.init(rawValue:))
        }
    }

    /// What one reading of an account by its id showed.
    package struct AccessReading: Sendable {
        package let account: AccountID
        package let outcome: Outcome

        package enum Outcome: Sendable {
            case found(Person, Access)
            /// Jira does not know the account, or does not show it. An account that the directory lists keeps what it
            /// had, for that may be a missing permission; any other holds nothing.
            case notShown
        }

        package init(account: AccountID, outcome: Outcome) {
            self.account = account
            self.outcome = outcome
        }
    }

    /// Writes roles and groups of some accounts, as read at `instant`.
    package func keep(_ readings: [AccessReading], readAt instant: Instant, on site: SiteKey)
        async throws(StoreError)
    {
        try await write { database in
            var writer = try PeopleWriter(database: database, site: site)
            for reading in readings { try writer.keep(reading, readAt: instant.milliseconds) }
        }
    }

    /// Writes which groups grant the given application roles, as read at `instant`: for each role all of its groups.
    /// Other roles keep theirs.
    package func keep(grants: [(role: String, groups: [Group])], readAt instant: Instant, on site: SiteKey)
        async throws(StoreError)
    {
        try await write { database in
            var writer = try PeopleWriter(database: database, site: site)
            for grant in grants {
                try writer.keep(grantsOf: grant.role, groups: grant.groups, readAt: instant.milliseconds)
            }
        }
    }
}
