import UsageModel

/// One consent of one Atlassian account, as of one generation of its tokens.
struct Grant: Sendable {
    let account: AccountID
    /// Counts the tokens of this account, from 1. A newer consent counts on.
    let generation: Int
    let scopes: [String]
    let consentedAt: Instant
    /// When this generation was issued.
    let issuedAt: Instant
    let accessToken: Secret
    let accessExpiresAt: Instant
    let refreshToken: Secret
    /// When `refreshToken` was issued: an earlier generation's time, where a refresh brought no successor.
    let refreshIssuedAt: Instant

    /// The generation after this one, from the answer to its refresh token.
    func next(_ tokens: IssuedTokens, at now: Instant) -> Grant {
        Grant(
            account: account, generation: generation + 1,
            scopes: tokens.scopes.isEmpty ? scopes : tokens.scopes,
            consentedAt: consentedAt, issuedAt: now,
            accessToken: tokens.accessToken, accessExpiresAt: now + tokens.expiresIn,
            refreshToken: tokens.refreshToken ?? refreshToken,
            refreshIssuedAt: tokens.refreshToken == nil ? refreshIssuedAt : now)
    }

    func status(
        _ state: GrantStatus.State, isOlderCopy: Bool, _ configuration: VaultConfiguration
    ) -> GrantStatus {
        GrantStatus(
            account: account, state: state, isOlderCopy: isOlderCopy, scopes: scopes, consentedAt: consentedAt,
            issuedAt: issuedAt, refreshIssuedAt: refreshIssuedAt, accessExpiresAt: accessExpiresAt,
            idleExpiresAt: refreshIssuedAt + configuration.idleLimit,
            absoluteExpiresAt: consentedAt + configuration.absoluteLimit)
    }
}
