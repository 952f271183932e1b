import GRDB
import Glibc

extension UsageStore {
    /// Copies the database as it is at one moment into a file beside it, while it is used.
    ///
    /// - Returns: the copy, which is the caller's to remove, and the change number in it. One that is left behind is removed at
    ///   the next start.
    package func backup() async throws(StoreError) -> (path: String, change: Int64) {
        let copy = "\(path).\(Self.backupMark)-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        do {
            // Not on the caller's thread, and from a snapshot of its own, so that no commit makes it begin anew.
            let change = try await pool.read { source in
                Glibc.close(Glibc.open(copy, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600))
                let target = try DatabaseQueue(path: copy)
                defer { try? target.close() }
                try target.writeWithoutTransaction { database in
                    // Some MiB at a time, so that it ends when nobody waits for it any more.
                    try source.backup(to: database, pagesPerStep: 1024) { _ in try Task.checkCancellation() }
                }
                return try source.changeNumber()
            }
            return (copy, change)
        } catch {
            unlink(copy)
            throw failure(error)
        }
    }

    /// Reads all of the file, while it is used. Where something is wrong in it, the next start tests it too.
    ///
    /// - Returns: what SQLite says, a hundred lines at most; nothing where it is whole.
    package func check() async throws(StoreError) -> [String] {
        let problems = try await read { database in
            let damage = try String.fetchAll(database, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
            let strays = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(100).map { row in
                "row \(row[1] as Int64? ?? 0) of \(row[0] as String) refers to nothing in \(row[2] as String)"
            }
            return Array((damage + strays).prefix(100))
        }
        if !problems.isEmpty { Self.suspect(path: path) }
        return problems
    }
}
