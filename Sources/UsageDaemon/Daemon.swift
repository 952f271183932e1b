import ControlProtocol
import ControlServer
@preconcurrency import Glibc
import JiraCloud
import Logging
import ServiceLifecycle
import Systemd
import TokenVault
import UnixSignals
import UsageModel
import UsageStore
import UsageSync

/// Puts the parts together and runs them: the only place that knows them all.
struct Daemon {
    let settings: DaemonSettings
    /// Reads the configuration anew, as at the start.
    let rereadSettings: @Sendable () throws(SettingsError) -> DaemonSettings
    let logger: Logger
    private let now: @Sendable () -> Instant = WallClock.now
    private let clock = ContinuousClock()
    private let notifier = Notifier()

    func run() async throws(DaemonFailure) {
        let secrets = try Secrets(settings)
        try Self.makeDirectory(settings.stateDirectory, mode: 0o700)
        let lock: StateLock
        do throws(StateLock.Failure) {
            lock = try StateLock(directory: settings.stateDirectory)
        } catch {
            throw .lock(error)
        }
        let store = try openStore()
        let transport = Result { () throws(SiteConnector.ConfigurationFault) in try makeTransport(secrets) }
        var failure: DaemonFailure?
        do throws(DaemonFailure) {
            try await run(store: store, transport: transport, vaultKey: secrets.vaultKey)
        } catch {
            failure = error
        }
        // Whatever has been acknowledged is on the disk; should closing fail, the end of the process does it.
        do {
            if case .success(let transport) = transport { try await transport.shutdown() }
            try store.close()
        } catch {
            logger.warning("Not all was closed in order", metadata: ["error": "\(error)"])
        }
        _ = consume lock
        if let failure { throw failure }
    }

    private func run(
        store: UsageStore, transport: Result<HTTPTransport, SiteConnector.ConfigurationFault>,
        vaultKey: SecretSource<VaultKey>.Found
    ) async throws(DaemonFailure) {
        let ledger: GenerationLedger
        do throws(StoreError) {
            let (newest, floor) = try await store.grantGenerations()
            ledger = GenerationLedger(newest: newest, floor: floor)
        } catch {
            throw .store(error)
        }
        let vault = try openVault(vaultKey.value, ledger, transport)
        for grant in await vault.grants().values where grant.isOlderCopy {
            logger.error(
                "The vault is an older copy: a consent in it is not used",
                metadata: .event(
                    .vaultOlderCopy, ["vault.path": "\(settings.vaultPath)", "grant.account": "\(grant.account)"]))
        }
        try Self.makeDirectory(settings.controlSocket.parentDirectory, mode: 0o755)
        let socket: ListeningSocket
        do throws(ListenError) {
            socket = try KeptListener(notifier: notifier, logger: logger).socket(
                at: settings.controlSocket, passed: PassedDescriptor.all())
        } catch {
            throw .socket(error)
        }
        let budget: PointsBudget
        do throws(StoreError) {
            budget = PointsBudget(perHour: settings.sync.pointsPerHour, spent: try await store.spentPoints())
        } catch {
            throw .store(error)
        }
        let failure = await serve(
            store: store, vault: vault, keyOrigin: vaultKey.origin, transport: transport, budget: budget,
            socket: socket)
        do throws(VaultError) {
            if case .open(let vault) = vault { try await vault.close() }
        } catch {
            throw .vault(error)
        }
        if let failure { throw failure }
    }

    // MARK: - Parts

    private func openStore() throws(DaemonFailure) -> UsageStore {
        let patience = StartPatience(notifier: notifier)
        do throws(StoreError) {
            let (store, opening) = try UsageStore.open(
                path: "\(settings.stateDirectory)/usage.db", at: now(),
                // The vault is made after it.
                isExpected: TokenVault.exists(at: settings.vaultPath), isWorking: patience.ask)
            if let aside = opening.aside {
                logger.critical(
                    "A damaged database was set aside; everything is read again from Jira",
                    metadata: .event(
                        .storeSetAside,
                        [
                            "store.aside": "\(aside.path)", "store.damage": "\(aside.damage)",
                            "store.lost": "\(aside.lost.joined(separator: ","))",
                        ]))
            }
            if opening.isNew { logger.notice("There was no database; a new one was begun") }
            if let copy = opening.copy {
                logger.notice(
                    "The database was brought into a new form",
                    metadata: .event(.storeMigrated, ["store.copy": "\(copy)"]))
            }
            return store
        } catch {
            throw .store(error)
        }
    }

    private func makeTransport(_ secrets: Secrets) throws(SiteConnector.ConfigurationFault) -> HTTPTransport {
        guard let clientID = settings.oauth.clientID else {
            throw SiteConnector.ConfigurationFault(
                message: "oauth.client_id is not set: register an app at developer.atlassian.com and name it")
        }
        do {
            return HTTPTransport(
                try JiraConfiguration(
                    authorizationServer: settings.oauth.authorizationServer, apiBase: settings.api.baseURL,
                    proxy: settings.api.proxy, clientID: clientID, clientSecret: secrets.clientSecret,
                    redirectURI: settings.oauth.redirectURI, userAgent: "jira-usaged/\(programVersion)",
                    concurrency: settings.sync.concurrency))
        } catch {
            throw SiteConnector.ConfigurationFault(message: String(describing: error))
        }
    }

    private func openVault(
        _ key: VaultKey, _ ledger: GenerationLedger,
        _ transport: Result<HTTPTransport, SiteConnector.ConfigurationFault>
    ) throws(DaemonFailure) -> VaultAccess {
        let oauth = transport.map { OAuthClient(transport: $0, clock: clock, now: now, logger: logger) }
        let isNew = !TokenVault.exists(at: settings.vaultPath)
        do throws(VaultError) {
            let vault = try TokenVault(
                path: settings.vaultPath, key: key, ledger: ledger,
                exchange: { token throws(ExchangeError) in
                    guard case .success(let oauth) = oauth else { throw .clientRejected }
                    return try await oauth.exchange(refreshing: token)
                }, clock: clock, now: now)
            if isNew { logger.notice("There was no vault, or an empty one; a new one was begun") }
            return .open(vault)
        } catch .wrongKey(let path) {
            return .locked(VaultError.wrongKey(path: path).description)
        } catch .damaged(let path, let what) {
            return .locked(VaultError.damaged(path: path, what: what).description)
        } catch {
            throw .vault(error)
        }
    }

    // MARK: - Running

    /// - Returns: what ended the daemon, where nobody asked it to end.
    private func serve(
        store: UsageStore, vault: VaultAccess, keyOrigin: SecretOrigin,
        transport: Result<HTTPTransport, SiteConnector.ConfigurationFault>, budget: PointsBudget,
        socket: ListeningSocket
    ) async -> DaemonFailure? {
        let live = LiveSettings(settings)
        let service = SyncService()
        let feed = EventFeed(now: now)
        let connector = makeConnector(
            store: store, vault: vault, transport: transport, live: live, service: service, budget: budget, feed: feed)
        let keeper = PersonalDataKeeper(
            store: store, retention: { live.retention.policy }, clock: clock, now: now, logger: logger,
            reporters: { await connector.reporters() })
        let shielded = ShieldedWork()
        let auth = AuthHandler(
            store: store, vault: vault, keyOrigin: keyOrigin, connector: connector, shielded: shielded,
            feed: feed, now: now)
        let problems = startProblems(vault: vault, transport: transport)
        let dispatcher = makeDispatcher(
            store: store, auth: auth, live: live, service: service, budget: budget,
            privacy: PrivacyHandler(store: store, keeper: keeper, shielded: shielded, now: now),
            problems: problems)
        for problem in problems {
            logger.error(
                "The daemon cannot read Jira before an administrator acts",
                metadata: .event(
                    .impaired, ["problem": "\(problem.message)", "problem.hint": "\(problem.hint ?? "")"]))
        }
        let status = StatusWatch(
            feed: feed, status: { try? await dispatcher.handlers.daemon.status() },
            tell: { [notifier] in notifier.send(.status($0)) }, clock: clock)
        let watch = ConsentWatch(
            grants: { Array(await vault.grants().values) }, clock: clock, now: now, logger: logger)
        let (serving, isServing) = AsyncStream<Void>.makeStream()
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        let control = ControlServer(socket: socket, logger: logger, handler: dispatcher)
        // Stopped from the last to the first: whoever waits for a pass is answered before the socket closes.
        let services: [any Service] = [
            VaultService(vault: vault, store: store, logger: logger),
            ControlService(control: control, whenServing: { isServing.finish() }),
            ReloadService(
                hangups: await UnixSignalsSequence(trapping: .sighup), settings: live, read: rereadSettings,
                syncs: service, notifier: notifier, logger: logger),
            CancelledService {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await service.run() }
                    group.addTask { await shielded.run() }
                    group.addTask {
                        // A round with much to delete or to blank writes for seconds, and nobody is to wait for it.
                        for await _ in ready {}
                        await keeper.run()
                    }
                    group.addTask { await watch.run() }
                    group.addTask { await status.run() }
                    group.addTask { try await endWhenDamaged(store) }
                    try await connector.resume()
                }
            },
            NotifierService(
                notifier: notifier, store: store, vault: vault, control: control, serving: serving,
                whenReady: { isReady.finish() }, clock: clock, logger: logger),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // A request for tokens may take a minute, and its answer must be kept. The unit's TimeoutStopSec is longer.
        configuration.maximumGracefulShutdownDuration = .seconds(75)
        do {
            try await ServiceGroup(configuration: configuration).run()
            return nil
        } catch let error as StoreError {
            return .store(error)
        } catch {
            return .internal(String(describing: error))
        }
    }

    /// What a damaged file holds is not to be relied on: the next start tests it.
    ///
    /// - Throws: always.
    private func endWhenDamaged(_ store: UsageStore) async throws {
        try await store.untilDamaged()
        logger.critical("The database is damaged", metadata: .event(.storeDamaged, ["store.path": "\(store.path)"]))
        throw StoreError.corrupt(path: store.path, message: "found while it was used")
    }

    private func makeConnector(
        store: UsageStore, vault: VaultAccess, transport: Result<HTTPTransport, SiteConnector.ConfigurationFault>,
        live: LiveSettings, service: SyncService, budget: PointsBudget, feed: EventFeed
    ) -> SiteConnector {
        let atlassian = transport.map { [clock, now, logger] transport in
            Atlassian(
                oauth: OAuthClient(transport: transport, clock: clock, now: now, logger: logger),
                site: { cloudID, tokens in
                    JiraSite(
                        cloudID: cloudID, transport: transport, clock: clock, now: now, logger: logger,
                        accessToken: tokens)
                },
                personalData: { tokens in
                    PersonalDataAPI(transport: transport, clock: clock, now: now, logger: logger, accessToken: tokens)
                })
        }
        return SiteConnector(
            atlassian: atlassian, redirectURI: settings.oauth.redirectURI, vault: vault, store: store,
            service: service,
            makeSync: { [clock, now, logger] site, jira, isCovered in
                SiteSync(
                    site: site, jira: jira, store: store,
                    configuration: { live.sync.configuration(keeping: live.retention) }, budget: budget,
                    clock: clock, now: now, logger: logger, isCovered: isCovered,
                    onEvent: { feed.note($0, of: site.cloudID, change: store.change.value) })
            }, now: now, logger: logger)
    }

    private func makeDispatcher(
        store: UsageStore, auth: AuthHandler, live: LiveSettings, service: SyncService, budget: PointsBudget,
        privacy: PrivacyHandler, problems: [StatusReport.Problem]
    ) -> ControlDispatcher {
        let reports = UsageReports(store: store, now: now, staleAfter: { live.staleAfter })
        return ControlDispatcher(
            handlers: .init(
                daemon: DaemonHandler(
                    store: store, service: service, budget: budget, auth: auth, keeper: privacy.keeper,
                    startProblems: problems, settings: live, now: now),
                users: UserHandler(reports: reports) { live.thresholdDays },
                licences: LicenceHandler(reports: reports) { live.thresholdDays },
                activities: ActivityHandler(reports: reports),
                sync: SyncHandler(store: store, service: service, budget: budget, clock: clock, now: now), auth: auth,
                privacy: privacy,
                vault: VaultHandler(
                    vault: auth.vault, keyOrigin: auth.keyOrigin, presentKey: settings.vaultKey,
                    nextKey: settings.nextVaultKey, logger: logger),
                store: StoreHandler(store: store),
                changes: ChangeHandler(change: store.change, feed: auth.feed)),
            permissions: CallerPermissions(access: { live.access }, ownUser: geteuid()),
            logger: logger)
    }

    private func startProblems(
        vault: VaultAccess, transport: Result<HTTPTransport, SiteConnector.ConfigurationFault>
    ) -> [StatusReport.Problem] {
        var problems: [StatusReport.Problem] = []
        if case .failure(let fault) = transport {
            problems.append(
                .init(
                    kind: "badConfiguration", message: fault.message,
                    hint: "See jira-usaged.conf(5), and then: \(settings.systemctl) restart jira-usaged"))
        }
        if case .locked(let message) = vault {
            problems.append(
                .init(
                    kind: "vaultLocked", message: message,
                    hint: "When that is done: \(settings.systemctl) restart jira-usaged"))
        }
        return problems
    }

    private static func makeDirectory(_ path: String, mode: mode_t) throws(DaemonFailure) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        throw .directory(path: path, errno: errno)
    }
}

/// What only the daemon may know, read at start: one that cannot be read is for an administrator to mend, and no
/// reason to begin without it.
struct Secrets: Sendable {
    let clientSecret: Secret
    let vaultKey: SecretSource<VaultKey>.Found

    init(_ settings: DaemonSettings) throws(DaemonFailure) {
        clientSecret = try settings.read(settings.clientSecret).value
        vaultKey = try settings.read(settings.vaultKey)
    }
}

extension DaemonSettings {
    /// Reads the secrets, as far as who asks can: what the unit alone can decrypt is there, and more is not known of it.
    ///
    /// - Returns: what is to be said of it, line by line.
    func checkSecrets() throws(DaemonFailure) -> [String] {
        var notes: [String] = []
        func check<Value>(_ source: SecretSource<Value>) throws(DaemonFailure) {
            guard let sealed = source.sealedPath else { return _ = try read(source) }
            notes.append("\(source.name) is encrypted in \(sealed): systemd opens it for the unit, and it was not read")
        }
        try check(clientSecret)
        try check(vaultKey)
        return notes
    }

    fileprivate func read<Value>(
        _ source: SecretSource<Value>
    ) throws(DaemonFailure) -> SecretSource<Value>.Found {
        do throws(SecretError) {
            return try source.read()
        } catch .missing("vault-key", let path, let setting) where TokenVault.exists(at: vaultPath) {
            throw .secret(.vaultWithoutKey(vault: vaultPath, path: path, setting: setting))
        } catch {
            throw .secret(error)
        }
    }

    /// What is to be said of the groups that the system does not know.
    var unknownGroups: [String] {
        let groups = GroupNumbers()
        return [("read_group", access.readGroup), ("admin_group", access.adminGroup)].compactMap { key, group in
            groups[group] == nil ? "access.\(key): there is no group \(group), so that nobody is a member of it" : nil
        }
    }

    fileprivate var vaultPath: String { "\(stateDirectory)/vault.db" }
}

extension DaemonSettings.Retention {
    fileprivate var policy: RetentionPolicy {
        RetentionPolicy(activity: activity.duration, seats: seats.duration, log: log, unreported: unreported)
    }
}

extension OAuthClient {
    /// One try of a refresh, in the vault's terms: whatever is not surely unused may have been used.
    fileprivate func exchange(refreshing token: Secret) async throws(ExchangeError) -> IssuedTokens {
        do throws(OAuthError) {
            return IssuedTokens(try await refresh(token))
        } catch {
            switch error {
            case .refreshTokenDead: throw .dead
            case .clientRejected: throw .clientRejected
            case .rateLimited(let retryAfter): throw .rateLimited(retryAfter: retryAfter)
            case .codeRejected, .unavailable, .unexpected, .cancelled: throw .ambiguous
            }
        }
    }
}
