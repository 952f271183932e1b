/// Atlassian's authorisation server as a value: codes, grants and tokens, with the rules of OAuth 2.0 (3LO)
/// (https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/).
struct OAuthServer: Sendable {
    let client: OAuthClient
    let rules: OAuthRules
    private var secrets: Draw
    private var codes: [String: Code] = [:]
    private var grants: [Int: Grant] = [:]
    private var refreshTokens: [String: RefreshToken] = [:]
    private var accessTokens: [String: AccessToken] = [:]
    private var lastGrant = 0
    /// Everything secret that was handed out, or came in as a `state`, in that order.
    private(set) var issued: [IssuedSecret]

    /// What one consent allowed; all tokens that come of it are a family.
    private struct Grant {
        let scopes: [OAuthScope]
        let given: Moment
    }

    private struct Code {
        let grant: Int
        let issued: Moment
    }

    private struct RefreshToken {
        let grant: Int
        let issued: Moment
        var replaced: Replacement?

        struct Replacement {
            let at: Moment
            let answer: TokenAnswer
        }
    }

    private struct AccessToken {
        /// `nil`: minted for a test, of no consent.
        let grant: Int?
        let scopes: [OAuthScope]
        let expires: Moment
    }

    init(client: OAuthClient, rules: OAuthRules, seed: UInt64) {
        self.client = client
        self.rules = rules
        secrets = Draw(seed: seed, .secret, 1)
        issued = [IssuedSecret(kind: .clientSecret, value: client.secret)]
    }

    mutating func note(state: String) {
        issued.append(IssuedSecret(kind: .state, value: state))
    }

    // MARK: - Consent

    /// Consents in the user's place and returns the code. The grant that there was before is replaced: an account has
    /// one for each application.
    mutating func consent(to scopes: [OAuthScope], now: Moment) -> String {
        revokeAll()
        lastGrant += 1
        grants[lastGrant] = Grant(scopes: scopes, given: now)
        let code = secrets.hexadecimal(40)
        codes[code] = Code(grant: lastGrant, issued: now)
        issued.append(IssuedSecret(kind: .code, value: code))
        return code
    }

    // MARK: - Tokens

    mutating func exchange(_ code: String, now: Moment) throws(OAuthRefusal) -> TokenAnswer {
        guard let found = codes.removeValue(forKey: code), now < found.issued.advanced(by: rules.codeLifetime),
            let grant = grants[found.grant]
        else { throw .invalidCode }
        return issue(found.grant, grant, now: now)
    }

    mutating func refresh(_ token: String, now: Moment) throws(OAuthRefusal) -> TokenAnswer {
        guard let found = refreshTokens[token], let grant = grants[found.grant] else { throw .invalidRefreshToken }
        guard now < found.issued.advanced(by: rules.refreshIdleLimit),
            now < grant.given.advanced(by: rules.refreshAbsoluteLimit)
        else {
            revoke(found.grant)
            throw .invalidRefreshToken
        }
        guard let replaced = found.replaced else {
            let answer = issue(found.grant, grant, now: now)
            refreshTokens[token]?.replaced = RefreshToken.Replacement(at: now, answer: answer)
            return answer
        }
        // Meant for answers that got lost on the way; later it looks like theft.
        guard now < replaced.at.advanced(by: rules.reuseLeeway) else {
            revoke(found.grant)
            throw .invalidRefreshToken
        }
        return rules.reuseGivesSamePair ? replaced.answer : issue(found.grant, grant, now: now)
    }

    private mutating func issue(_ id: Int, _ grant: Grant, now: Moment) -> TokenAnswer {
        let access = accessToken()
        accessTokens[access] = AccessToken(
            grant: id, scopes: grant.scopes, expires: now.advanced(by: rules.accessLifetime))
        var refresh: String?
        if grant.scopes.contains(.offlineAccess) {
            let token = "eyJhbGciOiJSUzI1NiJ9.r.\(secrets.hexadecimal(64))"
            refreshTokens[token] = RefreshToken(grant: id, issued: now)
            issued.append(IssuedSecret(kind: .refreshToken, value: token))
            refresh = token
        }
        return TokenAnswer(
            accessToken: access, refreshToken: refresh, scopes: grant.scopes,
            expiresInSeconds: Int(rules.accessLifetime.components.seconds))
    }

    /// An access token of no consent, which lives as long as others.
    mutating func mint(_ scopes: [OAuthScope], now: Moment) -> TokenAnswer {
        let token = accessToken()
        accessTokens[token] = AccessToken(
            grant: nil, scopes: scopes, expires: now.advanced(by: rules.accessLifetime))
        return TokenAnswer(
            accessToken: token, refreshToken: nil, scopes: scopes,
            expiresInSeconds: Int(rules.accessLifetime.components.seconds))
    }

    private mutating func accessToken() -> String {
        let token = "eyJhbGciOiJSUzI1NiJ9.a.\(secrets.hexadecimal(64))"
        issued.append(IssuedSecret(kind: .accessToken, value: token))
        return token
    }

    /// What a bearer token allows; `nil` if it is unknown, expired or revoked.
    func scopes(of bearer: String, now: Moment) -> [OAuthScope]? {
        guard let token = accessTokens[bearer], now < token.expires else { return nil }
        return token.scopes
    }

    // MARK: - Revocation

    /// Ends every grant with all its tokens, as a user does who disconnects the application.
    mutating func revokeAll() {
        for id in Array(grants.keys) { revoke(id) }
    }

    /// Ends the refresh tokens only; access tokens live on until they expire.
    mutating func revokeRefreshTokens() {
        refreshTokens = [:]
    }

    /// Ends the access tokens only, minted ones too.
    mutating func revokeAccessTokens() {
        accessTokens = [:]
    }

    private mutating func revoke(_ grant: Int) {
        grants[grant] = nil
        codes = codes.filter { $0.value.grant != grant }
        refreshTokens = refreshTokens.filter { $0.value.grant != grant }
        accessTokens = accessTokens.filter { $0.value.grant != grant }
    }
}

extension Moment {
    fileprivate func advanced(by duration: Duration) -> Moment {
        advanced(bySeconds: duration.components.seconds)
    }
}
