package import JiraCloud
package import Logging
import Synchronization
package import UsageModel
package import UsageStore

/// Keeps one site in step: a pass now, and then one every interval, or when somebody asks.
///
/// One pass at a time, as `PassLoop` makes them.
package actor SiteSync {
    package nonisolated let site: Site
    private let reader: SiteReader
    private let quota: StepQuota
    private let configuration: @Sendable () -> SyncConfiguration
    private let clock: any Clock<Duration>
    private let ourNow: @Sendable () -> Instant
    private let isCovered: @Sendable () async -> Bool?
    private let onEvent: @Sendable (Event) -> Void
    private let logger: Logger
    private let loop = PassLoop()
    private nonisolated let current = Mutex(SyncProgress())

    /// What becomes of a pass.
    package enum Event: Sendable {
        case started
        /// It has been committed whole.
        case completed
        case failed(SyncFailure)
    }

    private var failures = 0
    private var clockWatch: ClockWatch
    private var forgotAt: Instant?

    /// - Parameters:
    ///   - configuration: what holds now; asked for in each pass.
    ///   - now: our clock; the site's own is asked for in each pass.
    ///   - isCovered: asked when Jira refuses: whether the consent still names the site, `nil` where that cannot be told.
    ///   - onEvent: told of each pass, in the pass's own task; to return at once.
    package init(
        site: Site, jira: JiraSite, store: UsageStore, configuration: @escaping @Sendable () -> SyncConfiguration,
        budget: PointsBudget, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Instant, logger: Logger,
        isCovered: @escaping @Sendable () async -> Bool? = { nil },
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.site = site
        self.configuration = configuration
        self.clock = clock
        self.ourNow = now
        self.isCovered = isCovered
        self.onEvent = onEvent
        clockWatch = ClockWatch(clock: clock)
        self.logger = logger
        quota = StepQuota(cloudID: site.cloudID, jira: jira, budget: budget)
        reader = SiteReader(site: site, jira: jira, store: store)
    }

    /// What it is doing now. Never waits.
    package nonisolated var progress: SyncProgress { current.withLock { $0 } }

    /// How many requests may be in flight now: what the site was found to bear.
    package nonisolated var concurrencyLimit: Int { reader.jira.concurrencyLimit }

    /// Asks for a pass that begins after this call.
    package func request() {
        loop.request()
    }

    /// Asks for a pass and returns when one that began after this call has ended.
    ///
    /// - Returns: what ended it early; `nil` where it has been committed whole. `stopping` where the caller is
    ///   cancelled, which does not cancel the pass.
    package func outcome() async -> SyncFailure? {
        await loop.outcome()
    }

    /// Makes passes until the task is cancelled.
    package func run() async {
        await loop.run(clock: clock) { isRequested in
            let failure = await reader.store.atWork { await attempt(isRequested: isRequested) }
            failures = failure == nil ? 0 : failures + 1
            return failure
        } pause: {
            pause(after: $0)
        }
    }

    private static let stopping = SyncFailure(
        kind: .stopping, message: "jira-usaged is shutting down; try again")

    /// How long until the next pass.
    private func pause(after failure: SyncFailure?) -> Duration {
        guard let failure else { return configuration().interval }
        if let retryAt = failure.retryAt { return max(.seconds(1), retryAt.duration(since: ourNow())) }
        return min(configuration().interval, .seconds(15) * (1 << min(failures, 6)))
    }

    // MARK: - One pass

    private func attempt(isRequested: Bool) async -> SyncFailure? {
        let before = progress
        update { progress in
            let lastError = progress.lastError
            progress = SyncProgress()
            progress.activity = .running
            progress.startedAt = self.ourNow()
            // Until this pass is through, what ended the last one is still the newest that is known.
            progress.lastError = lastError
        }
        onEvent(.started)
        do {
            try await pass(isRequested: isRequested)
            update { $0 = SyncProgress() }
            onEvent(.completed)
            return nil
        } catch {
            clockWatch.forget()
            // A cancelled read or write of the store is no fault of the store's.
            let failure = Task.isCancelled ? .stopping : await explained(error)
            if failure.kind != .stopping {
                logger.warning(
                    "A pass ended early", metadata: .event(.passFailed, ["sync.failure": "\(failure.message)"]))
            }
            update { progress in
                // A pass that got nowhere says nothing of how far the site has been read.
                if progress.phase == nil || progress.phase == .connecting, before.phase != nil { progress = before }
                progress.activity =
                    switch failure.kind {
                    case .rateLimited: .waiting
                    case .reauthorise, .misconfigured, .forbidden, .notCovered: .paused
                    case .unavailable, .protocolViolated, .storage, .stopping: .failed
                    }
                progress.lastError = failure
                progress.resumesAt = failure.retryAt
            }
            onEvent(.failed(failure))
            return failure
        }
    }

    /// A site that the consent no longer opens answers in several ways; the list of sites tells it apart.
    private func explained(_ error: any Error) async -> SyncFailure {
        switch error as? JiraError {
        case .unauthorised?, .forbidden?, .notFound?:
            await isCovered() == false ? .notCovered(site.name) : SyncFailure(error)
        default: SyncFailure(error)
        }
    }

    private func pass(isRequested: Bool) async throws {
        let configuration = configuration()
        try await forgetOld(configuration.retention)
        let plan = SyncPlan(
            state: try await reader.store.siteState(of: site.key), configuration: configuration,
            isRequested: isRequested, isClockDue: clockWatch.wasSet(now: ourNow()),
            pending: try await reader.store.pendingIssues(on: site.key))
        let pass = SitePass(
            reader: reader, quota: quota, concurrency: configuration.concurrency, ourNow: ourNow
        ) { [weak self] in self?.tell($0) }
        try await pass.run(plan)
    }

    /// Once a day. Here, because nothing else may write what is known of the site while a pass does.
    private func forgetOld(_ retention: Duration?) async throws(StoreError) {
        guard let retention else { return }
        let now = ourNow()
        if let last = forgotAt, now >= last, now.duration(since: last) < .days(1) { return }
        let count = try await reader.store.forgetActivities(before: now - retention, on: site.key)
        if count > 0 { logger.notice("Old activities were deleted", metadata: ["retention.count": "\(count)"]) }
        forgotAt = now
    }

    // MARK: - The report

    private nonisolated func tell(_ plan: SyncPlan) {
        let now = ourNow()
        let (phase, done, total) = plan.progress
        update { $0.move(to: phase, done: done, total: total, now: now) }
    }

    private nonisolated func update(_ body: (inout SyncProgress) -> Void) {
        current.withLock { body(&$0) }
    }
}
