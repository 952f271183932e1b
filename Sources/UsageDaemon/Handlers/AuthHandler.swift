import ControlProtocol
import TokenVault
import UsageModel
import UsageStore

/// `auth.begin`, `auth.complete`, `auth.status` and `auth.logout`.
struct AuthHandler: Sendable {
    let store: UsageStore
    let vault: VaultAccess
    /// Where the vault's key was read at start.
    let keyOrigin: SecretOrigin
    let connector: SiteConnector
    let shielded: ShieldedWork
    let now: @Sendable () -> Instant

    func begin(_ call: BeginAuth) async throws(ControlError) -> AuthInvitation {
        try await connector.begin()
    }

    func complete(_ call: CompleteAuth) async throws(ControlError) -> AuthCompletion {
        try await shielded.perform { [connector] () throws(ControlError) in
            try await connector.complete(redirectURL: Secret(call.redirectUrl), site: call.site)
        }
    }

    func status(_ call: GetAuthStatus) async throws(ControlError) -> AuthReport {
        let grants = await vault.grants()
        let sites: [Site]
        do {
            sites = try await store.sites()
        } catch {
            throw ControlError(error)
        }
        var reports: [AuthReport.Site] = []
        for site in sites {
            reports.append(
                AuthReport.Site(
                    cloudId: site.cloudID, name: site.name, url: site.url,
                    auth: try await authState(of: site, grants: grants)))
        }
        return AuthReport(asOf: now(), vault: try await vaultState(), sites: reports)
    }

    /// `nil` while the vault is locked.
    func vaultState() async throws(ControlError) -> VaultState? {
        guard case .open(let vault) = vault else { return nil }
        do {
            return VaultState(keyPlace: keyOrigin.place, isRekeyed: try await vault.isRekeyed())
        } catch {
            throw ControlError(.storage, error.description)
        }
    }

    func logout(_ call: Logout) async throws(ControlError) -> SiteDeparture {
        try await shielded.perform { [connector] () throws(ControlError) in
            try await connector.disconnect(site: call.site, erases: call.erase ?? false)
        }
    }

    /// A site's consent, with the name of the account that gave it.
    func authState(of site: Site, grants: [AccountID: GrantStatus]) async throws(ControlError) -> AuthState {
        let name: String?
        do {
            let found = try await store.find(site.grantAccount.rawValue, on: site.key)
            name = try await store.records(of: found.map(\.key), asOf: nil).first?.displayName
        } catch {
            throw ControlError(error)
        }
        // Another site may rest on the same consent.
        let grant = site.leftAt == nil ? grants[site.grantAccount] : nil
        return AuthState(
            state: AuthState.State(grant?.state), reason: grant.flatMap(AuthState.Reason.init),
            account: ConsentingAccount(accountId: site.grantAccount, displayName: name), scopes: grant?.scopes ?? [],
            expiresAt: grant?.expiresAt, ages: grant.map(AuthState.Ages.init))
    }
}

extension AuthState.Reason {
    init?(_ grant: GrantStatus) {
        switch grant.state {
        case .valid, .refreshing: return nil
        case .reauthorise: self = grant.isOlderCopy ? .olderCopy : .refused
        }
    }
}

extension AuthState.Ages {
    init(_ grant: GrantStatus) {
        self.init(
            consentedAt: grant.consentedAt, refreshedAt: grant.issuedAt > grant.consentedAt ? grant.issuedAt : nil,
            idleExpiresAt: grant.idleExpiresAt, absoluteExpiresAt: grant.absoluteExpiresAt)
    }
}

extension AuthState.State {
    fileprivate init(_ state: GrantStatus.State?) {
        self =
            switch state {
            case .valid?: .valid
            case .refreshing?: .refreshing
            case .reauthorise?: .reauthorise
            case nil: .none
            }
    }
}
