import GRDB
package import UsageModel

extension UsageStore {
    /// The accounts whose roles and groups were last read before `instant`, the longest ago first.
    package func accounts(withAccessReadBefore instant: Instant, limit: Int, on site: SiteKey)
        async throws(StoreError) -> [AccountID]
    {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT accountId FROM account WHERE siteKey = ? AND accessReadAt < ?
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
    /// Writes a page of the site's directory. Roles and groups are not touched.
    func keep(_ people: [Person], listedAt instant: Instant, on site: SiteKey) throws {
        let statement = try cachedStatement(
            sql: """
                INSERT INTO account (siteKey, accountId, displayName, email, accountType, isEnabled, listedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (siteKey, accountId) DO UPDATE SET
                    displayName = excluded.displayName, email = excluded.email,
                    accountType = excluded.accountType, isEnabled = excluded.isEnabled,
                    listedAt = excluded.listedAt
                """)
        for person in people {
            try statement.execute(arguments: [
                site.rawValue, person.account.rawValue, person.displayName, person.email,
                person.accountType.rawValue, person.isEnabled, instant.milliseconds,
            ])
        }
    }

    /// Ends a reading of the directory that began at `instant`: who was in an earlier one and not in this is asked
    /// for again by name, since a missing row alone is no proof that the account is gone.
    func finishRoster(startedAt instant: Instant, on site: SiteKey) throws {
        try execute(
            sql: "UPDATE account SET listedAt = NULL, accessReadAt = NULL WHERE siteKey = ? AND listedAt < ?",
            arguments: [site.rawValue, instant.milliseconds])
    }
}

/// Writes the readings of one transaction.
struct AccessWriter {
    let database: Database
    let site: SiteKey
    let instant: Instant

    func keep(_ reading: UsageStore.AccessReading) throws {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT accountKey, accessReadAt FROM account WHERE siteKey = ? AND accountId = ?"),
            arguments: [site.rawValue, reading.account.rawValue])
        guard let row else { return }
        let accountKey: Int64 = row["accountKey"]
        let previous: Int64? = row["accessReadAt"]
        switch reading.outcome {
        case .found(let person, let access):
            try database.cachedStatement(
                sql: """
                    UPDATE account SET displayName = ?, email = ?, accountType = ?, isEnabled = ?, accessReadAt = ?,
                        roleCount = ?, groupCount = ? WHERE accountKey = ?
                    """
            ).execute(arguments: [
                person.displayName, person.email, person.accountType.rawValue, person.isEnabled,
                instant.milliseconds, access.roleCount, access.groupCount, accountKey,
            ])
            for role in access.roles {
                try extend("accountRole", "roleKey", of: accountKey, to: try key(of: role), from: previous)
            }
            for group in access.groups {
                try extend("accountGroup", "groupKey", of: accountKey, to: try key(of: group), from: previous)
            }
        case .notShown:
            try database.cachedStatement(
                sql: """
                    UPDATE account SET isEnabled = 0, accessReadAt = ?, roleCount = 0, groupCount = 0
                    WHERE accountKey = ? AND listedAt IS NULL
                    """
            ).execute(arguments: [instant.milliseconds, accountKey])
        }
    }

    /// Draws the stretch that ended at the previous reading out to this one, or begins a new one.
    private func extend(
        _ table: String, _ column: String, of accountKey: Int64, to key: Int64, from previous: Int64?
    ) throws {
        try database.cachedStatement(
            sql: "UPDATE \(table) SET lastSeenAt = ? WHERE accountKey = ? AND \(column) = ? AND lastSeenAt = ?"
        ).execute(arguments: [instant.milliseconds, accountKey, key, previous])
        guard database.changesCount == 0 else { return }
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO \(table) (accountKey, \(column), firstSeenAt, lastSeenAt) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [accountKey, key, instant.milliseconds, instant.milliseconds])
    }

    private func key(of role: ApplicationRole) throws -> Int64 {
        try number(
            database.cachedStatement(
                sql: """
                    INSERT INTO applicationRole (siteKey, key, name) VALUES (?, ?, ?)
                    ON CONFLICT (siteKey, key) DO UPDATE SET name = excluded.name RETURNING roleKey
                    """), arguments: [site.rawValue, role.key, role.name])
    }

    private func key(of group: Group) throws -> Int64 {
        try number(
            database.cachedStatement(
                sql: """
                    INSERT INTO accessGroup (siteKey, groupId, name) VALUES (?, ?, ?)
                    ON CONFLICT (siteKey, groupId) DO UPDATE SET name = excluded.name RETURNING groupKey
                    """), arguments: [site.rawValue, group.id, group.name])
    }

    /// The one number that an upsert returns.
    private func number(_ statement: Statement, arguments: StatementArguments) throws -> Int64 {
        guard let number = try Int64.fetchOne(statement, arguments: arguments) else {
            throw StoreError.corrupt(path: "usage.db", message: "an upsert returned no row")
        }
        return number
    }
}
