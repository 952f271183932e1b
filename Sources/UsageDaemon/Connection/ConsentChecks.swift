import ControlProtocol
import JiraCloud
import TokenVault
import UsageStore

extension AccessibleSite {
    func isNamed(_ name: String) -> Bool {
        Site.isNamed(name, cloudID: cloudID, url: url) || name.lowercased() == self.name.lowercased()
    }

    func checkScopes() throws(ControlError) {
        try ControlError.refuse(missing: scopes, place: "the consent covers \(name.shortened)")
    }
}

extension OAuthTokens {
    /// Atlassian may leave the list out, or in it what is no scope of Jira's.
    func checkScopes() throws(ControlError) {
        guard refresh != nil else {
            throw ControlError(
                .badConfiguration, "the consent came without offline_access: it would end within the hour",
                hint: "Consent at the URL that auth begin prints, unchanged: jirausagectl auth begin")
        }
        if !scopes.isEmpty { try ControlError.refuse(missing: scopes, place: "the consent was given") }
    }
}

extension IssuedTokens {
    init(_ tokens: OAuthTokens) {
        self.init(
            accessToken: tokens.access, expiresIn: tokens.expiresIn, refreshToken: tokens.refresh,
            scopes: tokens.scopes)
    }
}

extension String {
    /// 256 random bits as hexadecimal digits, for the `state` of a consent (RFC 6749, section 10.12).
    static func randomState() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension ControlError {
    /// Without these nothing can be read.
    static func refuse(missing scopes: [String], place: String) throws(ControlError) {
        let missing = ["read:jira-user", "read:jira-work"].filter { !scopes.contains($0) }
        guard !missing.isEmpty else { return }
        throw ControlError(
            .badConfiguration, "\(place) without \(missing.joined(separator: " and ")); nothing was connected",
            hint: """
                Add the scope to the app (developer.atlassian.com, Permissions, Jira API), then consent again: \
                jirausagectl auth login
                """)
    }

    /// Why a consent could not be kept.
    init(_ error: VaultError) {
        switch error {
        case .stopped, .cancelled: self.init(.shuttingDown, error.description)
        default: self.init(.storage, error.description)
        }
    }

    /// What went wrong while stores were written.
    init(leaving error: any Error) {
        switch error {
        case let error as ControlError: self = error
        case let error as StoreError: self.init(error)
        case let error as VaultError: self.init(error)
        default: self.init(.storage, String(describing: error))
        }
    }

    /// What Atlassian's token endpoint said of a code.
    init(_ error: OAuthError) {
        switch error {
        case .codeRejected:
            self.init(
                .badRedirect, "Atlassian does not accept the code of this URL: it serves once, and for a few minutes",
                hint: "Begin again: jirausagectl auth begin")
        case .clientRejected:
            self.init(
                .badConfiguration, "Atlassian refuses the client id or secret; stored consents are kept",
                hint: "Compare oauth.client_id and the client secret with the app's page at developer.atlassian.com.")
        case .rateLimited: self.init(.rateLimited, error.description)
        case .unavailable(let outage):
            self.init(
                .upstreamUnavailable, "Atlassian's token server does not answer (\(outage)); nothing was connected",
                hint:
                    "Bring the same URL again in a moment; where it is refused then, begin again: jirausagectl auth begin"
            )
        case .refreshTokenDead, .unexpected: self.init(.upstreamUnavailable, error.description)
        case .cancelled: self.init(.shuttingDown, "jira-usaged is shutting down")
        }
    }
}
