import GRDB
import UsageModel

/// Reads inside one snapshot of the store: whatever is asked of one reader fits together, though a sync writes meanwhile.
/// Used only inside the body that it was given to.
package struct StoreReader {
    let database: Database
    private let cache: SiteCache
    /// How many commits there have been before this snapshot.
    private let commits: Int64

    fileprivate init(_ database: Database, _ cache: SiteCache) throws {
        self.database = database
        self.cache = cache
        commits = try database.commits()
    }

    /// All sites, in the order in which they were connected, with how far each has been read.
    package func sitesWithStates() throws -> [(Site, SiteState)] {
        try cache.sites(at: commits) { try sites().map { ($0, try siteState(of: $0.key)) } }
    }

    func role(_ key: Int64) throws -> ApplicationRole {
        try cache.role(key, at: commits) {
            var role = ApplicationRole(key: "", name: "")
            try database.eachRow("SELECT key, name FROM applicationRole WHERE roleKey = ?1", .integer(key)) { row in
                role = ApplicationRole(key: row.text(0) ?? "", name: row.text(1) ?? "")
            }
            return role
        }
    }

    func group(_ key: Int64) throws -> AccessGroup {
        try cache.group(key, at: commits) {
            var group = AccessGroup()
            try database.eachRow("SELECT groupId, name FROM accessGroup WHERE groupKey = ?1", .integer(key)) { row in
                group = AccessGroup(id: row.text(0) ?? "", name: row.text(1) ?? "")
            }
            return group
        }
    }

    /// The keys of the roles that a group gives, as known last.
    ///
    /// - Parameter read: asks the database.
    func grants(of group: Int64, _ read: (Int64) throws -> [String]) throws -> [String] {
        try cache.grants(of: group, at: commits) { try read(group) }
    }
}

extension UsageStore {
    /// Reads what may take a while, on one of a few connections, without holding up the caller's thread.
    ///
    /// - Throws: `StoreError`, `CancellationError`, and whatever `body` throws.
    package func snapshot<Value: Sendable>(_ body: @Sendable (StoreReader) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { try body(StoreReader($0, siteCache)) }
        } catch let error as DatabaseError {
            throw failure(error)
        }
    }

    /// The same, for a body that throws nothing of its own.
    func reading<Value: Sendable>(_ body: @Sendable (StoreReader) throws -> Value) async throws(StoreError) -> Value {
        try await read { try body(StoreReader($0, siteCache)) }
    }

    /// Reads what takes microseconds, on the caller's own thread and on a connection that is used for nothing else: to
    /// change threads would cost more than the reading. One lookup at a time.
    ///
    /// - Throws: `StoreError`, and whatever `body` throws.
    package func lookup<Value>(_ body: (StoreReader) throws -> Value) throws -> Value {
        do {
            return try lookups.unsafeRead { database in
                try database.eachRow("BEGIN") { _ in }
                // Nothing was written: there is nothing that could go wrong with its end.
                defer { try? database.eachRow("COMMIT") { _ in } }
                return try body(StoreReader(database, siteCache))
            }
        } catch let error as DatabaseError {
            throw failure(error)
        }
    }
}
