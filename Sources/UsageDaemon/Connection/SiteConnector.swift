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
    /// How long a consent may take. Atlassian's own code lives no longer once it is given.
    static let invitationLifetime = Duration.seconds(10 * 60)
    private static let invitationLimit = 8

    /// A consent that was asked for and has not been brought to its end.
    private struct Invitation {
        let state: Secret
        let expiresAt: Instant
        /// Already exchanged, for a code serves once, and waiting for a site to be chosen.
        var tokens: OAuthTokens?
        /// Whether the vault has them: then it may have newer ones by now.
        var isKept = false
    }

    private let atlassian: Result<Atlassian, ConfigurationFault>
    private let redirectURI: String
    private let vault: VaultAccess
    private let store: UsageStore
    private let service: SyncService
    private let makeSync: MakeSync
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private var invitations: [Invitation] = []

    /// Makes the sync of a site; the last parameter says whether the consent still names it, `nil` where that cannot be told.
    typealias MakeSync = @Sendable (Site, JiraSite, @escaping @Sendable () async -> Bool?) -> SiteSync

    /// Why nobody can be sent to Atlassian: one line, with what to do.
    struct ConfigurationFault: Error, Hashable, Sendable {
        let message: String
    }

    init(
        atlassian: Result<Atlassian, ConfigurationFault>, redirectURI: String, vault: VaultAccess, store: UsageStore,
        service: SyncService, makeSync: @escaping MakeSync,
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
        let sites = try await store.sites()
        for site in sites where site.leftAt == nil { await startSync(of: site, atlassian) }
        if sites.isEmpty { try await reconnect(atlassian) }
    }

    /// Connects again what consents are there for, where the store knows of no site: it was lost, or taken away. Which of
    /// several sites had been chosen nobody knows any more.
    private func reconnect(_ atlassian: Atlassian) async throws {
        for account in await vault.grants().keys.sorted() {
            let tokens = accessTokens(of: account)
            do {
                let sites = try await atlassian.oauth.accessibleSites(access: try await tokens(nil))
                guard sites.count == 1, let found = sites.first else {
                    logger.warning(
                        "Which site of a consent was read is not known any more: connect it again",
                        metadata: ["grant.account": "\(account)", "sites": "\(sites.count)"])
                    continue
                }
                let site = try await store.connect(
                    cloudID: found.cloudID, name: found.name, url: found.url, grantAccount: account, at: now())
                await startSync(of: site, atlassian)
                logger.notice(
                    "A site was connected again, by the consent in the vault",
                    metadata: .event(.siteConnected, ["jira.site": "\(found.cloudID)"]))
            } catch let error as StoreError {
                throw error
            } catch {
                logger.warning(
                    "The site of a consent could not be asked for; connect it again, or restart",
                    metadata: ["grant.account": "\(account)", "error": "\(error)"])
            }
        }
    }

    private func startSync(of site: Site, _ atlassian: Atlassian) async {
        let tokens = accessTokens(of: site.grantAccount)
        let oauth = atlassian.oauth
        await service.add(
            makeSync(site, atlassian.site(site.cloudID, tokens)) {
                // Whether the list cannot be had, or does not name the site: only the latter is told.
                guard let token = try? await tokens(nil), let sites = try? await oauth.accessibleSites(access: token)
                else { return nil }
                return sites.contains { $0.cloudID == site.cloudID }
            })
    }

    private func accessTokens(of account: AccountID) -> Atlassian.AccessTokens {
        { [vault] rejected throws(AccessTokenError) in
            try await vault.accessToken(for: account, rejecting: rejected)
        }
    }

    /// One for each consent with which a site is connected, to report stored accounts.
    func reporters() async -> [PersonalDataAPI] {
        guard case .success(let atlassian) = atlassian else { return [] }
        let grants = await vault.grants().filter { $0.value.state != .reauthorise }
        return grants.keys.sorted().map { atlassian.personalData(accessTokens(of: $0)) }
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
        let (state, tokens) = try await exchange(try RedirectAnswer(redirectURL), with: atlassian)
        try tokens.checkScopes()
        let sites: [AccessibleSite]
        do throws(JiraError) {
            sites = try await atlassian.oauth.accessibleSites(access: tokens.access)
        } catch {
            throw ControlError(SyncFailure(jira: error))
        }
        let person = try await person(behind: tokens, on: sites, with: atlassian)
        // A new consent of an account ends the one before it at Atlassian, whatever becomes of this one here.
        if await vault.grants().contains(where: { $0.account == person.account }) {
            try await keep(tokens, of: person.account, in: vault, state: state)
        }
        let chosen = try choose(name, among: sites)
        try chosen.checkScopes()
        try await keep(tokens, of: person.account, in: vault, state: state)
        invitations.removeAll { $0.state.matches(state) }
        try await connect(chosen, by: person.account, with: atlassian)
        logger.notice("A site was connected", metadata: .event(.siteConnected, ["jira.site": "\(chosen.cloudID)"]))
        return AuthCompletion(
            sites: sites.map { SiteReference(cloudId: $0.cloudID, name: $0.name, url: $0.url) },
            selected: chosen.cloudID,
            account: ConsentingAccount(accountId: person.account, displayName: person.displayName))
    }

    /// Writes the tokens of a consent into the vault, once.
    private func keep(
        _ tokens: OAuthTokens, of account: AccountID, in vault: TokenVault, state: Secret
    ) async throws(ControlError) {
        guard invitations.first(where: { $0.state.matches(state) })?.isKept != true else { return }
        do {
            try await vault.keep(IssuedTokens(tokens), for: account)
        } catch {
            throw ControlError(error)
        }
        for index in invitations.indices where invitations[index].state.matches(state) {
            invitations[index].isKept = true
        }
    }

    /// Who gave consent: the same account on every site, of which one may not let it in.
    private func person(
        behind tokens: OAuthTokens, on sites: [AccessibleSite], with atlassian: Atlassian
    ) async throws(ControlError) -> Myself {
        var last: JiraError?
        for site in sites {
            let jira = atlassian.site(site.cloudID) { _ throws(AccessTokenError) in tokens.access }
            do throws(JiraError) {
                return try await jira.myself()
            } catch {
                last = error
            }
        }
        guard let last else {
            throw ControlError(
                .notFound, "the consent covers no Jira site",
                hint: "Sign in to Atlassian as an account that may use Jira there, then: jirausagectl auth begin")
        }
        throw ControlError(SyncFailure(jira: last))
    }

    /// Writes that a site is connected, and begins, or begins again, to read everything that rests on this consent.
    private func connect(
        _ chosen: AccessibleSite, by account: AccountID, with atlassian: Atlassian
    ) async throws(ControlError) {
        do {
            let former = try await store.sites().first { $0.cloudID == chosen.cloudID }?.grantAccount
            // What a pass of the former account has still to write does not belong to the new one's record.
            if let former, former != account { await service.remove(chosen.cloudID) }
            let site = try await store.connect(
                cloudID: chosen.cloudID, name: chosen.name, url: chosen.url, grantAccount: account, at: now())
            await startSync(of: site, atlassian)
            if let former, former != account { _ = try await forgetTokens(of: former) }
            for other in try await store.sites() where other.grantAccount == account && other.key != site.key {
                await service.sync(of: other.cloudID)?.request()
            }
        } catch {
            throw ControlError(leaving: error)
        }
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
            // A code serves once, and so does what it belongs to.
            if error == .codeRejected { invitations.removeAll { $0.state.matches(invitation.state) } }
            throw ControlError(error)
        }
        for index in invitations.indices where invitations[index].state.matches(invitation.state) {
            invitations[index].tokens = tokens
        }
        return (invitation.state, tokens)
    }

    private func choose(_ name: String?, among sites: [AccessibleSite]) throws(ControlError) -> AccessibleSite {
        let choices = sites.map { ControlError.Choice(site: $0.cloudID.rawValue, name: $0.name, url: $0.url) }
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

    /// Leaves a site: forgets the consent if no other site rests on it, and where it is asked for, all that was collected
    /// there.
    ///
    /// Tokens go first: after a stop in between the site is without a consent, and can be left again.
    func disconnect(site name: String, erases: Bool) async throws(ControlError) -> SiteDeparture {
        do {
            let sites = try await store.sites()
            guard let site = sites.first(where: { $0.isNamed(name) }) else { throw ControlError.noSite(name) }
            await service.remove(site.cloudID)
            let keepsTokens = try await forgetTokens(of: site.grantAccount, leaving: site.key)
            if erases {
                try await store.remove(site.key, at: now())
            } else {
                try await store.leave(site.key, at: now())
            }
            logger.notice(
                "A site was disconnected",
                metadata: .event(
                    .siteDisconnected, ["jira.site": "\(site.cloudID)", "site.erased": "\(erases)"]))
            return SiteDeparture(
                site: SiteReference(cloudId: site.cloudID, name: site.name, url: site.url), isErased: erases,
                keepsTokens: keepsTokens)
        } catch {
            throw ControlError(leaving: error)
        }
    }

    /// Forgets the consent of an account on which no connected site rests.
    ///
    /// - Parameter site: is being left, and does not count.
    /// - Returns: whether a site rests on it.
    private func forgetTokens(of account: AccountID, leaving site: SiteKey? = nil) async throws -> Bool {
        let isNeeded = try await store.sites().contains { other in
            other.grantAccount == account && other.leftAt == nil && other.key != site
        }
        if !isNeeded, case .open(let vault) = vault {
            // The vault first: a row of a forgotten consent that a crash leaves only makes the next one's number higher.
            let last = try await vault.remove(account)
            try await store.forgetGeneration(of: account, last: last)
        }
        return isNeeded
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
