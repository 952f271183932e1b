import GRDB

/// Why the store could not do what was asked, for whoever has to act on it.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A later version of this program wrote the file. Nothing was changed.
    case newer(path: String)
    /// The file is a database of some other program. Nothing was changed.
    case foreign(path: String)
    /// There is something at the path that is no file: a directory, a FIFO, a device. Nothing was changed.
    case noFile(path: String)
    /// The file or its directory may not be read and written by the daemon's user.
    case denied(path: String, message: String)
    /// No room on the disk: the transaction was undone, what was committed before is whole.
    case full(path: String)
    /// The file is damaged.
    case corrupt(path: String, message: String)
    /// Opening, reading or writing failed for another reason.
    case failed(path: String, message: String)

    package var description: String {
        switch self {
        case .newer(let path):
            "\(path) was written by a newer jira-usaged; install that version again, or move the file away to start anew"
        case .foreign(let path):
            "\(path) is not a database of jira-usaged; move it away, or name another state_directory"
        case .noFile(let path):
            "\(path) is not a regular file: move it away, or put the database itself there"
        case .denied(let path, let message):
            "\(path) cannot be used: \(message); it and its directory must belong to the daemon's user, on a file system that may be written"
        case .full(let path):
            "no room left for \(path); free some, then the sync goes on where it stopped"
        case .corrupt(let path, let message):
            "\(path) is damaged (\(message)); the next start tests it, sets it aside and reads everything again"
        case .failed(let path, let message):
            "\(path): \(message)"
        }
    }

    package init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError:
            self = error
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_FULL: self = .full(path: path)
            // A file that cannot grow (a quota, a file size limit) is reported as a failed write.
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_WRITE: self = .full(path: path)
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
                self = .denied(path: path, message: error.message ?? "not permitted")
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                self = .corrupt(path: path, message: error.message ?? "malformed")
            default: self = .failed(path: path, message: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        default:
            self = .failed(path: path, message: String(describing: error))
        }
    }
}
