import GRDB

/// A table of stretches: which members a whole, such as an account's roles, showed in its readings.
///
/// A reading that agrees with the one before writes nothing here; only what changed is closed or opened.
struct Stretches {
    /// An account's application roles.
    static let roles = Stretches(table: "accountRole", owner: "accountKey", member: "roleKey")
    /// An account's groups.
    static let groups = Stretches(table: "accountGroup", owner: "accountKey", member: "groupKey")
    /// The groups that grant a role.
    static let grants = Stretches(table: "roleGroup", owner: "roleKey", member: "groupKey")

    private let table: String
    private let owner: String
    private let member: String

    /// What the last reading showed.
    func open(of owner: Int64, in database: Database) throws -> Set<Int64> {
        try Set(
            Int64.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT \(member) FROM \(table) WHERE \(self.owner) = ? AND lastSeenAt IS NULL"),
                arguments: [owner]))
    }

    /// Closes the stretches of members that are gone and opens those of new ones.
    ///
    /// - Parameters:
    ///   - previous: the last reading that showed `old`, in milliseconds; `nil` where there was none.
    ///   - instant: the reading that shows `new`, in milliseconds, later than `previous`.
    func change(
        of owner: Int64, from old: Set<Int64>, to new: Set<Int64>, previous: Int64?, at instant: Int64,
        in database: Database
    ) throws {
        for key in old.subtracting(new) {
            try database.cachedStatement(
                sql: """
                    UPDATE \(table) SET lastSeenAt = ?
                    WHERE \(self.owner) = ? AND \(member) = ? AND lastSeenAt IS NULL
                    """
            ).execute(arguments: [previous, owner, key])
        }
        for key in new.subtracting(old) {
            try database.cachedStatement(
                sql: "INSERT INTO \(table) (\(self.owner), \(member), firstSeenAt) VALUES (?, ?, ?)"
            ).execute(arguments: [owner, key, instant])
        }
    }

    // MARK: - In SQL

    /// The beginning of the stretch of whole readings that `:asOf` falls into: the latest reading at or before it
    /// decides, and before the first reading the first.
    ///
    /// - Parameter owner: the condition that names the whole, for example `roleKey = g.roleKey`.
    static func beginning(in table: String, of owner: String) -> String {
        """
        coalesce((SELECT max(firstSeenAt) FROM \(table) WHERE \(owner) AND firstSeenAt <= :asOf),
                 (SELECT min(firstSeenAt) FROM \(table) WHERE \(owner)))
        """
    }

    /// Whether the reading at `instant` showed the member that `alias` names.
    static func holds(_ alias: String, at instant: String) -> String {
        "\(alias).firstSeenAt <= \(instant) AND (\(alias).lastSeenAt IS NULL OR \(alias).lastSeenAt >= \(instant))"
    }
}
