import UsageModel

/// A generation's tokens as JSON, for the seal only.
struct StoredTokens: Codable {
    let scopes: [String]
    let consentedAt: Int64
    let issuedAt: Int64
    let accessToken: String
    let accessExpiresAt: Int64
    let refreshToken: String
    let refreshIssuedAt: Int64

    init(_ grant: Grant) {
        scopes = grant.scopes
        consentedAt = grant.consentedAt.milliseconds
        issuedAt = grant.issuedAt.milliseconds
        accessToken = grant.accessToken.exposed
        accessExpiresAt = grant.accessExpiresAt.milliseconds
        refreshToken = grant.refreshToken.exposed
        refreshIssuedAt = grant.refreshIssuedAt.milliseconds
    }

    func grant(account: AccountID, generation: Int) -> Grant {
        Grant(
            account: account, generation: generation, scopes: scopes,
            consentedAt: Instant(milliseconds: consentedAt), issuedAt: Instant(milliseconds: issuedAt),
            accessToken: Secret(accessToken), accessExpiresAt: Instant(milliseconds: accessExpiresAt),
            refreshToken: Secret(refreshToken), refreshIssuedAt: Instant(milliseconds: refreshIssuedAt))
    }
}
