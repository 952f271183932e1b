package import UsageModel

/// What may be told about a grant: everything but its tokens.
package struct GrantStatus: Sendable, Hashable {
    package enum State: String, Sendable {
        /// Its refresh token is the newest there is.
        case valid
        /// A refresh token has been sent, or is about to be; the answer is not kept yet.
        case refreshing
        /// Atlassian refuses the refresh token: a person must consent again.
        case reauthorise
    }

    package let account: AccountID
    package let state: State
    /// Whether it is `reauthorise` because the vault's file is an older copy, from before newer tokens of this account.
    package let isOlderCopy: Bool
    package let scopes: [String]
    package let consentedAt: Instant
    /// When its tokens were last replaced; that of the consent where they never were.
    package let issuedAt: Instant
    package let refreshIssuedAt: Instant
    package let accessExpiresAt: Instant
    /// When Atlassian forgets the grant if nothing refreshes it until then.
    package let idleExpiresAt: Instant
    /// When the consent ends in any case.
    package let absoluteExpiresAt: Instant

    package init(
        account: AccountID, state: State, isOlderCopy: Bool = false, scopes: [String], consentedAt: Instant,
        issuedAt: Instant, refreshIssuedAt: Instant, accessExpiresAt: Instant, idleExpiresAt: Instant,
        absoluteExpiresAt: Instant
    ) {
        self.account = account
        self.state = state
        self.isOlderCopy = isOlderCopy
        self.scopes = scopes
        self.consentedAt = consentedAt
        self.issuedAt = issuedAt
        self.refreshIssuedAt = refreshIssuedAt
        self.accessExpiresAt = accessExpiresAt
        self.idleExpiresAt = idleExpiresAt
        self.absoluteExpiresAt = absoluteExpiresAt
    }

    /// When a person must have consented again at the latest.
    package var expiresAt: Instant { min(idleExpiresAt, absoluteExpiresAt) }

    /// The warning that is due at `now`; `nil` while there are more than 30 days left.
    package func warning(at now: Instant) -> ExpiryWarning? {
        let left = expiresAt.duration(since: now)
        return ExpiryWarning.allCases.first { left <= .days($0.rawValue) }
    }
}

/// How near the end of a consent is: the raw value is in days. The most urgent comes first.
package enum ExpiryWarning: Int, Sendable, CaseIterable {
    case within3Days = 3
    case within14Days = 14
    case within30Days = 30
}
