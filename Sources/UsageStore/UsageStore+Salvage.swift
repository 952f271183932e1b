import GRDB
import Glibc
import UsageModel

extension UsageStore {
    /// The table of who was erased.
    static let erasures = "erasedAccount"

    /// What Jira cannot tell again: which sites are connected, who was erased, which tokens are the newest, and which number
    /// the last change had.
    private static let irreplaceable = [
        "site", erasures, "grantGeneration", "grantFloor", "privacyState", "privacyCount", "commitCount",
    ]

    /// Copies what can be read of the damaged file's irreplaceable tables, in one transaction.
    ///
    /// - Returns: the tables of which not all could be read.
    func salvage(from damaged: String, at now: Instant) throws(StoreError) -> [String] {
        let source = Self.damagedFile(damaged)
        var lost: [String] = []
        do {
            try pool.write { database in
                // Nothing where that is not to be read, or an older version has written the file.
                var erasuresExpected: Int64 = 0
                for table in Self.irreplaceable {
                    var (rows, isWhole) = source?.readableRows(of: table) ?? ([], false)
                    for row in rows where try !database.takes(row, into: table) { isWhole = false }
                    if !isWhole { lost.append(table) }
                    if table == "privacyState" { erasuresExpected = rows.compactMap { $0["erasures"] }.max() ?? 0 }
                }
                // Who was erased is noted with each account as well, and the one place may be damaged and not the other.
                let accounts = source?.readableRows(of: "account", where: "erasedAt IS NOT NULL").rows
                for row in accounts ?? [] { _ = try database.takes(row, into: Self.erasures) }
                try database.execute(sql: Schema.erasuresCounted)
                // A page that is whole may be one of before, and then looks as if it were all.
                let erasures = try Int64.fetchOne(database, sql: "SELECT erasures FROM privacyState") ?? 0
                if erasures < erasuresExpected, !lost.contains(Self.erasures) { lost.append(Self.erasures) }
                try database.execute(sql: "INSERT OR IGNORE INTO syncState (siteKey) SELECT siteKey FROM site")
                // Copies of names may be left in pages of the damaged file only, which is not this one.
                try database.execute(sql: "UPDATE privacyState SET isWipeDue = 0")
                // Whoever waits for a higher number than the last one would otherwise wait for long.
                if lost.contains("commitCount") {
                    try database.execute(sql: "UPDATE commitCount SET number = ?", arguments: [now.milliseconds])
                }
            }
            try? source?.close()
        } catch {
            throw StoreError(error, path: path)
        }
        return lost
    }

    /// - Returns: `nil` for what is no database at all.
    private static func damagedFile(_ path: String) -> DatabaseQueue? {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.foreignKeysEnabled = false
        // Without it SQLite refuses a file that was cut short as a whole; with it, what is left can be read.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        return try? DatabaseQueue(path: path, configuration: configuration)
    }

    // MARK: - Lost erasures

    private static func lostErasures(_ path: String) -> String { "\(path).erasures-lost" }

    /// - Throws: where it cannot be noted; then nothing is to be replaced, for it would be known to nobody.
    static func noteLostErasures(path: String) throws(StoreError) {
        let file = lostErasures(path)
        guard mark(file) else {
            throw .failed(path: file, message: "cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    /// The file whose presence says that with a database that was damaged or lost, at least in part, went who had been
    /// erased: somebody may be back. It is an administrator's to remove; `nil` where there is none.
    package var lostErasures: String? {
        let file = Self.lostErasures(path)
        return access(file, F_OK) == 0 ? file : nil
    }
}

extension DatabaseQueue {
    /// The rows of a damaged file that can be read, in no transaction, for none might be begun or ended.
    fileprivate func readableRows(
        of table: String, where condition: String = "true"
    ) -> (rows: [Row], isWhole: Bool) {
        unsafeRead { $0.readableRows(of: table, where: condition) }
    }
}

extension Database {
    /// The rows that can be read, from both ends of the table up to where it is damaged.
    ///
    /// - Returns: the rows, some of them perhaps twice; and whether these are all.
    fileprivate func readableRows(of table: String, where condition: String) -> (rows: [Row], isWhole: Bool) {
        var rows: [Row] = []
        func read(_ order: String) throws {
            let cursor = try Row.fetchCursor(self, sql: "SELECT * FROM \(table) WHERE \(condition) \(order)")
            while let row = try cursor.next() { rows.append(row.copy()) }
        }
        do {
            try read("")
            return (rows, true)
        } catch {
            // What is damaged ends the second reading too, from the other side.
            try? read("ORDER BY \(primaryKey(table).columns.map { "\($0) DESC" }.joined(separator: ", "))")
            return (rows, false)
        }
    }

    /// Inserts a row by the columns that both files have: an older one may lack some.
    ///
    /// - Returns: whether it is a row that can be there; what is damaged may look like one.
    fileprivate func takes(_ row: Row, into table: String) throws -> Bool {
        let known = Set(try columns(in: table).map(\.name))
        let names = row.columnNames.filter(known.contains)
        let places = names.map { _ in "?" }.joined(separator: ", ")
        do {
            try execute(
                sql: "INSERT OR REPLACE INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(places))",
                arguments: StatementArguments(names.map { row[$0] as DatabaseValue }))
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
    }
}
