import ControlProtocol
import JiraCloud
import Logging
import TokenVault
import UsageModel
import UsageStore
import UsageSync

/// Connects sites: a person consents at Atlassian, comes back with a code, and one of the sites that they opened is
/// chosen.
actor SiteConnector {
    /// How long a consent may take. Atlassian's own code lives a few minutes once it is given.
    static let invitationLifetime = Duration.seconds(15 * 60)
    private static let invitationLimit = 8

    /// A consent that was asked for and has not been brought to its end.
    private struct Invitation {
        let state: Secret
        let expiresAt: Instant
        /// Already exchanged, for a code serves once, and waiting for a site to be chosen.
        var tokens: OAuthTokens?
    }

    private let atlassian: Result<Atlassian, ConfigurationFault>
    private let redirectURI: String
    private let vault: VaultAccess
    private let store: UsageStore
    private let service: SyncService
    private let makeSync: @Sendable (Site, JiraSite) -> SiteSync
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private var invitations: [Invitation] = []

    /// Why nobody can be sent to Atlassian: one line, with what to do.
    struct ConfigurationFault: Error, Hashable, Sendable {
        let message: String
    }

    init(
        atlassian: Result<Atlassian, ConfigurationFault>, redirectURI: String, vault: VaultAccess, store: UsageStore,
        service: SyncService, makeSync: @escaping @Sendable (Site, JiraSite) -> SiteSync,
        now: @escaping @Sendable () -> Instant, logger: Logger
    ) {
        self.atlassian = atlassian
        self.redirectURI = redirectURI
        self.vault = vault
        self.store = store
        self.service = service
        self.makeSync = makeSync
        self.now = now
        self.logger = logger
    }

    // MARK: - At start

    /// Takes up the sync of every site that is connected.
    func resume() async throws {
        guard case .success(let atlassian) = atlassian else { return }
        for site in try await store.sites() { await startSync(of: site, atlassian) }
    }

    private func startSync(of site: Site, _ atlassian: Atlassian) async {
        let (vault, account) = (vault, site.grantAccount)
        let jira = atlassian.site(site.cloudID) { rejected throws(AccessTokenError) in
            try await vault.accessToken(for: account, rejecting: rejected)
        }
        await service.add(makeSync(site, jira))
    }

    // MARK: - Consent

    func begin() throws(ControlError) -> AuthInvitation {
        let atlassian = try configured()
        _ = try openVault()
        invitations.removeAll { $0.expiresAt <= now() }
        // The oldest goes: whoever began so often will not come back for it.
        if invitations.count >= Self.invitationLimit { invitations.removeFirst() }
        let invitation = Invitation(state: Secret(.randomState()), expiresAt: now() + Self.invitationLifetime)
        invitations.append(invitation)
        return AuthInvitation(
            authorizationUrl: atlassian.oauth.authorizationURL(state: invitation.state), redirectUri: redirectURI,
            expiresAt: invitation.expiresAt)
    }

    /// Takes the URL that Atlassian sent the browser to, and connects a site.
    ///
    /// Where the consent covers several and none is named, nothing is chosen, and the same URL may be brought again
    /// with a name.
    func complete(redirectURL: Secret, site name: String?) async throws(ControlError) -> AuthCompletion {
        let atlassian = try configured()
        let vault = try openVault()
        let answer = try RedirectAnswer(redirectURL)
        let (state, tokens) = try await exchange(answer, with: atlassian)
        let sites: [AccessibleSite]
        do throws(JiraError) {
            sites = try await atlassian.oauth.accessibleSites(access: tokens.access)
        } catch {
            throw ControlError(SyncFailure(jira: error))
        }
        let chosen = try choose(name, among: sites)
        let jira = atlassian.site(chosen.cloudID) { _ throws(AccessTokenError) in tokens.access }
        let person: Myself
        do throws(JiraError) {
            person = try await jira.myself()
        } catch {
            throw ControlError(SyncFailure(jira: error))
        }
        do {
            try await vault.keep(IssuedTokens(tokens), for: person.account)
        } catch {
            throw ControlError(.storage, error.description)
        }
        invitations.removeAll { $0.state.matches(state) }
        do {
            let site = try await store.connect(
                cloudID: chosen.cloudID, name: chosen.name, url: chosen.url, grantAccount: person.account, at: now())
            await startSync(of: site, atlassian)
        } catch {
            throw ControlError(error)
        }
        logger.notice("A site was connected", metadata: ["jira.site": "\(chosen.cloudID)"])
        return AuthCompletion(
            sites: sites.map { SiteReference(cloudId: $0.cloudID, name: $0.name, url: $0.url) },
            selected: chosen.cloudID,
            account: ConsentingAccount(accountId: person.account, displayName: person.displayName))
    }

    private func exchange(_ answer: RedirectAnswer, with atlassian: Atlassian)
        async throws(ControlError) -> (state: Secret, tokens: OAuthTokens)
    {
        invitations.removeAll { $0.expiresAt <= now() }
        guard let invitation = invitations.first(where: { $0.state.matches(answer.state) }) else {
            throw ControlError(
                .badRedirect, "this URL does not belong to a consent that was asked for here, or it is too old",
                hint: "Begin again: jirausagectl auth begin")
        }
        if let tokens = invitation.tokens { return (invitation.state, tokens) }
        let tokens: OAuthTokens
        do {
            tokens = try await atlassian.oauth.exchange(code: answer.code)
        } catch {
            throw ControlError(error)
        }
        for index in invitations.indices where invitations[index].state.matches(invitation.state) {
            invitations[index].tokens = tokens
        }
        return (invitation.state, tokens)
    }

    private func choose(_ name: String?, among sites: [AccessibleSite]) throws(ControlError) -> AccessibleSite {
        let choices = sites.map { ControlError.Choice(site: $0.cloudID.rawValue, name: $0.name, url: $0.url) }
        guard !sites.isEmpty else {
            throw ControlError(
                .notFound, "the consent covers no Jira site",
                hint: "Sign in to Atlassian as an account that may use Jira there, then: jirausagectl auth begin")
        }
        guard let name else {
            guard sites.count == 1 else {
                throw ControlError(
                    .severalSites, "the consent covers \(sites.count) sites; nothing was chosen",
                    hint: "Repeat with one of them: jirausagectl auth complete URL --site SITE", choices: choices)
            }
            return sites[0]
        }
        guard let site = sites.first(where: { $0.isNamed(name) }) else {
            throw ControlError(
                .severalSites, "the consent does not cover a site named \(name.shortened)",
                hint: "Name one of those that it covers.", choices: choices)
        }
        return site
    }

    // MARK: - Leaving

    /// Forgets a site, with all that was collected there, and the consent if no other site rests on it.
    ///
    /// Atlassian asks to erase a site's personal data when it is disconnected
    /// (<https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>).
    func disconnect(site name: String) async throws(ControlError) -> SiteReference {
        do {
            let sites = try await store.sites()
            guard let site = sites.first(where: { $0.isNamed(name) }) else { throw ControlError.noSite(name) }
            await service.remove(site.cloudID)
            if case .open(let vault) = vault,
                !sites.contains(where: { $0 != site && $0.grantAccount == site.grantAccount })
            {
                try await vault.remove(site.grantAccount)
            }
            try await store.remove(site.key)
            logger.notice("A site was disconnected", metadata: ["jira.site": "\(site.cloudID)"])
            return SiteReference(cloudId: site.cloudID, name: site.name, url: site.url)
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.storage, String(describing: error))
        }
    }

    // MARK: - What must be there

    private func configured() throws(ControlError) -> Atlassian {
        switch atlassian {
        case .success(let atlassian): return atlassian
        case .failure(let fault): throw ControlError(.badConfiguration, fault.message, hint: "See jira-usaged.conf(5).")
        }
    }

    private func openVault() throws(ControlError) -> TokenVault {
        switch vault {
        case .open(let vault): return vault
        case .locked(let message): throw ControlError(.vaultLocked, message, hint: "See jira-usaged(8), FILES.")
        }
    }
}

extension AccessibleSite {
    fileprivate func isNamed(_ name: String) -> Bool {
        Site.isNamed(name, cloudID: cloudID, url: url) || name.lowercased() == self.name.lowercased()
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
    fileprivate static func randomState() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension ControlError {
    /// What Atlassian's token endpoint said of a code.
    fileprivate init(_ error: OAuthError) {
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
        case .refreshTokenDead, .unavailable, .unexpected: self.init(.upstreamUnavailable, error.description)
        case .cancelled: self.init(.shuttingDown, "jira-usaged is shutting down")
        }
    }
}
