package import UsageModel

/// What Atlassian's token endpoint hands out.
package struct OAuthTokens: Sendable {
    package let access: Secret
    /// The successor of the refresh token that was sent. Seldom missing; then the one that was sent stays good.
    package let refresh: Secret?
    /// How long the access token is good for.
    package let expiresIn: Duration
    package let scopes: [String]
}

/// A site that the account which consented opened to us.
package struct AccessibleSite: Hashable, Sendable {
    package let cloudID: CloudID
    package let name: String
    /// For example `https://your-domain.atlassian.net`.
    package let url: String
    package let scopes: [String]
}
