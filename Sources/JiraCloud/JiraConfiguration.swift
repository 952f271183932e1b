package import UsageModel

/// Where Atlassian is, who we are to it, and how patient we are with it. Valid by construction.
package struct JiraConfiguration: Sendable {
    /// Without a slash at its end, for example `https://auth.atlassian.com`.
    package let authorizationServer: String
    /// Without a slash at its end, for example `https://api.atlassian.com`. OAuth tokens work nowhere else: a site's own
    /// host answers 401 to them. Source: <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
    package let apiBase: String
    /// The only way out to https addresses; `nil` where there is a direct one. An http address is of this machine, and is
    /// asked directly all the same.
    package let proxy: ProxyAddress?
    package let clientID: String
    package let clientSecret: Secret
    /// Must equal the callback URL in Atlassian's developer console to the letter.
    package let redirectURI: String
    /// Program and version, and where to read about it.
    package let userAgent: String
    /// How long one try may take, from the first byte sent to the last byte of the answer's body.
    package let requestDeadline: Duration
    /// The largest body that is read, in bytes.
    package let bodyLimit: Int
    /// How many requests to Jira may be in flight at once, 1 to 64, over all sites together.
    package let concurrency: Int
    package let retry: RetryPolicy

    package init(
        authorizationServer: String = "https://auth.atlassian.com",
        apiBase: String = "https://api.atlassian.com",
        proxy: ProxyAddress? = nil,
        clientID: String,
        clientSecret: Secret,
        redirectURI: String,
        userAgent: String,
        requestDeadline: Duration = .seconds(60),
        bodyLimit: Int = 128 << 20,
        concurrency: Int = 8,
        retry: RetryPolicy = RetryPolicy()
    ) throws(JiraConfigurationError) {
        guard let authorizationServer = ServerAddress(authorizationServer) else {
            throw .notAnAddress(.authorizationServer)
        }
        guard let apiBase = ServerAddress(apiBase) else { throw .notAnAddress(.apiBase) }
        guard let redirect = ServerAddress(redirectURI, allowsQuery: true) else { throw .notAnAddress(.redirectURI) }
        guard authorizationServer.isConfidential else { throw .plainHTTP(.authorizationServer) }
        guard apiBase.isConfidential else { throw .plainHTTP(.apiBase) }
        guard redirect.isConfidential else { throw .plainHTTP(.redirectURI) }
        guard !clientID.isEmpty, clientID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid(.clientID)
        }
        guard !userAgent.isEmpty, userAgent.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw .invalid(.userAgent)
        }
        guard (1...64).contains(concurrency) else { throw .invalid(.concurrency) }
        guard requestDeadline > .zero else { throw .invalid(.requestDeadline) }
        guard bodyLimit > 0 else { throw .invalid(.bodyLimit) }
        self.authorizationServer = authorizationServer.text
        self.apiBase = apiBase.text
        self.proxy = proxy
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.userAgent = userAgent
        self.requestDeadline = requestDeadline
        self.bodyLimit = bodyLimit
        self.concurrency = concurrency
        self.retry = retry
    }
}

/// Which setting cannot be used, and why.
package enum JiraConfigurationError: Error, Hashable, CustomStringConvertible {
    package enum Setting: String, Sendable {
        case authorizationServer
        case apiBase
        case redirectURI
        case clientID
        case userAgent
        case concurrency
        case requestDeadline
        case bodyLimit
    }

    /// Not an absolute `https` or `http` URL, or one with a user, a query or a fragment.
    case notAnAddress(Setting)
    /// `http` to anything but a loopback address would show tokens to the network.
    case plainHTTP(Setting)
    /// Empty, out of range, or holding characters that no header may hold.
    case invalid(Setting)

    package var description: String {
        switch self {
        case .notAnAddress(let setting): "\(setting.rawValue) is not an absolute https URL"
        case .plainHTTP(let setting): "\(setting.rawValue) may use http for a loopback address only; use https"
        case .invalid(let setting): "\(setting.rawValue) is empty or out of range"
        }
    }
}
