import GRDB
package import UsageModel

extension UsageStore {
    /// Deletes what people did on a site before an instant, and takes back the claim to know of the time before it.
    ///
    /// - Returns: how many activities were deleted.
    package func forgetActivities(before instant: Instant, on site: SiteKey) async throws(StoreError) -> Int {
        // The claim goes first: a stop in between leaves more than is claimed, never less.
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE syncState SET
                        reachesBeginning = 0,
                        completeSince = min(max(completeSince, :instant), completeUntil),
                        worklogsReadFrom = max(worklogsReadFrom, :instant),
                        changeNumber = changeNumber + 1
                    WHERE siteKey = :site AND (completeSince < :instant OR reachesBeginning)
                      AND EXISTS (SELECT 1 FROM activity WHERE siteKey = :site AND at < :instant)
                    """, arguments: ["instant": instant.milliseconds, "site": site.rawValue])
        }
        var (deleted, position): (Int, Int64?) = (0, 0)
        while let start = position {
            let (some, end): (Int, Int64?) = try await write { database in
                let keys = try Int64.fetchAll(
                    database,
                    sql: """
                        SELECT accountKey FROM account a WHERE siteKey = ? AND accountKey > ?
                        AND EXISTS (SELECT 1 FROM activity v WHERE v.accountKey = a.accountKey AND at < ?)
                        ORDER BY accountKey LIMIT \(Self.accountsAtOnce)
                        """, arguments: [site.rawValue, start, instant.milliseconds])
                var sum = 0
                for key in keys {
                    try database.cachedStatement(sql: "DELETE FROM activity WHERE accountKey = ? AND at < ?")
                        .execute(arguments: [key, instant.milliseconds])
                    sum += database.changesCount
                }
                return (sum, keys.count < Self.accountsAtOnce ? nil : keys.last)
            }
            (deleted, position) = (deleted + some, end)
        }
        return deleted
    }

    /// Deletes stretches of standing, roles, groups and grants that ended before an instant.
    package func forgetSeats(before instant: Instant) async throws(StoreError) {
        for table in [
            "accountStanding", "accountAccess", "accountRole", "accountGroup", "roleGrants", "roleGroup",
        ] {
            try await write { database in
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE lastSeenAt < ?", arguments: [instant.milliseconds])
            }
        }
    }

    /// Deletes the numbers of days before an instant.
    package func forgetPrivacyCounts(before instant: Instant) async throws(StoreError) {
        try await write { database in
            try database.execute(sql: "DELETE FROM privacyCount WHERE day < ?", arguments: [instant.milliseconds])
        }
    }

    private static let accountsAtOnce = 200
}
