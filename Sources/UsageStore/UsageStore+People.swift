import GRDB
package import UsageModel

extension UsageStore {
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
}

extension Database {
    /// Ends a reading of the directory that began at `instant`: who was in an earlier one and not in this is asked
    /// for again by name, since a missing row alone is no proof that the account is gone.
    func finishRoster(startedAt instant: Instant, on site: SiteKey) throws {
        try execute(
            sql: "UPDATE account SET listedAt = NULL, isAccessDue = 1 WHERE siteKey = ? AND listedAt < ?",
            arguments: [site.rawValue, instant.milliseconds])
        try execute(
            sql: """
                INSERT INTO directoryReading (siteKey, firstReadAt, lastReadAt) VALUES (:site, :at, :at)
                ON CONFLICT DO UPDATE SET lastReadAt = max(lastReadAt, excluded.lastReadAt)
                """, arguments: ["site": site.rawValue, "at": instant.milliseconds])
    }
}
