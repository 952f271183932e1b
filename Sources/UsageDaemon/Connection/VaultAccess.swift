import JiraCloud
import TokenVault
import UsageModel

/// The vault, or why there is none: a daemon without its key still answers from what it has collected.
enum VaultAccess: Sendable {
    case open(TokenVault)
    /// One line: what is wrong with the key or the file, and what to do.
    case locked(String)

    /// What may be told of the consents, by account.
    func grants() async -> [AccountID: GrantStatus] {
        guard case .open(let vault) = self else { return [:] }
        return Dictionary(uniqueKeysWithValues: await vault.grants().map { ($0.account, $0) })
    }

    /// An access token for the client's next request.
    func accessToken(for account: AccountID, rejecting rejected: Secret?) async throws(AccessTokenError) -> Secret {
        guard case .open(let vault) = self else { throw .vaultFailed }
        do {
            return try await vault.accessToken(for: account, rejecting: rejected)
        } catch {
            switch error {
            case .noGrant, .reauthorise, .olderCopy, .noRefreshToken: throw .reauthorise
            case .clientRejected: throw .clientRejected
            case .unavailable, .busy: throw .notNow
            case .cancelled, .stopped: throw .cancelled
            case .inUse, .newer, .foreign, .wrongKey, .damaged, .noFile, .mode, .owner, .sameKey, .full, .failed:
                throw .vaultFailed
            }
        }
    }
}
