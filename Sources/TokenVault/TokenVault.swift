package import UsageModel

/// Keeps the tokens of every consent, sealed on disk, and hands out access tokens that work.
///
/// All refreshing happens inside `run()`, one refresh of a grant at a time however many callers ask. Between two
/// refreshes an access token comes from memory.
package actor TokenVault {
    /// Turns a refresh token into its successors: one request, one try, ended by a deadline of its own (best below
    /// 60 s). Every answer that is not surely unused is `ambiguous`.
    package typealias Exchange = @Sendable (Secret) async throws(ExchangeError) -> IssuedTokens

    struct Entry {
        /// Tells this consent's work from that of one it replaced while the work was under way.
        let consent: Int
        var grant: Grant
        var machine: RefreshMachine
        var isInFlight = false
        /// While the machine waits: why, and until when. Whoever asks meanwhile is told at once.
        var pause: (why: RefreshMachine.Failure, until: Instant)?
        /// Whether this generation has had successors: then none of its tokens is used.
        var isOlderCopy = false
    }

    let file: VaultFile
    let configuration: VaultConfiguration
    let exchange: Exchange
    let clock: any Clock<Duration>
    let now: @Sendable () -> Instant
    let waiters: Waiters
    nonisolated let inbox: Inbox
    nonisolated let news: GenerationNews
    private var ledger: GenerationLedger
    var entries: [AccountID: Entry] = [:]
    private var consents = 0

    /// Opens the vault, or creates it with a data key of its own. No other process can open it until `close`.
    ///
    /// - Parameters:
    ///   - path: in an existing directory that only the daemon's user can write.
    ///   - ledger: the generations that are known beside the file. A grant behind it is shown and not used.
    ///   - clock: measures the waits between tries.
    ///   - now: the wall clock, by which tokens expire.
    /// - Throws: `inUse`, `newer`, `foreign`, `wrongKey`, `damaged`, `noFile`, `mode`, `owner`, `full` or `failed`; the
    ///   file is then as before.
    package init(
        path: String, key: VaultKey, ledger: GenerationLedger = GenerationLedger(),
        configuration: VaultConfiguration = VaultConfiguration(),
        exchange: @escaping Exchange, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Instant
    ) throws(VaultError) {
        news = GenerationNews()
        file = try VaultFile(path: path, key: key, news: news)
        self.ledger = ledger
        self.configuration = configuration
        self.exchange = exchange
        self.clock = clock
        self.now = now
        waiters = Waiters(limit: configuration.waiterLimit)
        inbox = Inbox()
        for (grant, journal) in try file.grants() {
            consents += 1
            let isOlder = ledger.isBehind(grant)
            entries[grant.account] = Entry(
                consent: consents, grant: grant,
                machine: RefreshMachine(generation: grant.generation, journal: isOlder ? .reauthorise : journal),
                isOlderCopy: isOlder)
            guard !isOlder else { continue }
            if ledger.newest[grant.account] != grant.generation { news.put(grant.account, grant.generation) }
            if journal == .refreshing { inbox.put(.due(grant.account)) }
        }
    }

    /// Whether there is a vault already, which only its own key opens. Nothing is opened.
    package static func exists(at path: String) -> Bool {
        (try? FileFacts(path))?.isEmpty == false
    }

    /// Gives the file free. The vault cannot be used any more; call it after `run()` has returned.
    package func close() throws(VaultError) {
        waiters.close()
        try file.close()
    }

    /// Lets the vault be opened by `next` too, and from the first opening with `next` on by that key only.
    ///
    /// - Throws: `sameKey`, `full`, `failed`; nothing is changed then.
    package func rekey(to next: VaultKey) throws(VaultError) {
        try file.rekey(to: next)
    }

    /// Whether this is the key that the vault was opened with.
    package func isPresentKey(_ key: VaultKey) throws(VaultError) -> Bool {
        try file.isPresentKey(key)
    }

    /// Whether a next key has been set that the vault has not been opened with yet.
    package func isRekeyed() throws(VaultError) -> Bool {
        try file.isRekeyed()
    }

    /// Reads the newest generations back from the disk and opens their seals, for the self-test at start.
    package func checkAlive() throws(VaultError) {
        _ = try file.grants()
    }

    /// Keeps the tokens of a new consent, in place of an older one of the same account.
    ///
    /// - Throws: `noRefreshToken`, `full`, `failed`; an older consent is then as before.
    package func keep(_ tokens: IssuedTokens, for account: AccountID) throws(VaultError) {
        guard let refreshToken = tokens.refreshToken else { throw .noRefreshToken(account) }
        let now = now()
        let grant = Grant(
            account: account, generation: ledger.next(for: account, after: entries[account]?.grant.generation),
            scopes: tokens.scopes, consentedAt: now, issuedAt: now, accessToken: tokens.accessToken,
            accessExpiresAt: now + tokens.expiresIn, refreshToken: refreshToken, refreshIssuedAt: now)
        try file.insert(grant)
        consents += 1
        entries[account] = Entry(
            consent: consents, grant: grant, machine: RefreshMachine(generation: grant.generation))
        waiters.resume(account, with: .success(grant.accessToken))
    }

    /// Every consent, in the order of account ids.
    package func grants() -> [GrantStatus] {
        entries.values.map { $0.grant.status($0.machine.state, isOlderCopy: $0.isOlderCopy, configuration) }
            .sorted { $0.account < $1.account }
    }

    /// Forgets a consent and deletes its tokens. Of a consent that is not there it does nothing.
    ///
    /// - Returns: its last generation, for the ledger to forget.
    @discardableResult
    package func remove(_ account: AccountID) throws(VaultError) -> Int? {
        try file.remove(account)
        let generation = entries.removeValue(forKey: account)?.grant.generation
        ledger.forget(account, at: generation)
        news.drop(account)
        waiters.resume(account, with: .failure(.noGrant(account)))
        return generation
    }

    /// An access token with at least a minute left.
    ///
    /// From memory where it can be; else this waits for a refresh, until the refresh has succeeded or has failed
    /// once. Cancelling the caller does not cancel the refresh.
    ///
    /// - Parameter rejected: the token that Jira has just refused with 401. If it is the current one, it is replaced.
    /// - Throws: `noGrant`, `reauthorise`, `olderCopy`, `clientRejected`, `unavailable`, `full` or `failed`, `busy`,
    ///   `cancelled`, `stopped`.
    package func accessToken(
        for account: AccountID, rejecting rejected: Secret? = nil
    ) async throws(VaultError) -> Secret {
        guard let entry = entries[account] else { throw .noGrant(account) }
        let token = entry.grant.accessToken
        if entry.isOlderCopy { throw .olderCopy(account, path: file.path) }
        if entry.machine.state == .reauthorise { throw .reauthorise(account) }
        if entry.grant.accessExpiresAt - configuration.refreshBefore > now(), rejected?.matches(token) != true {
            return token
        }
        if let pause = entry.pause { throw error(pause.why, of: account, until: pause.until) }
        let answer = await waiters.wait(for: account, on: self) { inbox.put(.due(account)) }
        return try answer.get()
    }

    func error(_ failure: RefreshMachine.Failure, of account: AccountID, until: Instant) -> VaultError {
        switch failure {
        case .clientRejected: .clientRejected
        case .reauthorise: .reauthorise(account)
        case .unavailable: .unavailable(account, retryAfter: max(until.duration(since: now()), .seconds(1)))
        case .storage(let error): error
        }
    }
}
