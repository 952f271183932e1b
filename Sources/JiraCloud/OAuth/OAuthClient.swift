import FoundationEssentials
package import Logging
package import UsageModel

/// Atlassian's authorisation server: consent, tokens, and which sites they open.
///
/// Source: <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>.
package struct OAuthClient: Sendable {
    /// What we ask the person to consent to: reading people and issues, reporting what we store of people, and going
    /// on when they are away.
    package static let scopes = ["offline_access", "read:jira-user", "read:jira-work", "report:personal-data"]

    private let transport: HTTPTransport
    private let timing: Timing
    private let logger: Logger
    private var configuration: JiraConfiguration { transport.configuration }

    /// - Parameters:
    ///   - clock: measures the waits between tries of `accessibleSites`; nothing else waits.
    ///   - now: the wall clock, for dates in answers.
    package init(
        transport: HTTPTransport,
        clock: any Clock<Duration> = ContinuousClock(),
        generator: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Instant,
        logger: Logger
    ) {
        self.transport = transport
        self.logger = logger
        timing = Timing(clock: clock, generator: generator, now: now)
    }

    /// Where to send the person who is to consent.
    ///
    /// - Parameter state: unguessable and bound to this one consent; comes back with the code.
    package func authorizationURL(state: Secret) -> String {
        let query = Query([
            ("audience", "api.atlassian.com"),
            ("client_id", configuration.clientID),
            ("scope", Self.scopes.joined(separator: " ")),
            ("redirect_uri", configuration.redirectURI),
            ("state", state.exposed),
            ("response_type", "code"),
            ("prompt", "consent"),
        ])
        return "\(configuration.authorizationServer)/authorize\(query)"
    }

    /// Turns the code of a consent into tokens. The code works once.
    package func exchange(code: Secret) async throws(OAuthError) -> OAuthTokens {
        let answer = try await ask(
            TokenRequest(
                grantType: "authorization_code", clientID: configuration.clientID,
                clientSecret: configuration.clientSecret.exposed, code: code.exposed,
                redirectURI: configuration.redirectURI))
        return try tokens(answer) { status, error in
            // Whatever is wrong with the grant is here wrong with the code.
            let words = ["invalid_request", "invalid_grant", "unauthorized_client"]
            return [400, 403].contains(status) && words.contains(error.error ?? "") ? .codeRejected : nil
        }
    }

    /// Turns a refresh token into new tokens, its successor among them. One try: whether and when the same token may
    /// be sent again is for its keeper to decide.
    package func refresh(_ token: Secret) async throws(OAuthError) -> OAuthTokens {
        let answer = try await ask(
            TokenRequest(
                grantType: "refresh_token", clientID: configuration.clientID,
                clientSecret: configuration.clientSecret.exposed, refreshToken: token.exposed))
        return try tokens(answer) { status, error in
            switch (status, error.error) {
            // RFC 6749, section 5.2 has 400 for it; Atlassian answers 403, with either word.
            case (400, "invalid_grant"), (403, "invalid_grant"), (403, "unauthorized_client"):
                .refreshTokenDead(description: error.description)
            default: nil
            }
        }
    }

    /// The Jira sites that an access token opens, each once.
    package func accessibleSites(access: Secret) async throws(JiraError) -> [AccessibleSite] {
        let connection = JiraConnection(
            transport: transport, base: configuration.apiBase, timing: timing, logger: logger,
            // This token is all there is: a rejected one has no successor here.
            accessToken: { rejected in rejected == nil ? access : nil })
        let rows = try await connection.get([WireSite].self, .accessibleResources, "/oauth/token/accessible-resources")
        return WireSite.jiraSites(rows)
    }

    private func ask(_ request: TokenRequest) async throws(OAuthError) -> HTTPAnswer {
        do throws(TransportError) {
            return try await transport.exchange(
                HTTPRequest(url: "\(configuration.authorizationServer)/oauth/token", body: request.json))
        } catch {
            logger.debug("no answer", metadata: ["jira.endpoint": "\(Endpoint.token.rawValue)", "error": "\(error)"])
            switch error {
            case .timedOut: throw .unavailable(.timedOut)
            case .network(let word): throw .unavailable(.network(word))
            case .proxy(let fault): throw .unavailable(.proxy(fault))
            case .untrusted: throw .unavailable(.untrusted)
            case .bodyTooLarge: throw .unavailable(.unreadable)
            case .cancelled: throw .cancelled
            }
        }
    }

    private func tokens(
        _ answer: HTTPAnswer, grantFault: (Int, TokenFault) -> OAuthError?
    ) throws(OAuthError) -> OAuthTokens {
        guard answer.status != 200 else {
            // With a success that cannot be read, the token has been used: the same as no answer.
            guard let tokens = TokenAnswer(json: answer.body)?.tokens else { throw .unavailable(.unreadable) }
            return tokens
        }
        let fault = TokenFault(json: answer.body)
        logger.debug(
            "no tokens", metadata: answer.failureMetadata(.token).merging(["oauth.error": "\(fault.word)"]) { $1 })
        if let error = grantFault(answer.status, fault) { throw error }
        switch answer.status {
        case 401: throw .clientRejected
        case 429: throw .rateLimited(retryAfter: ComeBack(answer.headers, now: timing.now()).wait)
        case 408, 500...599: throw .unavailable(.status(answer.status))
        default: throw .unexpected(status: answer.status)
        }
    }
}
