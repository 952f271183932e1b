package import UsageModel

/// The store's own number for a site; it means nothing outside this file's tables.
package struct SiteKey: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A site that is connected, or has been: whom it belongs to is the account that consented for it.
package struct Site: Hashable, Sendable {
    package let key: SiteKey
    package let cloudID: CloudID
    package let name: String
    /// For example `https://example.atlassian.net`, without a slash at the end.
    package let url: String
    package let grantAccount: AccountID
    package let connectedAt: Instant
    /// Since when its tokens are forgotten by an administrator's wish, and nothing is read; `nil` while it is connected.
    package let leftAt: Instant?

    package init(
        key: SiteKey, cloudID: CloudID, name: String, url: String, grantAccount: AccountID, connectedAt: Instant,
        leftAt: Instant? = nil
    ) {
        self.key = key
        self.cloudID = cloudID
        self.name = name
        self.url = url
        self.grantAccount = grantAccount
        self.connectedAt = connectedAt
        self.leftAt = leftAt
    }
}
