package import UsageModel

/// Why the vault did not do what was asked, for whoever has to act on it.
package enum VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    // Opening. None of these changes the file.

    /// Another process, or another vault of this one, has the file open.
    ///
    /// `holder` is the other process, where the kernel tells.
    case inUse(path: String, holder: Int32? = nil)
    /// A later version of this program wrote the file.
    case newer(path: String)
    /// The file belongs to some other program.
    case foreign(path: String)
    /// The key does not open the file.
    case wrongKey(path: String)
    /// The file, or this account's rows in it, are not what the vault wrote.
    case damaged(path: String, what: String)
    /// Not a regular file: a symbolic link, a directory.
    case noFile(path: String, isLink: Bool)
    /// Others than its owner may open the file. `is` are permission bits of chmod(2).
    case mode(path: String, is: UInt32)
    /// The file is another user's.
    case owner(path: String, is: UInt32, mustBe: UInt32)

    // Re-keying.

    /// The next key is the present one: nothing was changed.
    case sameKey(path: String)

    // Opening and writing.

    /// No room on the disk: nothing was written, and what was kept before is whole.
    case full(path: String)
    /// Reading or writing failed for another reason.
    case failed(path: String, message: String)

    // Asking for a token.

    /// Nobody has consented with this account.
    case noGrant(AccountID)
    /// Atlassian refuses the grant: a person must consent again.
    case reauthorise(AccountID)
    /// The file is an older copy: this account's tokens in it were replaced after it was made, and are not used.
    case olderCopy(AccountID, path: String)
    /// Atlassian refuses our client id or secret; the grant is as good as before.
    case clientRejected
    /// Atlassian's token server did not answer, or not now. The vault tries again by itself.
    case unavailable(AccountID, retryAfter: Duration)
    /// A consent without a refresh token: it would end within the hour.
    case noRefreshToken(AccountID)
    /// Too many callers wait for tokens.
    case busy
    /// The caller was cancelled. A refresh under way goes on.
    case cancelled
    /// The vault's `run()` has ended.
    case stopped

    package var description: String {
        switch self {
        case .inUse(let path, let holder):
            "\(path) is in use by another process\(holder.map { " (pid \($0))" } ?? ""): stop the other jira-usaged,"
                + " or give this one its own state_directory"
        case .newer(let path):
            "\(path) was written by a newer jira-usaged: install that version again, or move the file away, start, and"
                + " consent again"
        case .foreign(let path):
            "\(path) is not a vault of jira-usaged: move it away, or name another state_directory"
        case .wrongKey(let path):
            "\(path) does not open with this vault-key: restore the key it was sealed with, or move the file away; then"
                + " restart, and without the old key consent again; nothing was changed"
        case .damaged(let path, let what):
            "\(path) is damaged (\(what)): move it away, restart, and consent again; nothing was changed"
        case .noFile(let path, let isLink):
            "\(path) is \(isLink ? "a symbolic link" : "not a regular file"): move it away, or put the vault itself there"
        case .mode(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)), which must be 0600: run `chmod 0600 \(path.shellWord)`"
        case .owner(let path, let owner, 0):
            "\(path) belongs to user \(owner), and this is root: have that user run it, as its unit does:"
                + " systemctl start jira-usaged"
        case .owner(let path, let owner, let user):
            "\(path) belongs to user \(owner), and must to user \(user): run `chown \(user) \(path.shellWord)`"
        case .sameKey(let path):
            "\(path) is sealed with this key already: make another one"
        case .full(let path):
            "no room left for \(path): free some; no token is lost"
        case .failed(let path, let message):
            "\(path): \(message)"
        case .noGrant(let account):
            "no consent by \(account): run `jirausagectl auth login`"
        case .reauthorise(let account):
            "Atlassian no longer accepts the consent by \(account): run `jirausagectl auth login`"
        case .olderCopy(let account, let path):
            "\(path) is an older copy: the tokens of \(account) were replaced since; stop, put the newer file back and"
                + " start, or run `jirausagectl auth login`"
        case .clientRejected:
            "Atlassian refuses the client id or secret; no consent is lost: look them up in its console, and give the right"
                + " ones by `jirausagectl setup --client-id ID --client-secret-file FILE`"
        case .unavailable(let account, let retryAfter):
            "no new token for \(account) yet: tried again in \(retryAfter.components.seconds) s"
        case .noRefreshToken(let account):
            "the consent by \(account) came without a refresh token: ask for the scope offline_access"
        case .busy:
            "too many requests wait for tokens: try again"
        case .cancelled:
            "cancelled"
        case .stopped:
            "the vault has been closed"
        }
    }
}
