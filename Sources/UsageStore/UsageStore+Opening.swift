import CSQLite
import GRDB
import Glibc
package import UsageModel

/// What opening `usage.db` took, beyond opening it.
package struct StoreOpening: Hashable, Sendable {
    /// A damaged file, and what of it was taken over.
    package struct Aside: Hashable, Sendable {
        package let path: String
        /// What SQLite said of it.
        package let damage: String
        /// Tables of which not all could be read any more.
        package let lost: [String]
    }

    /// The damaged file that was set aside; `nil` where the file was whole.
    package var aside: Aside?
    /// Whether there was no file, or one without a byte in it.
    package var isNew = false
    /// The copy from before a migration; `nil` where there was nothing to migrate.
    package var copy: String?
}

extension UsageStore {
    /// Opens the file, as `init` does, after what has to be done before: a file that an earlier version wrote is copied before
    /// it is migrated, and a damaged one is set aside for a new one, into which what cannot be read again from Jira is taken
    /// over as far as it can be read at all.
    ///
    /// A damaged file is one that SQLite cannot open as what it is, or one under suspicion (``suspect(path:)``) of which a test
    /// says so. Nothing of a damaged or an old file is lost: both stay beside the new one until ``discardCopies(before:)``.
    ///
    /// - Parameters:
    ///   - path: in an existing directory; that no other process has it open is the caller's to hold.
    ///   - isExpected: whether there has been a file for certain: then erasures are lost with one that is not there.
    ///   - isWorking: called again and again while something takes long, and only if it goes on.
    /// - Throws: `newer`, `foreign` or `noFile` before anything was written, `full`, `failed`.
    package static func open(
        path: String, at now: Instant, isExpected: Bool = false, isWorking: @escaping @Sendable () -> Void = {}
    ) throws(StoreError) -> (store: UsageStore, opening: StoreOpening) {
        var status = stat()
        // SQLite would wait for whoever writes to a FIFO.
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw .noFile(path: path) }
        var opening = StoreOpening()
        removeFiles(beside: path, named: backupMark)
        try finishReplacement(of: path)
        opening.isNew = stat(path, &status) != 0 || status.st_size == 0
        if opening.isNew, isExpected { try noteLostErasures(path: path) }
        do throws(StoreError) {
            try refuseDamaged(path: path, isWorking: isWorking)
            opening.copy = try copyBeforeMigration(path: path, isWorking: isWorking)
            return (try UsageStore(path: path, isWorking: isWorking), opening)
        } catch .corrupt(_, let damage) {
            let lost = try makeReplacement(of: path, at: now)
            if lost.contains(erasures) { try noteLostErasures(path: path) }
            opening.aside = .init(path: try setAside(path, at: now), damage: damage, lost: lost)
            try finishReplacement(of: path)
            return (try UsageStore(path: path, isWorking: isWorking), opening)
        }
    }

    // MARK: - Damage

    private static func suspicion(_ path: String) -> String { "\(path).suspect" }

    /// Has the next start test the whole file before it is used. What it says stays until then, whatever becomes of this
    /// process.
    static func suspect(path: String) { _ = mark(suspicion(path)) }

    /// Makes an empty file that says something by being there.
    ///
    /// - Returns: whether it is there; `errno` says why not.
    static func mark(_ path: String) -> Bool {
        let descriptor = Glibc.open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        Glibc.close(descriptor)
        return true
    }

    /// Tests a file under suspicion, which takes seconds for each GB. No other is tested: a start must be quick.
    private static func refuseDamaged(path: String, isWorking: @escaping () -> Void) throws(StoreError) {
        guard access(suspicion(path), F_OK) == 0 else { return }
        guard access(path, F_OK) == 0 else { return _ = unlink(suspicion(path)) }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let listener = WorkListener(isWorking)
            let found = try withExtendedLifetime(listener) {
                defer { try? queue.close() }
                return try queue.read { database in
                    listener.attach(to: database)
                    return try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") ?? "malformed"
                }
            }
            guard found == "ok" else { throw StoreError.corrupt(path: path, message: found) }
            unlink(suspicion(path))
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Moves the file away with its log, so that both can be opened under their new name.
    ///
    /// - Returns: the new path.
    private static func setAside(_ path: String, at now: Instant) throws(StoreError) -> String {
        let aside = freeName(beside: path, named: "\(asideMark)-\(now.compact)")
        for suffix in ["-wal", "-shm", ""] {
            guard rename(path + suffix, aside + suffix) == 0 || errno == ENOENT else {
                throw .failed(path: path, message: "cannot be set aside: \(String(cString: strerror(errno)))")
            }
        }
        unlink(suspicion(path))
        return aside
    }

    private static func replacement(of path: String) -> String { "\(path).new" }

    /// Makes the file that is to take the place of a damaged one, beside it. A stop before it is done costs nothing: the
    /// damaged one is still in its place, and it is made again.
    ///
    /// - Returns: the tables of which not all could be taken over.
    private static func makeReplacement(of path: String, at now: Instant) throws(StoreError) -> [String] {
        let store = try UsageStore(path: replacement(of: path))
        let lost = try store.salvage(from: path, at: now)
        try store.close()
        return lost
    }

    /// Puts it into its place once the damaged file is gone from there, after a stop in between too.
    private static func finishReplacement(of path: String) throws(StoreError) {
        let new = replacement(of: path)
        // What stands in its log is in the file since it was closed.
        for suffix in ["-wal", "-shm"] { unlink(new + suffix) }
        if access(path, F_OK) == 0 {
            unlink(new)
        } else if rename(new, path) != 0, errno != ENOENT {
            throw .failed(path: path, message: "cannot be put in place: \(String(cString: strerror(errno)))")
        }
    }

    // MARK: - Migration

    /// Copies a file that is about to be migrated.
    ///
    /// - Returns: the copy's path; `nil` where nothing is to be migrated.
    private static func copyBeforeMigration(
        path: String, isWorking: @escaping () -> Void
    ) throws(StoreError) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            try refuseStranger(path: path)
            var configuration = Configuration()
            configuration.readonly = true
            let source = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? source.close() }
            let isDue = try source.read { database in
                try !Schema.migrator.appliedMigrations(database).isEmpty
                    && !Schema.migrator.hasCompletedMigrations(database)
            }
            guard isDue else { return nil }
            let copy = "\(path).\(copyMark)-\(programVersion)"
            unlink(copy)
            // With a mode of its own, whatever the process's mask is: it holds what the file itself does.
            Glibc.close(Glibc.open(copy, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600))
            let target = try DatabaseQueue(path: copy)
            defer { try? target.close() }
            // Some MiB at a time, so that whoever waits hears of it.
            try source.backup(to: target, pagesPerStep: 4096) { _ in isWorking() }
            return copy
        } catch {
            throw StoreError(error, path: path)
        }
    }
}

/// Tells that SQLite still computes: after each some tens of thousands of its steps
/// (<https://www.sqlite.org/c3ref/progress_handler.html>). To be kept for as long as a connection has it.
final class WorkListener {
    private let isWorking: () -> Void

    init(_ isWorking: @escaping () -> Void) {
        self.isWorking = isWorking
    }

    func attach(to database: Database) {
        sqlite3_progress_handler(
            database.sqliteConnection, 50_000,
            { context in
                if let context { Unmanaged<WorkListener>.fromOpaque(context).takeUnretainedValue().isWorking() }
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    static func detach(from database: Database) {
        sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil)
    }
}

extension Instant {
    /// For a file's name: `20261123T150002Z`.
    fileprivate var compact: String {
        description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
