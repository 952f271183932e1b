import CSQLite

/// One connection to a database, for what is written by the million: nothing stands between it and SQLite.
final class SQLiteFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let handle: OpaquePointer

    init(_ path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let opened else {
            let reason = String(cString: sqlite3_errmsg(opened))
            sqlite3_close(opened)
            throw Failure(description: "\(path): \(reason)")
        }
        handle = opened
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Runs one or more statements whose rows nobody wants.
    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    func prepare(_ sql: String) throws -> Statement {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
            throw failure(sql)
        }
        return Statement(prepared, of: self)
    }

    /// The first column of every row, as text.
    func texts(_ sql: String) throws -> [String] {
        let statement = try prepare(sql)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(0)) }
        return texts
    }

    /// The first column of the first row.
    func number(_ sql: String) throws -> Int64 {
        let statement = try prepare(sql)
        guard try statement.step() else { throw Failure(description: "no row: \(sql)") }
        return statement.number(0)
    }

    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN")
        let value = try body()
        try execute("COMMIT")
        return value
    }

    fileprivate func failure(_ sql: String) -> Failure {
        Failure(description: "\(String(cString: sqlite3_errmsg(handle))): \(sql.prefix(200))")
    }

    /// A statement that is run again and again with other values.
    final class Statement {
        enum Value {
            case number(Int64)
            case text(String)
            case null
        }

        private let statement: OpaquePointer
        private let file: SQLiteFile

        fileprivate init(_ statement: OpaquePointer, of file: SQLiteFile) {
            self.statement = statement
            self.file = file
        }

        deinit {
            sqlite3_finalize(statement)
        }

        /// Whether there is a row; without one the statement is ready for the next run.
        func step() throws -> Bool {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: return true
            case SQLITE_DONE:
                sqlite3_reset(statement)
                return false
            default: throw file.failure(String(cString: sqlite3_sql(statement)))
            }
        }

        /// Runs it to its end with these values.
        func run(_ values: Value...) throws {
            for (place, value) in zip(Int32(1)..., values) {
                switch value {
                case .number(let number): sqlite3_bind_int64(statement, place, number)
                case .text(let text): sqlite3_bind_text(statement, place, text, -1, Self.copied)
                case .null: sqlite3_bind_null(statement, place)
                }
            }
            while try step() {}
        }

        /// The same for numbers alone, without an array.
        func run(numbers values: (Int64, Int64, Int64, Int64, Int64, Int64)) throws {
            sqlite3_bind_int64(statement, 1, values.0)
            sqlite3_bind_int64(statement, 2, values.1)
            sqlite3_bind_int64(statement, 3, values.2)
            sqlite3_bind_int64(statement, 4, values.3)
            sqlite3_bind_int64(statement, 5, values.4)
            sqlite3_bind_int64(statement, 6, values.5)
            while try step() {}
        }

        func number(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        func text(_ column: Int32) -> String {
            sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        }

        /// `SQLITE_TRANSIENT`, a macro that Swift does not see: <https://www.sqlite.org/c3ref/c_static.html>.
        private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
