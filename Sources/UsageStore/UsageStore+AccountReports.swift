import GRDB
package import UsageModel

/// What Atlassian answered to a report of accounts.
package struct AccountReportResult: Sendable {
    package let reported: [AccountID]
    /// Of them, those to be erased.
    package let closed: [AccountID]
    /// Of them, those to be fetched again.
    package let updated: [AccountID]
    /// Atlassian would not hear of these: they are not reported again before the next cycle.
    package let refused: [AccountID]

    package init(reported: [AccountID], closed: [AccountID], updated: [AccountID], refused: [AccountID] = []) {
        self.reported = reported
        self.closed = closed
        self.updated = updated
        self.refused = refused
    }
}

/// How far the reports of stored accounts are.
package struct AccountReportState: Hashable, Sendable {
    /// How often each account is to be reported.
    package let cycle: Duration
    /// Stored accounts that are reported, on however many sites each.
    package let accounts: Int
    /// Of them, those reported within the last cycle.
    package let reported: Int
    /// Of them, those whose time is past.
    package let overdue: Int
    /// The earliest time at which one is due; `nil` where there is none.
    package let nextDueAt: Instant?
    package let lastReportedAt: Instant?
    /// Profiles that changed at Atlassian and have not been fetched again.
    package let outdated: Int
    /// Accounts of which nothing is kept but the id.
    package let erased: Int
    /// Whether traces of what was erased are still to be removed from the files.
    package let isWipeDue: Bool
}

/// What is counted of each day, beside erasures. The raw value is how it is stored.
package enum PrivacyEvent: String, Sendable, CaseIterable {
    /// Answered reports.
    case requests
    case reported
    case closed
    case updated
    case refused
    /// Rounds of reports that did not come to their end.
    case failures
}

/// The number of accounts that something happened to on one day.
package struct PrivacyCount: Hashable, Sendable {
    /// The beginning of the day, in UTC.
    package let day: Instant
    package let event: String
    package let count: Int
}

extension UsageStore {
    /// How often each account is to be reported; 7 days until Atlassian says otherwise.
    package func reportCycle() async throws(StoreError) -> Duration {
        try await read { .milliseconds(try Int64.fetchOne($0, sql: "SELECT cycle FROM privacyState") ?? 0) }
    }

    /// Stored accounts of which nobody has decided yet when they are to be reported, at most `limit`.
    package func unscheduledAccounts(limit: Int) async throws(StoreError) -> [AccountID] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT accountId FROM account WHERE erasedAt IS NULL
                    AND NOT EXISTS (SELECT 1 FROM accountReport r WHERE r.accountId = account.accountId) LIMIT ?
                    """, arguments: [limit]
            ).compactMap(AccountID.init(rawValue:))
        }
    }

    /// Writes when accounts are to be reported first.
    package func schedule(_ accounts: [(AccountID, dueAt: Instant)], at instant: Instant) async throws(StoreError) {
        try await write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR IGNORE INTO accountReport (accountId, storedAt, dueAt) VALUES (?, ?, ?)")
            for (account, dueAt) in accounts {
                try statement.execute(arguments: [account.rawValue, instant.milliseconds, dueAt.milliseconds])
            }
        }
    }

    /// Forgets accounts that are stored no more, and brings due times near that a clock which has been set back made far.
    package func tidySchedule(latest: Instant) async throws(StoreError) {
        try await write { database in
            try database.forgetReportsOfStrangers()
            try database.execute(
                sql: "UPDATE accountReport SET dueAt = :latest WHERE dueAt > :latest",
                arguments: ["latest": latest.milliseconds])
        }
    }

    /// Accounts that are to be reported before an instant, those due first first, at most `limit`.
    ///
    /// - Parameter orNew: those as well that were never reported.
    package func accountsDue(
        before instant: Instant, orNew: Bool = false, limit: Int
    ) async throws(StoreError) -> [ReportedAccount] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT accountId, coalesce(
                        (SELECT min(fetchedAt) FROM account a JOIN profile p USING (accountKey)
                         WHERE a.accountId = r.accountId AND p.displayName <> ''), storedAt) AS fetchedAt
                    FROM accountReport r WHERE dueAt < ? \(orNew ? "OR reportedAt IS NULL" : "") ORDER BY dueAt LIMIT ?
                    """, arguments: [instant.milliseconds, limit]
            ).compactMap { row in
                AccountID(rawValue: row["accountId"]).map {
                    ReportedAccount(account: $0, fetchedAt: Instant(milliseconds: row["fetchedAt"]))
                }
            }
        }
    }

    /// Writes what Atlassian answered, and does what it asks for: closed accounts are erased, changed ones are read again
    /// by the next pass.
    package func keep(_ result: AccountReportResult, dueAt: Instant, at instant: Instant) async throws(StoreError) {
        try await write { database in
            let closed = Set(result.closed)
            for account in result.reported + result.refused where !closed.contains(account) {
                try database.cachedStatement(
                    sql: "UPDATE accountReport SET reportedAt = ?, dueAt = ? WHERE accountId = ?"
                ).execute(arguments: [instant.milliseconds, dueAt.milliseconds, account.rawValue])
            }
            for account in result.updated where !closed.contains(account) {
                try database.noteChange(of: account, at: instant)
            }
            for account in result.closed { _ = try database.erase(account, cause: .closed, at: instant) }
            try database.count(PrivacyEvent.requests.rawValue, of: 1, at: instant)
            try database.count(PrivacyEvent.reported.rawValue, of: result.reported.count, at: instant)
            try database.count(PrivacyEvent.closed.rawValue, of: result.closed.count, at: instant)
            try database.count(PrivacyEvent.updated.rawValue, of: result.updated.count, at: instant)
            try database.count(PrivacyEvent.refused.rawValue, of: result.refused.count, at: instant)
        }
        try await wipe()
    }

    /// Writes how often Atlassian wants to hear of each account.
    package func keep(reportCycle cycle: Duration) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE accountReport SET dueAt = coalesce(
                        reportedAt + :cycle, storedAt + (dueAt - storedAt) * :cycle / (SELECT cycle FROM privacyState));
                    """, arguments: ["cycle": cycle.inMilliseconds])
            try database.execute(
                sql: "UPDATE privacyState SET cycle = ?", arguments: [cycle.inMilliseconds])
        }
    }

    package func accountReportState(at instant: Instant) async throws(StoreError) -> AccountReportState {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT cycle, isWipeDue,
                        -- In the order of an index: count(DISTINCT) would keep all ids in memory.
                        (SELECT count(*) FROM (SELECT 1 FROM account WHERE erasedAt IS NULL GROUP BY accountId)) AS accounts,
                        (SELECT count(*) FROM accountReport WHERE reportedAt > :now - cycle) AS reported,
                        (SELECT count(*) FROM accountReport WHERE dueAt < :now) AS overdue,
                        (SELECT min(dueAt) FROM accountReport) AS nextDueAt,
                        (SELECT max(reportedAt) FROM accountReport) AS lastReportedAt,
                        (SELECT count(*) FROM profile WHERE outdatedAt IS NOT NULL) AS outdated,
                        (SELECT count(*) FROM erasedAccount) AS erased
                    FROM privacyState
                    """, arguments: ["now": instant.milliseconds])
            guard let row else { throw StoreError.corrupt(path: path, message: "privacyState is empty") }
            return AccountReportState(
                cycle: .milliseconds(row["cycle"] as Int64), accounts: row["accounts"], reported: row["reported"],
                overdue: row["overdue"], nextDueAt: row.instant("nextDueAt"),
                lastReportedAt: row.instant("lastReportedAt"), outdated: row["outdated"], erased: row["erased"],
                isWipeDue: row["isWipeDue"])
        }
    }

    /// What happened to how many accounts on each day since an instant, the latest day first.
    package func privacyCounts(since instant: Instant) async throws(StoreError) -> [PrivacyCount] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM privacyCount WHERE day >= ? ORDER BY day DESC, event",
                arguments: [instant.milliseconds]
            ).map { PrivacyCount(day: Instant(milliseconds: $0["day"]), event: $0["event"], count: $0["count"]) }
        }
    }

    /// Adds to the day's number of reports that did not succeed.
    package func countFailedReport(at instant: Instant) async throws(StoreError) {
        try await write { try $0.count(PrivacyEvent.failures.rawValue, of: 1, at: instant) }
    }
}

extension Database {
    /// Forgets when accounts that are stored no more are to be reported.
    func forgetReportsOfStrangers() throws {
        try execute(
            sql: """
                DELETE FROM accountReport WHERE NOT EXISTS (
                    SELECT 1 FROM account a WHERE a.accountId = accountReport.accountId AND erasedAt IS NULL)
                """)
    }

    /// Something of the account's profile has changed since it was fetched.
    fileprivate func noteChange(of account: AccountID, at instant: Instant) throws {
        let now = instant.milliseconds
        try cachedStatement(
            sql: "UPDATE account SET isAccessDue = 1 WHERE accountId = ? AND erasedAt IS NULL AND isShown"
        )
        .execute(arguments: [account.rawValue])
        try cachedStatement(
            sql: """
                UPDATE profile SET outdatedAt = ? WHERE outdatedAt IS NULL AND displayName <> ''
                AND accountKey IN (SELECT accountKey FROM account WHERE accountId = ?)
                """
        ).execute(arguments: [now, account.rawValue])
        // Of an account without a profile nothing could be out of date: from now on that is known.
        try cachedStatement(sql: "UPDATE accountReport SET storedAt = ? WHERE accountId = ?")
            .execute(arguments: [now, account.rawValue])
    }
}

/// Stored accounts that should have been reported to Atlassian by now.
package struct OverdueReports: Hashable, Sendable {
    package let count: Int
    /// When the first of all stored accounts falls due, or fell; `nil` where none is stored.
    package let firstDueAt: Instant?
    /// How often each account is to be reported.
    package let cycle: Duration
}

extension StoreReader {
    /// Asks less than `accountReportState(at:)` does, for whoever asks often.
    package func overdueReports(at instant: Instant) throws -> OverdueReports {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT cycle, (SELECT count(*) FROM accountReport WHERE dueAt < ?) AS overdue,
                        (SELECT min(dueAt) FROM accountReport) AS firstDueAt
                    FROM privacyState
                    """), arguments: [instant.milliseconds])
        return OverdueReports(
            count: row?["overdue"] ?? 0, firstDueAt: row?.instant("firstDueAt"),
            cycle: .milliseconds(row?["cycle"] ?? 0 as Int64))
    }

    /// `nil` where it is not known, or has been erased.
    package func displayName(of account: AccountID, on site: SiteKey) throws -> String? {
        try String.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT displayName FROM account JOIN profile USING (accountKey)
                    WHERE siteKey = ? AND accountId = ? AND displayName <> ''
                    """), arguments: [site.rawValue, account.rawValue])
    }
}
