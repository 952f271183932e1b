import GRDB
package import UsageModel

/// What has been spent of Atlassian's hourly points, and set aside, in one hour: it outlives the program, for the quota
/// does too.
package struct SpentPoints: Hashable, Sendable {
    /// The beginning of the hour.
    package let hour: Instant
    package let points: Int

    package init(hour: Instant, points: Int) {
        self.hour = hour
        self.points = points
    }
}

extension UsageStore {
    /// `nil` where nothing was ever spent.
    package func spentPoints() async throws(StoreError) -> SpentPoints? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT hour, points FROM spentPoints").flatMap { row in
                row.instant("hour").map { SpentPoints(hour: $0, points: row["points"]) }
            }
        }
    }
}

extension Database {
    /// Two sites may tell of the same hour in either order; the greater sum is the later one.
    func keep(_ spent: SpentPoints) throws {
        try cachedStatement(
            sql: """
                INSERT INTO spentPoints (id, hour, points) VALUES (1, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    points = iif(hour = excluded.hour, max(points, excluded.points), excluded.points),
                    hour = excluded.hour
                """
        ).execute(arguments: [spent.hour.milliseconds, spent.points])
    }
}
