package import Glibc
import UsageModel

/// Why a secret cannot be used, and the command that mends it. An administrator must act.
package enum SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Neither a credential of that name nor the file of the setting.
    case missing(name: String, path: String, setting: String)
    /// The key of a vault that is there is missing: a new one would not open it.
    case vaultWithoutKey(vault: String, path: String, setting: String)
    /// Somebody else may read or change the file.
    case mode(path: String, is: mode_t)
    /// The file is somebody else's.
    case owner(path: String, is: uid_t, mustBe: uid_t)
    /// The daemon's user may not read it, or not reach it. `nil` for a credential.
    case denied(path: String, user: uid_t?)
    case unreadable(path: String, reason: String)
    case empty(name: String, SecretOrigin)
    /// Not what a secret of that name looks like.
    case malformed(name: String, SecretOrigin)

    private static let makeKey = "head -c 32 /dev/urandom | base64"

    package var description: String {
        switch self {
        case .missing("vault-key", let path, let setting):
            "no vault-key: make one with `(umask 077; \(Self.makeKey) > \(path.shellWord))` (setting \(setting)), or pass"
                + " it as a systemd credential"
        case .missing("vault-key-next", let path, let setting):
            "no vault-key-next: make one with `(umask 077; \(Self.makeKey) > \(path.shellWord))` (setting \(setting)),"
                + " owned by the daemon's user, or pass it as a systemd credential; then repeat"
        case .missing(let name, let path, let setting):
            "no \(name): pass it as a systemd credential, or write it to \(path) (setting \(setting)) with mode 0600"
        case .vaultWithoutKey(let vault, let path, let setting):
            "the key of \(vault) is missing: restore it to \(path) (setting \(setting)) or as the systemd credential"
                + " vault-key; a new key does not open this vault. If the key is lost, move \(vault.shellWord) away, make"
                + " a new key, and consent again"
        case .mode(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)), which must be 0600 or 0400: run `chmod 0600 \(path.shellWord)`"
        case .owner(let path, let owner, 0):
            "\(path) belongs to user \(owner), and this is root: have that user run it, as its unit does:"
                + " systemctl start jira-usaged"
        case .owner(let path, let owner, let user):
            "\(path) belongs to user \(owner), and must to user \(user): run `chown \(user) \(path.shellWord)`"
        case .denied(let path, .some(let user)):
            "\(path) cannot be read by user \(user): run `chown \(user) \(path.shellWord)` and check its directories"
        case .denied(let path, .none):
            "\(path) cannot be read: restart the unit, so that systemd passes the credential anew"
        case .unreadable(let path, let reason):
            "\(path): \(reason)"
        case .empty(let name, .file(let path)):
            "\(path) is empty: write the \(name) to it"
        case .malformed("vault-key", .file(let path)):
            "\(path) holds no key of 32 bytes in base64; restore the vault's key, or for a new vault make one with"
                + " `\(Self.makeKey)`"
        case .malformed("vault-key-next", let origin):
            "\(origin.path) holds no key of 32 bytes in base64; make one with `\(Self.makeKey)`"
        case .malformed(let name, .file(let path)):
            "\(path) holds no \(name): it must be one line of text without blanks"
        case .empty(let name, .credential), .malformed(let name, .credential):
            // The file that systemd takes it from is not told to us.
            "the credential \(name) holds no \(name == "vault-key" ? "key of 32 bytes in base64" : name): encrypt the right"
                + " one anew, see SECRETS in jira-usaged(8); `jirausagectl setup` says how, too"
        }
    }
}
