import GRDB
package import UsageModel

/// Somebody of whom it is to be proven that they did nothing since their last activity.
package struct Candidate: Hashable, Sendable {
    package let account: AccountID
    /// The latest activity known; `nil` where none is.
    package let last: Instant?
    /// Whether Jira once knew of nothing for all time.
    package let isProvenForAllTime: Bool

    package init(account: AccountID, last: Instant?, isProvenForAllTime: Bool = false) {
        self.account = account
        self.last = last
        self.isProvenForAllTime = isProvenForAllTime
    }
}

/// Whose silence is to be proven.
package struct CandidateQuery: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        /// That they did nothing lately.
        case recent
        /// That they never did anything: of those of whom nothing is known and who are proven to have been silent for as far
        /// as the record reaches, unless it is known that they did something before.
        case allTime
    }

    package let purpose: Purpose
    /// Those without an activity since.
    package let quietSince: Instant
    /// How far back a proof has to reach where no activity is known since: as far as the record; `nil` for all time.
    package let reach: Instant?
    /// A proof given before this is old.
    package let renewBefore: Instant
    /// A disagreement found before this is looked into again.
    package let retryBefore: Instant

    package init(
        purpose: Purpose = .recent, quietSince: Instant, reach: Instant?, renewBefore: Instant, retryBefore: Instant
    ) {
        self.purpose = purpose
        self.quietSince = quietSince
        self.reach = reach
        self.renewBefore = renewBefore
        self.retryBefore = retryBefore
    }

    /// Those as well who will be among them after that time, if nothing happens.
    package func ahead(by time: Duration) -> CandidateQuery {
        CandidateQuery(
            purpose: purpose, quietSince: quietSince + time, reach: reach, renewBefore: renewBefore + time,
            retryBefore: retryBefore)
    }
}

extension UsageStore {
    /// Candidates behind `position` in a fixed order, at most `limit` of them, and the position behind what was
    /// looked at: `nil` at the end.
    package func candidates(
        _ query: CandidateQuery, after position: Int64, limit: Int, on site: SiteKey
    ) async throws(StoreError) -> (candidates: [Candidate], end: Int64?) {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT a.accountKey, a.accountId,
                           (SELECT max(lastAt) FROM tally t WHERE t.accountKey = a.accountKey) AS lastAt,
                           p.accountKey IS NOT NULL AND p.provenFrom IS NULL AND NOT p.disagrees AS isProvenForAllTime
                    FROM account a NOT INDEXED LEFT JOIN proof p USING (accountKey)
                    WHERE a.siteKey = :site AND a.accountKey > :position
                      AND a.accountType = 'atlassian' AND a.isShown
                      AND iif(:isAllTime,
                          lastAt IS NULL AND p.provenFrom IS NOT NULL AND NOT p.disagrees AND NOT p.hasEarlier,
                          (lastAt IS NULL OR lastAt < :quietSince)
                          AND (p.accountKey IS NULL OR p.provenAt < iif(p.disagrees, :retryBefore, :renewBefore)
                               OR (lastAt IS NOT NULL AND coalesce(p.provenFrom, 0) <= lastAt)
                               OR p.provenFrom > max(coalesce(lastAt + :day, -1), coalesce(:reach, -1))))
                    ORDER BY a.accountKey LIMIT :limit
                    """,
                arguments: [
                    "site": site.rawValue, "position": position, "quietSince": query.quietSince.milliseconds,
                    "renewBefore": query.renewBefore.milliseconds, "retryBefore": query.retryBefore.milliseconds,
                    "reach": query.reach?.milliseconds, "day": Proof.longestDay.inMilliseconds, "limit": limit,
                    "isAllTime": query.purpose == .allTime,
                ])
            let candidates = rows.compactMap { row in
                AccountID(rawValue: row["accountId"]).map {
                    Candidate(
                        account: $0, last: row.instant("lastAt"), isProvenForAllTime: row["isProvenForAllTime"])
                }
            }
            return (candidates, rows.count < limit ? nil : rows.last?["accountKey"])
        }
    }

    /// The latest activities of the given accounts, in their order.
    package func lastActivities(of accounts: [AccountID], on site: SiteKey) async throws(StoreError) -> [Candidate] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT max(lastAt) FROM tally JOIN account USING (accountKey)
                    WHERE siteKey = ? AND accountId = ?
                    """)
            return try accounts.map { account in
                let last = try Int64.fetchOne(statement, arguments: [site.rawValue, account.rawValue])
                return Candidate(account: account, last: last.map(Instant.init(milliseconds:)))
            }
        }
    }

    /// Somebody with an activity in the given stretch, which Jira must know of too; `nil` where there is nobody. Work that
    /// was logged does not make one: by a history without an author Jira's search does not find it.
    package func witness(from: Instant, until: Instant, on site: SiteKey) async throws(StoreError) -> AccountID? {
        try await read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT accountId FROM tally JOIN account USING (accountKey)
                    WHERE siteKey = ? AND lastAt >= ? AND lastAt < ? AND accountType = 'atlassian' AND kind <> ?
                    LIMIT 1
                    """,
                arguments: [
                    site.rawValue, from.milliseconds, until.milliseconds, ActivityKind.worklogged.rank,
                ]
            ).flatMap(AccountID.init(rawValue:))
        }
    }

    /// How many people might hold a seat, have no activity since `instant`, and are not proven to have none.
    package func unsettledPeople(since instant: Instant, on site: SiteKey) async throws(StoreError) -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM account a
                    WHERE siteKey = :site AND accountType = 'atlassian' AND isEnabled
                      AND NOT EXISTS (
                          SELECT 1 FROM tally t WHERE t.accountKey = a.accountKey AND lastAt >= :since)
                      AND NOT EXISTS (
                          SELECT 1 FROM proof p WHERE p.accountKey = a.accountKey AND NOT disagrees
                          AND coalesce(provenFrom, 0) <= :since)
                    """, arguments: ["site": site.rawValue, "since": instant.milliseconds]) ?? 0
        }
    }

    /// The keys of all application roles that are known.
    package func roleKeys(on site: SiteKey) async throws(StoreError) -> [String] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT key FROM applicationRole WHERE siteKey = ? ORDER BY key",
                arguments: [site.rawValue])
        }
    }

    /// Accounts whose roles and groups were never read, or which have gone from the directory since, behind `position` in
    /// a fixed order, and the position behind what was looked at, `nil` at the end. Customers hold no seat and are in no
    /// group, and theirs are not read, unless their profile is to be fetched again.
    ///
    /// - Parameter quietSince: only those without an activity since then.
    package func unreadAccounts(
        quietSince instant: Instant?, after position: Int64, limit: Int, on site: SiteKey
    ) async throws(StoreError) -> (accounts: [AccountID], end: Int64?) {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT accountKey, accountId FROM account a
                    WHERE siteKey = :site AND isAccessDue AND accountKey > :position
                      AND (accountType <> 'customer' OR EXISTS (
                          SELECT 1 FROM profile n WHERE n.accountKey = a.accountKey AND outdatedAt IS NOT NULL))
                      AND (:quietSince IS NULL OR NOT EXISTS (
                          SELECT 1 FROM tally t WHERE t.accountKey = a.accountKey AND lastAt >= :quietSince))
                    ORDER BY accountKey LIMIT :limit
                    """,
                arguments: [
                    "site": site.rawValue, "quietSince": instant?.milliseconds, "position": position, "limit": limit,
                ])
            return (
                rows.compactMap { AccountID(rawValue: $0["accountId"]) },
                rows.count < limit ? nil : rows.last?["accountKey"]
            )
        }
    }
}

extension Database {
    func keep(_ proof: Proof, of account: AccountID, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                INSERT INTO proof (accountKey, provenFrom, provenAt, disagrees)
                SELECT accountKey, ?, ?, ? FROM account WHERE siteKey = ? AND accountId = ?
                ON CONFLICT DO UPDATE SET
                    provenFrom = excluded.provenFrom, provenAt = excluded.provenAt, disagrees = excluded.disagrees
                """
        ).execute(arguments: [
            proof.from?.milliseconds, proof.at.milliseconds, proof.outcome == .disagrees, site.rawValue,
            account.rawValue,
        ])
    }

    func noteEarlierActivity(of account: AccountID, on site: SiteKey) throws {
        try cachedStatement(
            sql: """
                UPDATE proof SET hasEarlier = 1
                WHERE accountKey = (SELECT accountKey FROM account WHERE siteKey = ? AND accountId = ?)
                """
        ).execute(arguments: [site.rawValue, account.rawValue])
    }
}
