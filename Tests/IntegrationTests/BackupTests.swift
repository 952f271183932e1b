import CSQLite
import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

/// With the programs: a copy of the database, what is done with it, and a database that is damaged.
@Suite("Backup, restore and damage", .timeLimit(.minutes(10)))
struct BackupTests {
    private struct Backup: Decodable {
        let file: String
        let bytes: Int
    }

    private struct Check: Decodable {
        let whole: Bool
        let problems: [String]
        let bytes: Int
    }

    private struct Status: Decodable {
        struct Site: Decodable {
            struct Counts: Decodable, Equatable {
                let users: Int
                let issues: Int
                let activities: Int
            }

            struct Auth: Decodable {
                let state: String
            }

            let counts: Counts
            let auth: Auth
        }

        struct Problem: Decodable {
            let kind: String
            let hint: String
        }

        let health: String
        let problems: [Problem]
        let sites: [Site]
    }

    private func withSite(
        _ body: (Installation, Simulator, _ directory: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "40", "--issues", "400"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                try await body(try Installation(directory: directory, simulator: simulator), simulator, directory)
            }
        }
    }

    private func counts(_ installation: Installation) async throws -> [Status.Site.Counts] {
        try await installation.ask(Status.self, "status", exiting: [0, 1, 78]).sites.map(\.counts)
    }

    /// Has a site read, and stops the daemon in order, so that the file holds everything and not its log.
    ///
    /// - Returns: what is known.
    private func readAndStop(
        _ installation: Installation, _ simulator: Simulator
    ) async throws -> [Status.Site.Counts] {
        try await installation.withDaemon { daemon in
            try await installation.connect(to: simulator)
            try await installation.sync()
            let known = try await counts(installation)
            daemon.signal(SIGTERM)
            #expect(await daemon.exitCode() == 0)
            return known
        }
    }

    @Test("a copy that was made while a sync wrote is whole, and put back it answers as it did")
    func roundTrip() async throws {
        try await withSite { installation, simulator, directory in
            let file = "\(directory)/copy.db"
            let database = "\(installation.statePath)/usage.db"
            var before: [Status.Site.Counts] = []
            try await installation.withDaemon { _ in
                try await installation.connect(to: simulator)
                // While the first sync may still be writing.
                #expect(try await installation.client("store", "backup", "\(directory)/early.db").exitCode == 0)
                try await installation.sync()
                before = try await counts(installation)
                let backup = try await installation.ask(Backup.self, "store", "backup", file)
                #expect(backup.file == file)
                let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
                #expect(backup.bytes == bytes && backup.bytes > 100_000)
                var status = stat()
                #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
                let check = try await installation.ask(Check.self, "store", "check")
                #expect(check.whole && check.problems == [] && check.bytes > 0)

                // What is there is not lost, and nothing is left of what was only half done.
                let again = try await installation.client("store", "backup", file)
                #expect(again.exitCode == 64 && again.errors.contains("--force"))
                #expect(try await installation.client("store", "backup", "--force", file).exitCode == 0)
                let link = "\(directory)/link.db"
                symlink(file, link)
                #expect(try await installation.client("store", "backup", "--force", link).exitCode == 0)
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
                symlink("\(directory)/nothing", "\(directory)/dangling")
                mkfifo("\(directory)/fifo", 0o600)
                for (place, message) in [
                    ("/dev/null", "write to what it is: jirausagectl store backup - > /dev/null"),
                    ("\(directory)/fifo", "is no file that could be replaced"),
                    (directory, "is a directory; name a file in it: jirausagectl store backup \(directory)/usage.db"),
                    ("\(directory)/dangling", "leads nowhere"), ("", "is empty"),
                ] {
                    let refused = try await installation.client("store", "backup", "--force", place)
                    #expect(refused.exitCode == 64 && refused.errors.contains(message), "\(refused.errors)")
                }
                #expect(access("\(directory)/nothing", F_OK) != 0)
                // What the daemon itself has open, or SQLite for it, is no copy to be replaced, nor is anything else.
                let own = ["usage.db", "usage.db-wal", "usage.db-shm", "vault.db", "lock"].map {
                    "\(installation.statePath)/\($0)"
                }
                let others = [installation.configPath, installation.vaultKeyPath]
                for file in own + others {
                    var (before, after) = (stat(), stat())
                    #expect(stat(file, &before) == 0, "\(file)")
                    let refused = try await installation.client("store", "backup", "--force", file)
                    #expect(refused.exitCode == 64, "\(file): \(refused.errors)")
                    #expect(!others.contains(file) || refused.errors.contains("is not replaced"))
                    #expect(stat(file, &after) == 0 && after.st_ino == before.st_ino)
                }
                for name in [
                    "vault.db-journal", "usage.db-journal", "vault.db-wal", "usage.db.erasures-lost", "copy.db",
                ] {
                    let file = "\(installation.statePath)/\(name)"
                    let isThere = access(file, F_OK) == 0
                    let refused = try await installation.client("store", "backup", file)
                    #expect(refused.exitCode == 64, "\(file): \(refused.errors)")
                    #expect((access(file, F_OK) == 0) == isThere)
                }
                // Nor by way of a link.
                let byLink = "\(directory)/by-link.db"
                #expect(symlink("\(installation.statePath)/vault.db-journal", byLink) == 0)
                let linked = try await installation.client("store", "backup", "--force", byLink)
                #expect(linked.exitCode == 64, "\(linked.errors)")
                let journal = try await installation.client("store", "backup", "\(directory)/copy.db-journal")
                #expect(journal.exitCode == 64 && journal.errors.contains("is named like what SQLite keeps"))
                let empty = "\(directory)/empty"
                try installation.write("", to: empty, mode: 0o600)
                #expect(try await installation.client("store", "backup", "--force", empty).exitCode == 0)
                let nowhere = try await installation.client("store", "backup", "\(directory)/none/copy.db")
                #expect(nowhere.exitCode == 65 && nowhere.errors.contains("No such file"))
                let files = try FileManager.default.contentsOfDirectory(atPath: directory)
                #expect(files.filter { $0.contains("partial") } == [])
                let state = try FileManager.default.contentsOfDirectory(atPath: installation.statePath)
                #expect(state.filter { $0.contains("backup") } == [])
            }
            for path in [file, "\(directory)/early.db"] { #expect(try integrity(path) == "ok") }

            for suffix in ["", "-wal", "-shm"] { unlink(database + suffix) }
            try FileManager.default.copyItem(atPath: file, toPath: database)
            try await installation.withDaemon { _ in
                #expect(try await counts(installation) == before)
                try await installation.sync()
                #expect(try await counts(installation) == before)
            }
        }
    }

    @Test(
        "a damaged database is set aside, the vault is not, and what was connected is read again",
        arguments: [true, false])
    func damaged(isReadable: Bool) async throws {
        try await withSite { installation, simulator, _ in
            let database = "\(installation.statePath)/usage.db"
            let before = try await readAndStop(installation, simulator)
            let vault = try Data(contentsOf: URL(filePath: "\(installation.statePath)/vault.db"))
            if isReadable {
                // Found by the test of the whole file, after which the sites can still be read.
                try Data().write(to: URL(filePath: database + ".suspect"))
                try overwrite(database, last: 8192)
            } else {
                try overwrite(database, last: .max)
            }
            try await installation.withDaemon { daemon in
                let files = try FileManager.default.contentsOfDirectory(atPath: installation.statePath)
                #expect(files.contains { $0.hasPrefix("usage.db.damaged-") })
                #expect(try Data(contentsOf: URL(filePath: "\(installation.statePath)/vault.db")) == vault)
                // Where no site could be read any more, the one that the consent opens is found.
                while try await counts(installation).isEmpty {}
                try await installation.sync()
                #expect(try await counts(installation) == before)
                let status = try await installation.ask(Status.self, "status", exiting: [1])
                #expect(status.sites.map(\.auth.state) == ["valid"])
                #expect(status.problems.map(\.kind) == ["storeSetAside"] + (isReadable ? [] : ["erasuresLost"]))
                #expect(daemon.errors.contains("damaged database was set aside"))
            }
        }
    }

    @Test("where erasures were lost with a damaged database, status says so until an administrator has seen to it")
    func lostErasures() async throws {
        try await withSite { installation, simulator, _ in
            let database = "\(installation.statePath)/usage.db"
            _ = try await readAndStop(installation, simulator)
            try #require(truncate(database, 9000) == 0)
            try await installation.withDaemon { _ in
                while try await counts(installation).isEmpty {}
                try await installation.sync()
                let status = try await installation.ask(Status.self, "status", exiting: [1])
                #expect(
                    status.health == "degraded" && status.problems.map(\.kind) == ["storeSetAside", "erasuresLost"])
                let hint = try #require(status.problems.last?.hint)
                let file = try #require(hint.split(separator: " ").last.map(String.init))
                #expect(hint.contains("jirausagectl privacy erase ACCOUNT --force") && hint.hasSuffix("rm \(file)"))
                #expect(unlink(file) == 0)
                let rest = try await installation.ask(Status.self, "status", exiting: [1]).problems
                #expect(rest.map(\.kind) == ["storeSetAside"])
                let command = try #require(rest.first?.hint.firstMatch(of: /rm [^ ]+\*/)?.output)
                let removed = try await runToEnd(
                    "/bin/sh", ["-ec", String(command)], environment: [:], directory: installation.directory)
                #expect(removed.exitCode == 0)
                #expect(try await installation.ask(Status.self, "status").problems.isEmpty)
            }
        }
    }

    @Test("damage that is found at work ends the daemon as a fault of storage, and the next start mends it")
    func damagedAtWork() async throws {
        try await withSite { installation, simulator, _ in
            let database = "\(installation.statePath)/usage.db"
            _ = try await readAndStop(installation, simulator)
            try await installation.withDaemon { daemon in
                // Not even the beginning can be read, by whoever opens it anew.
                try overwrite(database, last: .max)
                var code: Int32 = 0
                while code != 69 { code = try await installation.client("store", "check").exitCode }
                #expect(await daemon.exitCode() == 74)
                #expect(daemon.errors.contains("The database is damaged"))
            }
            try await installation.withDaemon { _ in
                while try await counts(installation).isEmpty {}
                try await installation.sync()
                let files = try FileManager.default.contentsOfDirectory(atPath: installation.statePath)
                #expect(files.contains { $0.hasPrefix("usage.db.damaged-") })
            }
        }
    }

    private func overwrite(_ path: String, last count: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: size > count ? size - count : 0)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(min(count, size))))
        try file.close()
    }

    /// What SQLite itself says of a file.
    private func integrity(_ path: String) throws -> String {
        var (database, statement) = (OpaquePointer?.none, OpaquePointer?.none)
        defer {
            sqlite3_finalize(statement)
            sqlite3_close(database)
        }
        try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        try #require(sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nil) == SQLITE_OK)
        try #require(sqlite3_step(statement) == SQLITE_ROW)
        return sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? ""
    }
}
