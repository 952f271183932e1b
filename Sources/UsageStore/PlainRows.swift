import CSQLite
import GRDB

/// A row of a statement that is being stepped through, read by place. Good until the next step.
///
/// What is asked thousands of times a second is read so, by SQLite's own functions: GRDB's rows look columns up by name,
/// and cost several times what SQLite itself does.
struct PlainRow {
    fileprivate let statement: OpaquePointer

    /// Counted from 0, as all places here.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func flag(_ column: Int32) -> Bool { integer(column) != 0 }

    func integerIfAny(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
    }

    /// `nil` for NULL.
    func text(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(statement, column) else { return nil }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))),
            as: UTF8.self)
    }
}

/// What a parameter of a statement is bound to.
enum PlainValue {
    case integer(Int64)
    case text(String)
}

extension Database {
    /// Steps through the rows of a query, which is prepared once for the connection.
    ///
    /// - Parameter values: for `?1`, `?2` and so on, as far as the query has them.
    func eachRow(_ sql: String, _ values: PlainValue..., body: (PlainRow) throws -> Void) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        // Frees what the query holds, which an error before its end would not.
        defer { sqlite3_reset(statement) }
        let count = Int(sqlite3_bind_parameter_count(statement))
        for (index, value) in values.prefix(count).enumerated() {
            switch value {
            case .integer(let number): sqlite3_bind_int64(statement, Int32(index + 1), number)
            case .text(let text):
                var text = text
                _ = text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        csqlite_bind_text(statement, Int32(index + 1), $0.baseAddress, Int32($0.count))
                    }
                }
            }
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try body(PlainRow(statement: statement))
            case SQLITE_DONE: return
            case let code:
                throw DatabaseError(resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
            }
        }
    }
}
