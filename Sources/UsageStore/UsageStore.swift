import CSQLite
import GRDB
import Glibc
import Synchronization
package import UsageModel

/// How many passes and rounds there are at the moment.
private final class WorksUnderWay: Sendable {
    let value = Mutex(0)
}

/// Who did what and when, who holds which role, and how far the sync has come: the file `usage.db`.
///
/// One connection writes, and is the only one that checkpoints; readers have their own and never wait for it.
/// Everything the sync learns from one answer of Jira is written in one transaction together with the place to go
/// on from, so that a crash repeats work and never skips any.
package struct UsageStore: Sendable {
    package let path: String
    /// The change number: it grows with each commit that changes what can be asked for, and is stored with it.
    package let change: RisingNumber
    let pool: DatabasePool
    /// The connection of lookups.
    let lookups: DatabaseQueue
    let siteCache = SiteCache()
    /// The last damaged file that was beside this one when it was opened.
    private let damagedFile: String?
    private let damage = RisingNumber(0)
    private let worksUnderWay = WorksUnderWay()

    /// The version of the system's SQLite, for example `3.40.1`.
    package static var engineVersion: String { String(cString: sqlite3_libversion()) }

    /// Opens the file, creates or migrates it.
    ///
    /// - Parameters:
    ///   - path: in an existing directory; that no other process has it open is the caller's to hold.
    ///   - isWorking: called again and again while a migration goes on.
    /// - Throws: `newer` or `foreign` before anything was written, `full`, `corrupt`, `failed`.
    package init(path: String, isWorking: @escaping () -> Void = {}) throws(StoreError) {
        self.path = path
        damagedFile = Self.damagedFile(beside: path)
        var configuration = Configuration()
        configuration.label = "usage"
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // A WAL pool of GRDB's sets NORMAL, which may lose acknowledged commits at a power cut
            // (https://www.sqlite.org/pragma.html#pragma_synchronous).
            if !database.configuration.readonly {
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // In KiB. What people do touches pages all over the file; with SQLite's 2 MiB most of a transaction's pages
                // are written and read several times (https://www.sqlite.org/pragma.html#pragma_cache_size).
                try database.execute(sql: "PRAGMA cache_size = -16384")
                // What is deleted is overwritten (https://www.sqlite.org/pragma.html#pragma_secure_delete).
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            // Names must not come into files of which we know nothing: what is sorted stays in memory
            // (https://www.sqlite.org/pragma.html#pragma_temp_store).
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            // The file's schema may not call functions with side effects
            // (https://www.sqlite.org/pragma.html#pragma_trusted_schema).
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        do {
            try Self.refuseStranger(path: path)
            let pool = try DatabasePool(path: path, configuration: configuration)
            self.pool = pool
            let listener = WorkListener(isWorking)
            try withExtendedLifetime(listener) {
                pool.writeWithoutTransaction { listener.attach(to: $0) }
                try Schema.migrator.migrate(pool)
                pool.writeWithoutTransaction { WorkListener.detach(from: $0) }
            }
            change = RisingNumber(try pool.read { try $0.changeNumber() })
            configuration.readonly = true
            lookups = try DatabaseQueue(path: path, configuration: configuration)
            // Enough for the inner pages of the trees that each lookup goes down.
            try lookups.read { try $0.execute(sql: "PRAGMA cache_size = -16384") }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// A damaged file that this one took the place of, for as long as it is there.
    package var setAside: String? { damagedFile.flatMap { access($0, F_OK) == 0 ? $0 : nil } }

    /// Looks at the file before anything is written to it.
    static func refuseStranger(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else {
            return  // Not there yet, or not to be opened: then the pool says why.
        }
        try queue.read { database in
            let applicationID = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard applicationID == Schema.applicationID || (applicationID == 0 && tables == 0) else {
                throw StoreError.foreign(path: path)
            }
            if try Schema.migrator.hasBeenSuperseded(database) { throw StoreError.newer(path: path) }
        }
    }

    /// Flushes and closes; the store cannot be used any more.
    package func close() throws(StoreError) {
        do {
            try lookups.close()
            // The pool's readers are closed last, and could not: without it the file alone would be an old one, for whoever
            // copies or looks at it. Nothing is lost where somebody still reads.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try pool.close()
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Returns when SQLite has found the file damaged: what it holds is not to be relied on then, and the next start tests it.
    ///
    /// - Throws: where the task is cancelled before.
    package func untilDamaged() async throws(CancellationError) {
        _ = try await damage.wait(above: 0)
    }

    /// What went wrong with the file, for whoever asked; damage is noted too.
    func failure(_ error: any Error) -> StoreError {
        let failure = StoreError(error, path: path)
        if case .corrupt = failure {
            Self.suspect(path: path)
            damage.rise(to: 1)
        }
        return failure
    }

    /// Goes once through the writer and once through a reader, for the watchdog and the self-test at start.
    package func checkAlive() async throws(StoreError) {
        try await write { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM site") }
        try await read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM site") }
    }

    /// Runs a pass or a round. When no other one is under way at its end, the memory that they have left in caches is given
    /// back, for the time until there is more to do.
    package func atWork<Value>(_ body: () async -> Value) async -> Value {
        worksUnderWay.value.withLock { $0 += 1 }
        let value = await body()
        let isLast = worksUnderWay.value.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { await rest() }
        return value
    }

    /// Gives back what many lookups have left in their cache, where there was none since this was last called: for whoever
    /// calls it now and then.
    package func restAfterLookups() async {
        if isCacheLeft(), worksUnderWay.value.withLock({ $0 }) == 0 { await rest() }
    }

    private func isCacheLeft() -> Bool {
        lookups.unsafeRead { database in
            let hits = database.status(SQLITE_DBSTATUS_CACHE_HIT, startingAnew: true)
            return hits == 0 && database.status(SQLITE_DBSTATUS_CACHE_USED) > 1 << 20
        }
    }

    /// Reads and lookups under way are not disturbed. Not on the caller's actor, for it waits for a lookup to end.
    @concurrent
    private func rest() async {
        // Nothing is lost where it fails, and whoever writes next is told why.
        try? await pool.writeWithoutTransaction { $0.releaseMemory() }
        pool.invalidateReadOnlyConnections()
        lookups.releaseMemory()
        csqlite_trim_memory()
    }

    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do {
            let (value, number) = try await pool.write { database in
                let before = database.totalChangesCount
                let value = try body(database)
                return (value, database.totalChangesCount == before ? nil : try database.countCommit())
            }
            if let number { change.rise(to: number) }
            return value
        } catch {
            throw failure(error)
        }
    }

    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw failure(error)
        }
    }
}

extension Database {
    /// A figure of SQLite's about this connection (<https://www.sqlite.org/c3ref/c_dbstatus_options.html>).
    ///
    /// - Parameter startingAnew: whether it counts from zero from now on.
    func status(_ figure: Int32, startingAnew: Bool = false) -> Int32 {
        var (current, highest): (Int32, Int32) = (0, 0)
        // Fails only for a figure that there is not.
        sqlite3_db_status(sqliteConnection, figure, &current, &highest, startingAnew ? 1 : 0)
        return current
    }
}
