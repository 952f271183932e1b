import Crypto
import FoundationEssentials
import GRDB

/// The rows of `dataKey`, inside a transaction: the data key, wrapped by one key or by two.
///
/// Re-keying takes two steps that an administrator does apart, and in between the daemon may be killed, or started with
/// either key. So the first step adds a second wrap and takes nothing away; only a start with the new key, which proves
/// that it is in its place, drops the old wrap. Each step is one transaction.
struct DataKeyWraps {
    private let database: Database
    private let path: String

    init(_ database: Database, path: String) {
        self.database = database
        self.path = path
    }

    /// Of a new vault.
    func begin(_ dataKey: SymmetricKey, with seal: Seal) throws {
        try write(try wrap(dataKey, with: seal, at: .dataKey), as: 1)
    }

    /// Takes the data key out of whichever wrap the key opens. Opened by the second, the first is no longer needed.
    func open(with seal: Seal) throws -> SymmetricKey {
        guard let present = try wrap(1) else {
            throw VaultError.damaged(path: path, what: "its data key is missing")
        }
        // Which of the two keys it is, nothing but the seal can tell.
        if let dataKey = try? seal.open(present, at: .dataKey) { return SymmetricKey(data: dataKey) }
        guard let next = try wrap(2), let opened = try? seal.open(next, at: .nextDataKey) else {
            throw VaultError.wrongKey(path: path)
        }
        let dataKey = SymmetricKey(data: opened)
        try write(try wrap(dataKey, with: seal, at: .dataKey), as: 1)
        // `secure_delete` overwrites it: the old key opens this file no more.
        try database.execute(sql: "DELETE FROM dataKey WHERE id = 2")
        return dataKey
    }

    /// - Throws: `sameKey`; nothing is changed.
    func add(_ next: Seal, for dataKey: SymmetricKey) throws {
        if let present = try wrap(1), (try? next.open(present, at: .dataKey)) != nil {
            throw VaultError.sameKey(path: path)
        }
        try write(try wrap(dataKey, with: next, at: .nextDataKey), as: 2)
    }

    /// Whether the key opens the first wrap.
    func isPresent(_ seal: Seal) throws -> Bool {
        guard let present = try wrap(1) else { return false }
        return (try? seal.open(present, at: .dataKey)) != nil
    }

    var hasNext: Bool {
        get throws { try wrap(2) != nil }
    }

    private func wrap(_ id: Int) throws -> Data? {
        try Data.fetchOne(database, sql: "SELECT sealed FROM dataKey WHERE id = ?", arguments: [id])
    }

    private func wrap(_ dataKey: SymmetricKey, with seal: Seal, at place: RowPlace) throws -> Data {
        try seal.close(dataKey.withUnsafeBytes { Data($0) }, at: place)
    }

    private func write(_ wrap: Data, as id: Int) throws {
        try database.execute(
            sql: "INSERT INTO dataKey (id, sealed) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
            arguments: [id, wrap])
    }
}
