import GRDB

/// Why the store could not do what was asked, for whoever has to act on it.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A later version of this program wrote the file. Nothing was changed.
    case newer(path: String)
    /// The file belongs to some other program. Nothing was changed.
    case foreign(path: String)
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
        case .full(let path):
            "no room left for \(path); free some, then the sync goes on where it stopped"
        case .corrupt(let path, let message):
            "\(path) is damaged (\(message)); move it away and let the next sync build it anew"
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
            case .SQLITE_CORRUPT: self = .corrupt(path: path, message: error.message ?? "malformed")
            case .SQLITE_NOTADB: self = .foreign(path: path)
            default: self = .failed(path: path, message: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        default:
            self = .failed(path: path, message: String(describing: error))
        }
    }
}
