import GRDB
package import UsageModel

extension UsageStore {
    /// The newest generation of each account's tokens that has been noted, and the highest of those forgotten.
    package func grantGenerations() async throws(StoreError) -> (newest: [AccountID: Int], floor: Int) {
        try await read { database in
            var newest: [AccountID: Int] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT accountId, generation FROM grantGeneration") {
                guard let account = AccountID(rawValue: row["accountId"]) else { continue }
                newest[account] = row["generation"]
            }
            return (newest, try Int.fetchOne(database, sql: "SELECT generation FROM grantFloor") ?? 0)
        }
    }

    /// Notes that a generation has been committed in the vault. It never goes back.
    package func noteGeneration(_ generation: Int, of account: AccountID) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO grantGeneration (accountId, generation) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET generation = max(generation, excluded.generation)
                    """,
                arguments: [account.rawValue, generation])
        }
    }

    /// Forgets the generation of an account whose consent has been forgotten, but for the number itself.
    ///
    /// - Parameter generation: the vault's last, which may be newer than what was noted.
    package func forgetGeneration(of account: AccountID, last generation: Int?) async throws(StoreError) {
        try await write { database in
            let noted = try Int.fetchOne(
                database, sql: "SELECT generation FROM grantGeneration WHERE accountId = ?",
                arguments: [account.rawValue])
            try database.execute(
                sql: "UPDATE grantFloor SET generation = max(generation, ?)",
                arguments: [max(generation ?? 0, noted ?? 0)])
            try database.execute(
                sql: "DELETE FROM grantGeneration WHERE accountId = ?", arguments: [account.rawValue])
        }
    }
}
