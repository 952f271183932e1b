/// The application as it is registered with the simulated Atlassian.
package struct OAuthClient: Sendable, Equatable {
    package let id: String
    package let secret: String
    /// Compared exactly, port and path and all.
    package let redirectURI: String

    package init(id: String, secret: String, redirectURI: String) {
        self.id = id
        self.secret = secret
        self.redirectURI = redirectURI
    }
}

/// The scopes that the application may ask for.
package enum OAuthScope: String, CaseIterable, Sendable {
    case readJiraUser = "read:jira-user"
    case readJiraWork = "read:jira-work"
    case reportPersonalData = "report:personal-data"
    case offlineAccess = "offline_access"
}

/// Lifetimes of what the authorisation server hands out.
package struct OAuthRules: Sendable {
    /// Not published by Atlassian; ten minutes at most.
    package var codeLifetime: Duration = .seconds(600)
    package var accessLifetime: Duration = .seconds(3600)
    /// How long a replaced refresh token is tolerated.
    package var reuseLeeway: Duration = .seconds(600)
    /// Whether a tolerated reuse gives the pair of the first use again instead of a new one; Atlassian does not say.
    package var reuseGivesSamePair = false
    /// A refresh token that is not used for so long is dead.
    package var refreshIdleLimit: Duration = .seconds(90 * 86_400)
    /// So long after consent no refresh token of it works any more.
    package var refreshAbsoluteLimit: Duration = .seconds(365 * 86_400)

    package init() {}
}

/// Something that nobody but the application may ever see.
package struct IssuedSecret: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case clientSecret, code, accessToken, refreshToken
        /// The application's own, which came in with a request for consent.
        case state
    }

    package let kind: Kind
    package let value: String
}

/// A successful answer of the token endpoint.
struct TokenAnswer: Sendable, Equatable {
    let accessToken: String
    /// Only with `offline_access`.
    let refreshToken: String?
    let scopes: [OAuthScope]
    let expiresInSeconds: Int
}

/// Why the authorisation server gives no token.
enum OAuthRefusal: Error, Equatable {
    case invalidCode
    case invalidRefreshToken
    /// Wrong client id or secret: the operator's mistake, which spoils no token.
    case accessDenied
    case invalidRequest(String)
    case unsupportedGrantType

    /// Status, `error` and `error_description` as Atlassian answers.
    var answer: (status: Int, error: String, description: String) {
        switch self {
        case .invalidCode: (400, "invalid_request", "authorization_code is invalid")
        case .invalidRefreshToken: (403, "unauthorized_client", "refresh_token is invalid")
        case .accessDenied: (401, "access_denied", "Unauthorized")
        case .invalidRequest(let why): (400, "invalid_request", why)
        case .unsupportedGrantType: (400, "unsupported_grant_type", "grant_type is not supported")
        }
    }
}
