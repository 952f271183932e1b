/// Why no tokens came, by what becomes of the ones we hold.
package enum OAuthError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The authorisation code is wrong, used or too old: consent must start again.
    case codeRejected
    /// The refresh token is dead (idle for 90 days, replaced, revoked, password changed): a person must consent again.
    /// Atlassian says it with 403.
    case refreshTokenDead(description: String?)
    /// Our client id or secret is wrong: our configuration, and no fault of the token's.
    case clientRejected
    /// Not processed. The token is as good as before.
    case rateLimited(retryAfter: Duration?)
    /// No answer that can be read: the token may have been used. Atlassian accepts the same one again for ten minutes.
    case unavailable(Outage)
    /// An answer that is not in Atlassian's documentation. The token is as good as before, as far as we know.
    case unexpected(status: Int)
    /// As `unavailable`: the request may have been under way.
    case cancelled

    package var description: String {
        switch self {
        case .codeRejected: "Atlassian does not accept the authorisation code: run `jirausagectl auth login` again"
        case .refreshTokenDead(let description):
            "the consent is no longer valid\(description.map { " (\($0))" } ?? ""): run `jirausagectl auth login`"
        case .clientRejected: "Atlassian refuses the client id or secret: check the oauth settings"
        case .rateLimited: "Atlassian's token server limits us: tried again by itself"
        case .unavailable(let outage): "Atlassian's token server does not answer (\(outage)): tried again by itself"
        case .unexpected(let status):
            "Atlassian's token server answered with status \(status): check for a proxy in between, or report it"
        case .cancelled: "cancelled"
        }
    }
}
