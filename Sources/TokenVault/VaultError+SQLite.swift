import GRDB

extension String {
    /// SQLite's words have line feeds now and then.
    var onOneLine: String {
        split(whereSeparator: \.isWhitespace).joined(separator: " ").trimmingPrefix("*** in database main *** ")
            .description
    }
}

extension VaultError {
    /// The same; of a file in use, with the process that has it open.
    var namingHolder: VaultError {
        guard case .inUse(let path, nil) = self else { return self }
        return .inUse(path: path, holder: (try? FileFacts(path))?.lockHolder)
    }

    init(_ error: any Error, path: String) {
        switch error {
        case let error as VaultError:
            self = error
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path: path)
            case .SQLITE_FULL: self = .full(path: path)
            // A file that cannot grow (a quota, a file size limit) is reported as a failed write.
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_WRITE: self = .full(path: path)
            // A schema that is not ours any more, or rows that it does not allow.
            case .SQLITE_CORRUPT, .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG,
                .SQLITE_FORMAT, .SQLITE_RANGE:
                self = .damaged(path: path, what: (error.message ?? "malformed").onOneLine)
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHORT_READ:
                self = .damaged(path: path, what: "cut off")
            case .SQLITE_NOTADB: self = .foreign(path: path)
            default: self = .failed(path: path, message: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        case is RowDecodingError:
            self = .damaged(path: path, what: "a row is not what the vault wrote")
        default:
            self = .failed(path: path, message: "\(type(of: error))")
        }
    }
}
