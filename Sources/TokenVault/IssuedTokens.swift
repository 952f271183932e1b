package import UsageModel

/// What Atlassian's token endpoint hands out, for a code or for a refresh token.
///
/// Source: <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
package struct IssuedTokens: Sendable {
    package let accessToken: Secret
    /// How long the access token is good for.
    package let expiresIn: Duration
    /// The successor of the refresh token that was sent. Seldom missing; then the one that was sent stays good.
    package let refreshToken: Secret?
    /// Empty where the answer named none: then the scopes of the consent go on.
    package let scopes: [String]

    package init(accessToken: Secret, expiresIn: Duration, refreshToken: Secret?, scopes: [String]) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.scopes = scopes
    }
}

/// Why a refresh token brought no tokens, by what that says about the token.
package enum ExchangeError: Error, Hashable, Sendable {
    /// Atlassian knows the token no more (403 `invalid_grant` or `unauthorized_client`).
    case dead
    /// Client id or secret are wrong (401 `access_denied`). The token was not used; an administrator must act.
    case clientRejected
    /// No answer that can be read (a timeout, a reset, a 5xx): the token may have been used, its successor lost.
    case ambiguous
    /// Not processed (429).
    case rateLimited(retryAfter: Duration?)
}
