import ControlServer
import Glibc
import TokenVault
import UsageStore

/// Why the daemon did not start, or ended: one line, and the exit status that goes with it (jira-usaged(8), EXIT STATUS).
enum DaemonFailure: Error, CustomStringConvertible {
    case usage(String)
    case settings(SettingsError)
    case secret(SecretError)
    case lock(StateLock.Failure)
    case store(StoreError)
    case vault(VaultError)
    case socket(ListenError)
    /// It cannot be made, or not be written to.
    case directory(path: String, errno: Int32)
    case `internal`(String)

    /// From sysexits(3).
    var exitStatus: Int32 {
        switch self {
        case .usage: 64
        case .settings, .secret, .lock, .socket, .directory: 78
        case .store(.newer), .store(.foreign), .store(.noFile), .store(.denied): 78
        case .store(.full), .store(.corrupt), .store(.failed): 74
        case .vault(.newer), .vault(.foreign), .vault(.inUse), .vault(.noFile), .vault(.mode), .vault(.owner): 78
        case .vault: 74
        case .internal: 70
        }
    }

    private static func words(_ errno: Int32) -> String { String(cString: strerror(errno)) }

    var description: String {
        switch self {
        case .lock(.failed(let path, EROFS)), .socket(.failed(_, let path, EROFS)), .directory(let path, EROFS):
            "\(path): \(Self.words(EROFS)): let the unit write there, see By hand in jira-usaged(8)"
        case .usage(let message), .internal(let message): message
        case .settings(let error): error.description
        case .secret(let error): error.description
        case .lock(let failure): failure.description
        case .store(let error): error.description
        case .vault(let error): error.description
        case .socket(let error): error.description
        case .directory(let path, EACCES):
            "\(path): \(Self.words(EACCES)): make it the daemon's user's (jira-usaged, or whom its unit names)"
        case .directory(let path, let errno):
            "\(path): \(Self.words(errno)): create it for the daemon's user"
        }
    }
}
