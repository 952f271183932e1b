import CSQLite

/// A copy of a database that others go on using: <https://www.sqlite.org/backup.html>.
enum DatabaseCopy {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func make(of source: String, at target: String) throws {
        var (from, to): (OpaquePointer?, OpaquePointer?)
        defer {
            sqlite3_close(from)
            sqlite3_close(to)
        }
        guard sqlite3_open_v2(source, &from, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
            sqlite3_open_v2(target, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK,
            let backup = sqlite3_backup_init(to, "main", from, "main")
        else { throw Failure(description: "\(source): \(String(cString: sqlite3_errmsg(to ?? from)))") }
        let code = sqlite3_backup_step(backup, -1)
        sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else {
            throw Failure(description: "\(source): \(String(cString: sqlite3_errstr(code)))")
        }
    }
}
