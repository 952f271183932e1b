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
    let feed: EventFeed
    let now: @Sendable () -> Instant

    func begin(_ call: BeginAuth) async throws(ControlError) -> AuthInvitation {
        try await connector.begin()
    }

    func complete(_ call: CompleteAuth) async throws(ControlError) -> AuthCompletion {
        try await shielded.perform { [connector, feed] () throws(ControlError) in
            let completion = try await connector.complete(redirectURL: Secret(call.redirectUrl), site: call.site)
            feed.note(.siteConnected, site: completion.selected)
            return completion
        }
    }

    func status(_ call: GetAuthStatus) async throws(ControlError) -> AuthReport {
        let grants = await vault.grants()
        let reports: [AuthReport.Site]
        do {
            reports = try await store.snapshot { reader in
                try reader.sitesWithStates().map { site, _ in
                    let name = try reader.displayName(of: site.grantAccount, on: site.key)
                    return AuthReport.Site(
                        cloudId: site.cloudID, name: site.name, url: site.url,
                        auth: AuthState(of: site, grants: grants, accountName: name))
                }
            }
        } catch {
            throw ControlError(reading: error)
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
        try await shielded.perform { [connector, feed] () throws(ControlError) in
            let departure = try await connector.disconnect(site: call.site, erases: call.erase ?? false)
            feed.note(.siteDisconnected, site: departure.site.cloudId, data: ["erased": .bool(departure.isErased)])
            return departure
        }
    }

}

extension AuthState {
    /// A site's consent.
    ///
    /// - Parameter accountName: of the account that gave it, where that is known.
    init(of site: Site, grants: [AccountID: GrantStatus], accountName: String?) {
        // Another site may rest on the same consent.
        let grant = site.leftAt == nil ? grants[site.grantAccount] : nil
        self.init(
            state: State(grant?.state), reason: grant.flatMap(Reason.init),
            account: ConsentingAccount(accountId: site.grantAccount, displayName: accountName),
            scopes: grant?.scopes ?? [], expiresAt: grant?.expiresAt, ages: grant.map(Ages.init))
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
