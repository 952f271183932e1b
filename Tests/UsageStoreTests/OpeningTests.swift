import Foundation
import GRDB
import Glibc
import Synchronization
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

@Suite("Opening what is old or damaged", .timeLimit(.minutes(5)))
struct OpeningTests {
    private static let now = Instant(milliseconds: 1_790_000_000_000)
    private static let reader = AccountID(rawValue: "reader") ?? { preconditionFailure("not an account id") }()
    private static let gone = AccountID(rawValue: "gone") ?? { preconditionFailure("not an account id") }()

    private static func person(_ account: AccountID) -> Person {
        Person(account: account, displayName: "A Name", email: nil, accountType: .atlassian, isEnabled: true)
    }

    /// A closed file with a site, an account that was erased, a noted generation of tokens, and much else.
    private func fill(_ path: String) async throws -> (change: Int64, site: Site) {
        let store = try UsageStore(path: path)
        let site = try await store.connect(
            cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net", grantAccount: Self.reader,
            at: Self.now)
        let people = [Self.reader, Self.gone].map(Self.person)
        let issues = (1...20_000).map { number in
            IssueRow(
                version: IssueVersion(id: IssueID(rawValue: Int64(number)), updated: Self.now), key: "ABC-\(number)",
                pending: [])
        }
        try await store.keep(
            [.people(people, listedAt: Self.now), .issues(issues)], state: SiteState(), for: site.key)
        _ = try await store.erase(Self.gone, cause: .requested, at: Self.now)
        try await store.noteGeneration(7, of: Self.reader)
        let change = store.change.value
        try store.close()
        return (change, site)
    }

    private func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    /// Overwrites part of a file from its middle on.
    private func damage(_ path: String, from part: Double, bytes: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: UInt64(Double(size) * part))
        try file.write(contentsOf: Data(repeating: 0xA5, count: bytes))
        try file.close()
    }

    // MARK: - Migration

    @Test("a file of an earlier version is copied before it is migrated, and whoever waits hears of it")
    func migration() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let first = try #require(Schema.migrator.migrations.first)
            let old = try DatabaseQueue(path: path)
            try Schema.migrator.migrate(old, upTo: first)
            try await old.write { database in
                try database.execute(
                    sql: "INSERT INTO site VALUES (1, 'c1', 'One', 'https://one.atlassian.net', 'reader', 0, NULL)")
            }
            try old.close()
            let signs = Mutex(0)
            let (store, opening) = try UsageStore.open(path: path, at: Self.now) { signs.withLock { $0 += 1 } }
            #expect(signs.withLock { $0 } > 0 && !opening.isNew)
            #expect(try await store.sites().map(\.name) == ["One"])
            let copy = try #require(opening.copy)
            #expect(copy == "\(path).before-\(programVersion)")
            var status = stat()
            #expect(stat(copy, &status) == 0 && status.st_mode & 0o077 == 0)
            let (applied, sites) = try await DatabaseQueue(path: copy).read { database in
                (
                    try Schema.migrator.appliedMigrations(database),
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM site")
                )
            }
            #expect(applied == [first])
            #expect(sites == 1)
            try store.close()
            let (again, second) = try UsageStore.open(path: path, at: Self.now)
            #expect(second == StoreOpening())
            try again.close()
        }
    }

    // MARK: - Damage

    @Test("a file that is no database any more is set aside, whole, and a new one begun", arguments: [true, false])
    func unreadable(isEmptied: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            _ = try await fill(path)
            if isEmptied {
                try Data(repeating: 0x20, count: 5000).write(to: URL(filePath: path))
            } else {
                try damage(path, from: 0, bytes: 4096)
            }
            let damaged = try Data(contentsOf: URL(filePath: path))
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            let aside = try #require(opening.aside)
            #expect(aside.path == "\(path).damaged-20260921T141320Z")
            #expect(aside.damage == "file is not a database")
            #expect(aside.lost.contains("site"))
            #expect(try Data(contentsOf: URL(filePath: aside.path)) == damaged)
            #expect(try await store.sites().isEmpty)
            // Whoever knows a change number of before is not kept waiting for numbers to come back to it.
            #expect(store.change.value >= Self.now.milliseconds)
            try store.close()
        }
    }

    @Test(
        "of a damaged file is taken over what Jira cannot tell again: sites, erasures, generations, the change number")
    func salvage() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let (change, site) = try await fill(path)
            UsageStore.suspect(path: path)
            try damage(path, from: 0.8, bytes: 20_000)
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect(opening.aside?.lost == [])
            #expect(try await store.sites() == [site])
            #expect(try await store.siteState(of: site.key) == SiteState())
            #expect(try await store.counts(of: site.key) == (users: 0, issues: 0, activities: 0))
            #expect(try await store.grantGenerations().newest == [Self.reader: 7])
            #expect(store.change.value >= change)
            // Seen again, somebody who was erased stays so.
            #expect(try await isErased(Self.gone, in: store))
            #expect(store.lostErasures == nil)
            try store.close()
        }
    }

    /// Lists somebody who was erased once more, and looks whether they are back.
    private func isErased(_ account: AccountID, in store: UsageStore) async throws -> Bool {
        let site = try await store.connect(
            cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net", grantAccount: Self.reader,
            at: Self.now)
        try await store.keep([.people([Self.person(account)], listedAt: Self.now)], state: SiteState(), for: site.key)
        let found = try await store.find(account.rawValue, on: nil)
        let records = try await store.records(of: found.map(\.key), asOf: nil)
        return records.allSatisfy { $0.erasedAt != nil && $0.displayName == nil } && !records.isEmpty
    }

    @Test("wherever a file was cut off, whoever was erased stays so, or it is told that they may be back")
    func truncated() async throws {
        try await withTemporaryDirectory { directory in
            let whole = "\(directory)/whole.db"
            let (_, site) = try await fill(whole)
            let bytes = try Data(contentsOf: URL(filePath: whole))
            var outcomes: Set<String> = []
            for pages in [1, 2, 5, 10, 20, 30, 40, 60, 98, 150, bytes.count / 4096 - 2] {
                let path = "\(directory)/\(pages).db"
                // Of the last page a part is left.
                try bytes.prefix(pages * 4096 + 1000).write(to: URL(filePath: path))
                let (store, opening) = try UsageStore.open(path: path, at: Self.now)
                let lost = try #require(opening.aside?.lost)
                #expect(lost.contains("erasedAccount") == (store.lostErasures != nil))
                let sites = try await store.sites()
                #expect(lost.contains("site") || sites == [site])
                let isErased = try await isErased(Self.gone, in: store)
                #expect(isErased || store.lostErasures != nil, "\(pages) pages: \(lost)")
                outcomes.insert("\(isErased) \(lost.contains("erasedAccount"))")
                try store.close()
            }
            // Cut late, all of it is read; cut early, it is told.
            #expect(outcomes.isSuperset(of: ["true false", "false true"]), "\(outcomes)")
        }
    }

    @Test("where the table of erasures is damaged, what accounts say of theirs is taken, and it is told until noted")
    func lostErasures() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            _ = try await fill(path)
            let page = try await DatabaseQueue(path: path).writeWithoutTransaction { database in
                // What looks like a row and cannot be one is left where it is.
                try database.execute(
                    sql:
                        "PRAGMA ignore_check_constraints = ON; UPDATE privacyState SET id = 2; PRAGMA wal_checkpoint(TRUNCATE)"
                )
                return try Int.fetchOne(
                    database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'erasedAccount'")
            }
            UsageStore.suspect(path: path)
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.seek(toOffset: UInt64(try #require(page) - 1) * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
            try file.close()
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect(opening.aside?.lost == ["erasedAccount", "privacyState"])
            #expect(try await isErased(Self.gone, in: store))
            #expect(store.lostErasures == path + ".erasures-lost")
            try store.close()
            let (again, second) = try UsageStore.open(path: path, at: Self.now)
            #expect(second == StoreOpening())
            #expect(unlink(try #require(again.lostErasures)) == 0)
            #expect(again.lostErasures == nil)
            try again.close()
        }
    }

    @Test(
        "where fewer erasures can be read than there were it is told, though their table looks whole",
        arguments: [1, 0])
    func missingErasures(left: Int) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            _ = try await fill(path)
            try await DatabaseQueue(path: path).writeWithoutTransaction { database in
                for table in ["erasedAccount", "account"] {
                    let count = try Int.fetchOne(
                        database, sql: "SELECT count(*) FROM \(table) WHERE erasedAt IS NOT NULL")
                    #expect(count == 1)
                }
                if left == 0 {
                    try database.execute(sql: "DELETE FROM erasedAccount; UPDATE account SET erasedAt = NULL")
                }
                try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            UsageStore.suspect(path: path)
            try damage(path, from: 0.8, bytes: 20_000)
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect(opening.aside?.lost == (left == 0 ? ["erasedAccount"] : []))
            #expect((store.lostErasures == nil) == (left == 1))
            // The new file knows again how many there are.
            let expected = try await store.read { try Int.fetchOne($0, sql: "SELECT erasures FROM privacyState") }
            #expect(expected == left)
            try store.close()
        }
    }

    @Test("a stop while a damaged file is replaced loses nothing of it", arguments: [true, false])
    func interrupted(isMoved: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let (_, site) = try await fill(path)
            UsageStore.suspect(path: path)
            try damage(path, from: 0.8, bytes: 20_000)
            // As it is when it was stopped: the new file half made, or whole and the damaged one gone from its place.
            if isMoved {
                let (store, _) = try UsageStore.open(path: path, at: Self.now)
                try store.close()
                try #require(rename(path, path + ".new") == 0)
            } else {
                try UsageStore(path: path + ".new").close()
            }
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect((opening.aside == nil) == isMoved)
            #expect(try await store.sites() == [site])
            #expect(try await store.grantGenerations().newest == [Self.reader: 7])
            #expect(try files(directory).filter { $0.contains("new") } == [])
            try store.close()
        }
    }

    @Test("a file under suspicion that is whole stays, and is suspected no more")
    func innocent() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let (_, site) = try await fill(path)
            UsageStore.suspect(path: path)
            let (store, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect(opening == StoreOpening())
            #expect(try await store.sites() == [site])
            try store.close()
            #expect(try files(directory).filter { $0.contains("suspect") } == [])
        }
    }

    @Test("damage that is found while the file is used is told, and makes the next start test it")
    func foundLater() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let (_, site) = try await fill(path)
            let store = try UsageStore(path: path)
            try damage(path, from: 0.7, bytes: 60_000)
            await #expect(throws: StoreError.self) {
                // Somewhere among all these rows is what was overwritten.
                _ = try await store.read { try Row.fetchAll($0, sql: "SELECT * FROM issue").count }
                _ = try await store.read { try String.fetchAll($0, sql: "PRAGMA quick_check") }
            }
            try await store.untilDamaged()
            try? store.close()
            let (next, opening) = try UsageStore.open(path: path, at: Self.now)
            #expect(opening.aside?.lost == [])
            #expect(try await next.sites() == [site])
            try next.close()
        }
    }

    @Test("a file of a newer version, and one of another program, are refused as they are")
    func refused() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            _ = try await fill(path)
            try await DatabaseQueue(path: path).write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 from the future')")
            }
            #expect(throws: StoreError.newer(path: path)) { try UsageStore.open(path: path, at: Self.now) }
            let foreign = "\(directory)/foreign.db"
            try await DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
            #expect(throws: StoreError.foreign(path: foreign)) { try UsageStore.open(path: foreign, at: Self.now) }
            #expect(try files(directory).filter { $0.contains("damaged") || $0.contains("before") } == [])
        }
    }

    @Test("what is no file is refused as it is, and nobody waits for what comes out of it")
    func irregular() async throws {
        try await withTemporaryDirectory { directory in
            let (fifo, folder) = ("\(directory)/fifo", "\(directory)/folder")
            try #require(mkfifo(fifo, 0o600) == 0 && mkdir(folder, 0o700) == 0)
            for path in [fifo, folder] {
                #expect(throws: StoreError.noFile(path: path)) { try UsageStore.open(path: path, at: Self.now) }
            }
            #expect(try files(directory) == ["fifo", "folder"])
            let link = "\(directory)/link"
            try #require(symlink("\(directory)/usage.db", link) == 0)
            let (store, opening) = try UsageStore.open(path: link, at: Self.now)
            #expect(opening.isNew)
            try store.close()
            #expect(
                try files(directory).filter { !$0.hasPrefix("usage.db-") } == ["fifo", "folder", "link", "usage.db"])
        }
    }

    @Test(
        "where a file is missing or empty that was there before, erasures may be lost with it",
        arguments: [true, false])
    func missing(isEmpty: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            try UsageStore.open(path: path, at: Self.now, isExpected: false).store.close()
            let (whole, _) = try UsageStore.open(path: path, at: Self.now, isExpected: true)
            #expect(whole.lostErasures == nil)
            try whole.close()
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            if isEmpty { try Data().write(to: URL(filePath: path)) }
            let (store, opening) = try UsageStore.open(path: path, at: Self.now, isExpected: true)
            #expect(opening.isNew && store.lostErasures != nil)
            try store.close()
        }
    }

    // MARK: - Copies

    @Test("copies go when they are old, and at once when somebody is erased")
    func copies() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let store = try UsageStore(path: path)
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: Self.reader, at: Self.now)
            func make() throws {
                for name in ["before-1", "damaged-2", "damaged-2-wal", "mine"] {
                    try Data("copy".utf8).write(to: URL(filePath: "\(path).\(name)"))
                }
            }
            func left() throws -> [String] { try files(directory).filter { !$0.hasPrefix("usage.db-") } }
            try make()
            #expect(store.discardCopies(before: Instant(milliseconds: 0)) == [])
            #expect(try left().count == 5)
            #expect(store.discardCopies(before: Instant(milliseconds: .max)).count == 3)
            #expect(try left() == ["usage.db", "usage.db.mine"])
            try make()
            try await store.keep(
                [.people([Self.person(Self.gone)], listedAt: Self.now)], state: SiteState(), for: site.key)
            _ = try await store.erase(Self.gone, cause: .requested, at: Self.now)
            #expect(try left() == ["usage.db", "usage.db.mine"])
            try store.close()
        }
    }
}
