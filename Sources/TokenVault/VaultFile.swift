import Crypto
import FoundationEssentials
import GRDB
import Glibc
import UsageModel

/// The file `vault.db`: sealed rows in SQLite, open to one connection only.
struct VaultFile {
    /// "JUSV": tells the vault from any other SQLite file (<https://www.sqlite.org/pragma.html#pragma_application_id>).
    private static let applicationID = 0x4A55_5356
    private static let schemaVersion = 1

    private static let schema = """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(schemaVersion);

        -- The data key, wrapped by the vault-key, and between a re-keying and the first start with the next key by that
        -- one too. A new vault-key touches these rows and no other.
        CREATE TABLE dataKey (
            id     INTEGER PRIMARY KEY CHECK (id IN (1, 2)),
            sealed BLOB NOT NULL
        ) STRICT;

        -- The last two generations of tokens of each account, and how far the refresh of each has come.
        CREATE TABLE generation (
            account    TEXT NOT NULL,
            number     INTEGER NOT NULL CHECK (number >= 1),
            tokens     BLOB NOT NULL,
            journal    BLOB NOT NULL,
            PRIMARY KEY (account, number)
        ) STRICT, WITHOUT ROWID;
        """

    let path: String
    private let news: GenerationNews
    private let queue: DatabaseQueue
    private let seal: Seal
    private let dataKey: SymmetricKey

    /// Opens the file or creates it with a fresh data key, and holds it until `close`.
    ///
    /// - Parameter news: hears of each generation that has been committed.
    init(path: String, key: VaultKey, news: GenerationNews) throws(VaultError) {
        self.path = path
        self.news = news
        do {
            try Self.create(path)
            var configuration = Configuration()
            configuration.label = "vault"
            configuration.busyMode = .immediateError
            configuration.prepareDatabase { database in
                // Held from the first transaction to the end (https://www.sqlite.org/pragma.html#pragma_locking_mode).
                try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                // A commit that was acknowledged survives a power cut: the truncated journal is synchronised, and where one
                // was deleted instead, the directory too (https://www.sqlite.org/pragma.html#pragma_synchronous).
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
                try database.execute(sql: "PRAGMA trusted_schema = OFF")
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            self.queue = queue
            dataKey = try queue.inDatabase { database in
                // Of a file in WAL mode, which no vault is, this would change the header before anybody has looked.
                let isLogged = try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal"
                if !isLogged { try Self.truncateJournal(database) }
                let dataKey = try Self.unlock(database, key: key, path: path)
                if isLogged { try Self.truncateJournal(database) }
                return dataKey
            }
            seal = Seal(dataKey)
        } catch {
            throw VaultError(error, path: path).namingHolder
        }
    }

    func close() throws(VaultError) {
        do {
            try queue.close()
        } catch {
            throw VaultError(error, path: path)
        }
    }

    /// The newest generation of every account.
    func grants() throws(VaultError) -> [(grant: Grant, journal: RefreshMachine.Journal)] {
        try read { database in
            try Self.newest(database, seal: seal, path: path)
        }
    }

    private static func newest(
        _ database: Database, seal: Seal, path: String
    ) throws -> [(grant: Grant, journal: RefreshMachine.Journal)] {
        let sql = """
            SELECT account, number, tokens, journal FROM generation AS newest
            WHERE number = (SELECT max(number) FROM generation WHERE account = newest.account)
            ORDER BY account
            """
        return try Row.fetchAll(database, sql: sql).map { try open($0, seal: seal, path: path) }
    }

    func newestGeneration(of account: AccountID) throws(VaultError) -> Int? {
        try read { database in
            try Int.fetchOne(
                database, sql: "SELECT max(number) FROM generation WHERE account = ?", arguments: [account.rawValue])
        }
    }

    /// Writes a new generation, again if need be, and forgets all but the one before it.
    func insert(_ grant: Grant) throws(VaultError) {
        let tokens = try close(StoredTokens(grant), kind: .tokens, of: grant)
        let journal = try close(RefreshMachine.Journal.valid, kind: .journal, of: grant)
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO generation (account, number, tokens, journal) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET tokens = excluded.tokens, journal = excluded.journal
                    """,
                arguments: [grant.account.rawValue, grant.generation, tokens, journal])
            try database.execute(
                sql: "DELETE FROM generation WHERE account = ? AND number < ?",
                arguments: [grant.account.rawValue, grant.generation - 1])
        }
        news.put(grant.account, grant.generation)
    }

    /// Notes how far the refresh of a generation has come.
    ///
    /// An older journal of the same generation, put back over a newer one by whoever can write the file, opens as well as
    /// that; it needs no defence, because it cannot name another token. Whatever it says, the next token that is sent is
    /// this generation's own, the one that `refreshing` would send again too, and there is no later one, for writing
    /// that would have made this generation the last but one:
    ///
    /// - `valid` over `refreshing`: the token is sent at the first use after the start, not at the start itself. A refresh
    ///   begins only for an access token that has run out or was refused, or after a week; so the first use, or the weekly
    ///   look at the start, sends it. Inside the leeway it is answered; after the leeway it would not have been either way.
    /// - `valid` over `reauthorise`, which Atlassian had the last word on: it is sent once more and refused once more.
    /// - `refreshing` over `valid`: one refresh too many. `reauthorise` comes last of its generation.
    ///
    /// A newer generation that is taken away is another matter: see ``GenerationLedger``.
    func set(_ journal: RefreshMachine.Journal, for grant: Grant) throws(VaultError) {
        let sealed = try close(journal, kind: .journal, of: grant)
        try write { database in
            try database.execute(
                sql: "UPDATE generation SET journal = ? WHERE account = ? AND number = ?",
                arguments: [sealed, grant.account.rawValue, grant.generation])
        }
    }

    func remove(_ account: AccountID) throws(VaultError) {
        try write { database in
            try database.execute(sql: "DELETE FROM generation WHERE account = ?", arguments: [account.rawValue])
        }
    }

    // MARK: - The data key

    /// Wraps the data key for `next` too. From then on the vault opens with the present key or with that one.
    func rekey(to next: VaultKey) throws(VaultError) {
        try write { try DataKeyWraps($0, path: path).add(Seal(next.symmetricKey), for: dataKey) }
    }

    /// Whether this is the key that the vault was opened with.
    func isPresentKey(_ key: VaultKey) throws(VaultError) -> Bool {
        try read { try DataKeyWraps($0, path: path).isPresent(Seal(key.symmetricKey)) }
    }

    /// Whether the vault opens with another key too.
    func isRekeyed() throws(VaultError) -> Bool {
        try read { try DataKeyWraps($0, path: path).hasNext }
    }

    // MARK: - Opening

    /// Creates a missing file with mode 0600, which SQLite gives to its journal too. An existing one is not touched:
    /// to open and close it here would drop the locks this process may hold on it (fcntl_locking(2)).
    private static func create(_ path: String) throws {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno == EEXIST {
            try FileFacts(path).refuseExposed(to: geteuid())
        } else {
            throw VaultError.failed(path: path, message: String(cString: strerror(errno)))
        }
    }

    private static func refuseForeign(_ database: Database, path: String) throws {
        let applicationID = try Int.fetchOne(database, sql: "PRAGMA application_id")
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty, applicationID == 0, version == 0 { return }
        guard applicationID == Self.applicationID else { throw VaultError.foreign(path: path) }
        guard version <= schemaVersion else { throw VaultError.newer(path: path) }
    }

    /// While the lock is held SQLite would keep the journal's file, with what was deleted in it. Truncated, and that
    /// synchronised, it holds nothing (<https://www.sqlite.org/pragma.html#pragma_journal_mode>).
    private static func truncateJournal(_ database: Database) throws {
        try database.execute(sql: "PRAGMA journal_mode = TRUNCATE")
    }

    /// Takes the lock, which a refusal leaves every byte of the file as it was, and opens the data key and every seal.
    private static func unlock(_ database: Database, key: VaultKey, path: String) throws -> SymmetricKey {
        let outer = Seal(key.symmetricKey)
        var opened: SymmetricKey?
        try database.inTransaction(.exclusive) {
            try refuseForeign(database, path: path)
            if try Int.fetchOne(database, sql: "PRAGMA user_version") == 0 {
                let dataKey = SymmetricKey(size: .bits256)
                try database.execute(sql: schema)
                try DataKeyWraps(database, path: path).begin(dataKey, with: outer)
                opened = dataKey
            } else {
                try refuseDamaged(database, path: path)
                let dataKey = try DataKeyWraps(database, path: path).open(with: outer)
                _ = try newest(database, seal: Seal(dataKey), path: path)
                opened = dataKey
            }
            return .commit
        }
        guard let opened else { throw VaultError.failed(path: path, message: "not opened") }
        return opened
    }

    /// What the seals do not speak of: pages, order and completeness of the rows
    /// (<https://www.sqlite.org/pragma.html#pragma_integrity_check>).
    private static func refuseDamaged(_ database: Database, path: String) throws {
        let found = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)")
        guard found == "ok" else { throw VaultError.damaged(path: path, what: (found ?? "malformed").onOneLine) }
    }

    // MARK: - Rows

    private func close(_ value: some Encodable, kind: RowKind, of grant: Grant) throws(VaultError) -> Data {
        let place = RowPlace(kind: kind, account: grant.account.rawValue, generation: grant.generation)
        do {
            return try seal.close(try JSONEncoder().encode(value), at: place)
        } catch {
            // Not the error's own text: it might quote what was to be sealed.
            throw VaultError.failed(path: path, message: "a row could not be sealed")
        }
    }

    /// By decoding, for a damaged column may hold anything, and GRDB's subscripts trap on what they do not expect.
    private static func open(
        _ row: Row, seal: Seal, path: String
    ) throws -> (grant: Grant, journal: RefreshMachine.Journal) {
        let account = try row.decode(String.self, forColumn: "account")
        let generation = try row.decode(Int.self, forColumn: "number")
        do {
            let tokens = RowPlace(kind: .tokens, account: account, generation: generation)
            let journal = RowPlace(kind: .journal, account: account, generation: generation)
            guard let id = AccountID(rawValue: account) else { throw Seal.Broken() }
            return (
                try JSONDecoder().decode(
                    StoredTokens.self, from: seal.open(row.decode(Data.self, forColumn: "tokens"), at: tokens)
                )
                .grant(account: id, generation: generation),
                try JSONDecoder().decode(
                    RefreshMachine.Journal.self,
                    from: seal.open(row.decode(Data.self, forColumn: "journal"), at: journal))
            )
        } catch {
            throw VaultError.damaged(path: path, what: "generation \(generation) of \(account)")
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(VaultError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw VaultError(error, path: path)
        }
    }

    private func write(_ body: (Database) throws -> Void) throws(VaultError) {
        do {
            try queue.write(body)
        } catch {
            throw VaultError(error, path: path)
        }
    }
}
