import GRDB
package import UsageModel

/// Why something of an account was erased. The raw value names it in the counts of `privacy.status`.
package enum ErasureCause: String, Sendable, CaseIterable {
    /// Atlassian answered that the account is closed: nothing is kept but its id.
    case closed = "erasedClosed"
    /// An administrator asked for it: nothing is kept but its id.
    case requested = "erasedRequested"
    /// Its name changed at Atlassian and could not be fetched again: name and address.
    case outdated = "erasedOutdated"
    /// It could not be reported for too long: name and address.
    case unreported = "erasedUnreported"
    /// Its site was left, and its data with it.
    case left = "erasedLeft"
}

extension UsageStore {
    /// Erases everything of an account on all sites but its bare id, which is not read or reported any more.
    ///
    /// - Returns: whether there was anything to erase.
    package func erase(
        _ account: AccountID, cause: ErasureCause, at instant: Instant
    ) async throws(StoreError) -> Bool {
        let isErased = try await write { try $0.erase(account, cause: cause, at: instant) }
        if isErased { try await wipe() }
        return isErased
    }

    /// Erases the names and addresses that changed before an instant and were not fetched again, and those of accounts
    /// whose report was due before another.
    ///
    /// - Returns: whether there was anything to erase.
    package func eraseProfiles(
        outdatedBefore: Instant, dueBefore: Instant, at instant: Instant
    ) async throws(StoreError) -> Bool {
        let erased = try await write { database in
            let outdated = try Int64.fetchAll(
                database, sql: "SELECT accountKey FROM profile WHERE outdatedAt < ?",
                arguments: [outdatedBefore.milliseconds])
            for key in outdated { try database.eraseProfile(of: key, cause: .outdated, at: instant) }
            let unreported = try Int64.fetchAll(
                database,
                sql: """
                    SELECT accountKey FROM accountReport JOIN account USING (accountId) JOIN profile USING (accountKey)
                    WHERE dueAt < ? AND displayName <> ''
                    """, arguments: [dueBefore.milliseconds])
            for key in unreported { try database.eraseProfile(of: key, cause: .unreported, at: instant) }
            return outdated.count + unreported.count
        }
        if erased > 0 { try await wipe() }
        return erased > 0
    }

    /// Removes from the files what has been deleted from the tables, if anything has been since the last time: rows that
    /// SQLite moved leave copies in the pages they came from, and the write-ahead log holds pages as they were.
    ///
    /// - Throws: where a reader holds on to the log for more than ten seconds; then it is still to be done.
    package func wipe() async throws(StoreError) {
        do {
            let isDue = try await pool.write { database in
                let isDue = try Bool.fetchOne(database, sql: "SELECT isWipeDue FROM privacyState") ?? false
                guard isDue else { return false }
                // Without a condition SQLite gives back every page of the table, overwritten, and then fills new ones. The
                // copy is no temporary table, for on a large site it does not belong into memory.
                try database.execute(
                    sql: """
                        CREATE TABLE kept AS SELECT * FROM profile;
                        DELETE FROM profile;
                        INSERT INTO profile SELECT * FROM kept;
                        DROP TABLE kept;
                        """)
                return true
            }
            guard isDue else { return }
            // Of whoever has been erased they know the names.
            discardCopies()
            try await pool.writeWithoutTransaction { database in
                _ = try database.checkpoint(.truncate)
                try database.execute(sql: "UPDATE privacyState SET isWipeDue = 0")
            }
        } catch {
            throw failure(error)
        }
    }
}

extension Database {
    /// Adds an account to a site. One that has been erased anywhere is erased here too.
    func add(_ account: AccountID, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                INSERT INTO account (siteKey, accountId, erasedAt, isAccessDue)
                SELECT :site, :account, erasedAt, erasedAt IS NULL
                FROM (SELECT min(erasedAt) AS erasedAt FROM erasedAccount WHERE accountId = :account)
                """
        ).execute(arguments: ["site": site.rawValue, "account": account.rawValue])
    }

    /// - Returns: whether there was anything to erase.
    func erase(_ account: AccountID, cause: ErasureCause, at instant: Instant) throws -> Bool {
        let keys = try Int64.fetchAll(
            self, sql: "SELECT accountKey FROM account WHERE accountId = ? AND erasedAt IS NULL",
            arguments: [account.rawValue])
        guard !keys.isEmpty else { return false }
        for key in keys {
            // The tallies go first, so that the triggers on activities find nothing to keep in step.
            for table in [
                "tally", "activity", "proof", "accountStanding", "accountAccess", "accountRole", "accountGroup",
                "profile",
            ] {
                try cachedStatement(sql: "DELETE FROM \(table) WHERE accountKey = ?").execute(arguments: [key])
            }
            try cachedStatement(
                sql: """
                    UPDATE account SET erasedAt = ?, isShown = 0, accountType = 'unknown', isEnabled = 0, seenAt = NULL,
                        firstListedAt = NULL, listedAt = NULL, accessReadAt = NULL, isAccessDue = 0, roleCount = 0
                    WHERE accountKey = ?
                    """
            ).execute(arguments: [instant.milliseconds, key])
        }
        try execute(
            sql: "INSERT OR IGNORE INTO erasedAccount (accountId, erasedAt) VALUES (?, ?)",
            arguments: [account.rawValue, instant.milliseconds])
        try execute(sql: "DELETE FROM accountReport WHERE accountId = ?", arguments: [account.rawValue])
        // The zone of a profile is a person's too.
        try execute(
            sql: """
                UPDATE syncState SET profileZone = NULL
                WHERE siteKey IN (SELECT siteKey FROM site WHERE grantAccountId = ?)
                """, arguments: [account.rawValue])
        try count(cause.rawValue, of: 1, at: instant)
        try execute(sql: "UPDATE privacyState SET isWipeDue = 1")
        return true
    }

    /// Erases name and address of an account that stays.
    func eraseProfile(of accountKey: Int64, cause: ErasureCause, at instant: Instant) throws {
        try cachedStatement(
            sql: "UPDATE profile SET displayName = '', email = NULL, outdatedAt = NULL WHERE accountKey = ?"
        ).execute(arguments: [accountKey])
        try count(cause.rawValue, of: 1, at: instant)
        try execute(sql: "UPDATE privacyState SET isWipeDue = 1")
    }

    /// Erases name and address of an account where they are known to have changed.
    func eraseOutdatedProfile(of accountKey: Int64, at instant: Instant) throws {
        let isOutdated = try Bool.fetchOne(
            cachedStatement(sql: "SELECT outdatedAt IS NOT NULL FROM profile WHERE accountKey = ?"),
            arguments: [accountKey])
        if isOutdated == true { try eraseProfile(of: accountKey, cause: .outdated, at: instant) }
    }

    /// Adds to the numbers of a day.
    func count(_ event: String, of number: Int, at instant: Instant) throws {
        guard number > 0 else { return }
        let day = Duration.days(1).inMilliseconds
        try cachedStatement(
            sql: """
                INSERT INTO privacyCount (day, event, count) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """
        ).execute(arguments: [instant.milliseconds / day * day, event, number])
    }
}
