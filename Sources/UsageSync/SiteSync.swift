package import JiraCloud
package import Logging
import Synchronization
package import UsageModel
package import UsageStore

/// Keeps one site in step: a pass now, and then one every interval, or when somebody asks.
///
/// One pass at a time, by construction: `run()` is the only place that makes them.
package actor SiteSync {
    package nonisolated let site: Site
    private let reader: SiteReader
    private let configuration: SyncConfiguration
    private let clock: any Clock<Duration>
    private let ourNow: @Sendable () -> Instant
    private let logger: Logger
    private let bell = Doorbell()
    private nonisolated let current = Mutex(SyncProgress())

    private var requested = 0
    private var served = 0
    private let waiters = PassWaiters()
    private var failures = 0

    /// - Parameters:
    ///   - now: our clock; the site's own is asked for in each pass.
    package init(
        site: Site, jira: JiraSite, store: UsageStore, configuration: SyncConfiguration, budget: PointsBudget,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Instant, logger: Logger
    ) {
        self.site = site
        self.configuration = configuration
        self.clock = clock
        self.ourNow = now
        self.logger = logger
        let meter = PointsMeter(jira: jira, budget: budget)
        reader = SiteReader(site: site, jira: jira, store: store) { try meter.check(now: now()) }
    }

    /// What it is doing now. Never waits.
    package nonisolated var progress: SyncProgress { current.withLock { $0 } }

    /// Asks for a pass that begins after this call.
    package func request() {
        requested += 1
        bell.ring()
    }

    /// Asks for a pass and returns when one that began after this call has ended.
    ///
    /// - Returns: what ended it early; `nil` where it has been committed whole. `stopping` where the caller is
    ///   cancelled, which does not cancel the pass.
    package func outcome() async -> SyncFailure? {
        request()
        return await waiters.wait(for: requested)
    }

    /// Makes passes until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            // Whoever rang until here is served by this pass.
            bell.silence()
            let ticket = requested
            let failure = await attempt(readsRoster: ticket > served)
            failures = failure == nil ? 0 : failures + 1
            served = ticket
            waiters.answer(upTo: ticket, with: failure)
            guard requested == ticket else { continue }
            await bell.wait(atMost: pause(after: failure), clock: clock)
        }
        waiters.close()
    }

    private static let stopping = SyncFailure(
        kind: .stopping, message: "jira-usaged is shutting down; try again")

    /// How long until the next pass.
    private func pause(after failure: SyncFailure?) -> Duration {
        guard let failure else { return configuration.interval }
        if let retryAt = failure.retryAt { return max(.seconds(1), retryAt.duration(since: ourNow())) }
        return min(configuration.interval, .seconds(15) * (1 << min(failures, 6)))
    }

    // MARK: - One pass

    private func attempt(readsRoster: Bool) async -> SyncFailure? {
        update { progress in
            let lastError = progress.lastError
            progress = SyncProgress()
            progress.activity = .running
            progress.startedAt = self.ourNow()
            // Until this pass is through, what ended the last one is still the newest that is known.
            progress.lastError = lastError
        }
        do {
            try await pass(readsRoster: readsRoster)
            update { $0 = SyncProgress() }
            return nil
        } catch {
            // A cancelled read or write of the store is no fault of the store's.
            let failure = Task.isCancelled ? .stopping : SyncFailure(error)
            if failure.kind != .stopping {
                logger.warning("A pass ended early", metadata: ["sync.failure": "\(failure.message)"])
            }
            update { progress in
                progress.activity =
                    switch failure.kind {
                    case .rateLimited: .waiting
                    case .reauthorise, .misconfigured, .forbidden: .paused
                    case .unavailable, .protocolViolated, .storage, .stopping: .failed
                    }
                progress.lastError = failure
                progress.resumesAt = failure.retryAt
            }
            return failure
        }
    }

    private func pass(readsRoster: Bool) async throws {
        let store = reader.store
        var plan = PassPlan(
            state: try await store.siteState(of: site.key), history: configuration.history,
            readsRoster: readsRoster)
        var tokenRefusals = 0
        while true {
            let offset = plan.state.clockOffset
            let now = { [ourNow] in ourNow() + offset }
            switch plan.action(now: now()) {
            case .readClock:
                enter(.connecting)
                let before = ourNow()
                let info = try await reader.jira.serverInfo()
                let middle = before + (ourNow().duration(since: before) / 2)
                let measured = info.serverTime?.duration(since: middle) ?? offset
                plan.clockRead(offset: measured, now: ourNow() + measured)
            case .readPermissions:
                let held = try await reader.jira.permissions(["USER_PICKER", "BROWSE_PROJECTS"])
                plan.permissionsRead(missing: held.filter { !$0.value }.keys.sorted(), now: now())
                try await store.keep(plan.state, for: site.key)
            case .readRoster:
                enter(.users)
                let startedAt = now()
                do {
                    try await reader.readRoster(at: startedAt) { self.count(done: $0) }
                    plan.rosterRead(startedAt: startedAt)
                    try await store.finishRoster(plan.state, startedAt: startedAt, on: site.key)
                } catch JiraError.forbidden {
                    plan.rosterRefused()
                }
            case .readAccess:
                enter(.access)
                let known = try await store.counts(of: site.key)
                update { $0.total = known.users }
                do {
                    try await reader.readAccess(at: now()) { self.count(done: $0) }
                    plan.accessRead(now: now())
                } catch JiraError.forbidden {
                    plan.rosterRefused()
                }
            case .readIssues(let query, let pageToken):
                if enter(plan.state.backfill?.query == query ? .history : .changes) == .history {
                    let total = try await reader.jira.approximateCount(jql: query)
                    update { $0.total = total }
                }
                do {
                    let reading = try await reader.readIssues(query: query, pageToken: pageToken)
                    plan.issuesRead(
                        pages: reading.pages, oldest: reading.oldest, next: reading.next, now: now())
                    try await store.keep(reading.batch, state: plan.state, for: site.key)
                    update { $0.done += reading.issues }
                } catch JiraError.badRequest(.search, _) where pageToken != nil && tokenRefusals < 3 {
                    tokenRefusals += 1
                    plan.pageTokenRefused(now: now())
                }
            case .probeOlder(let query):
                let page = try await reader.jira.searchIssueIDs(jql: query, pageToken: nil, limit: 1)
                plan.olderProbed(exist: !page.ids.isEmpty, now: now())
            case .readWorklogs(let since):
                enter(.worklogs)
                let page = try await reader.readWorklogs(since: since ?? Instant(milliseconds: 0))
                plan.worklogsRead(until: page.until, isLast: page.isLast)
                try await store.keep(page.readings, state: plan.state, for: site.key)
            case .finish:
                plan.finished(now: now())
                try await store.keep(plan.state, for: site.key)
                return
            }
        }
    }

    // MARK: - The report

    /// Begins a phase; returns it where it was not there already.
    @discardableResult
    private nonisolated func enter(_ phase: SyncProgress.Phase) -> SyncProgress.Phase? {
        let now = ourNow()
        return current.withLock { progress in
            guard progress.phase != phase else { return nil }
            progress.phase = phase
            progress.phaseStartedAt = now
            progress.done = 0
            progress.total = nil
            return phase
        }
    }

    private nonisolated func count(done: Int) {
        update { $0.done = done }
    }

    private nonisolated func update(_ body: (inout SyncProgress) -> Void) {
        current.withLock { body(&$0) }
    }
}

/// Books what the client has spent since it was last asked.
private final class PointsMeter: Sendable {
    private let jira: JiraSite
    private let budget: PointsBudget
    private let booked = Mutex(0)

    init(jira: JiraSite, budget: PointsBudget) {
        self.jira = jira
        self.budget = budget
    }

    func check(now: Instant) throws(SyncFailure) {
        let total = jira.usage.total.points
        let spent = booked.withLock { booked in
            defer { booked = total }
            return total - booked
        }
        guard let resumesAt = budget.spend(spent, now: now) else { return }
        throw SyncFailure(
            kind: .rateLimited,
            message: "the hour's points (sync.points_per_hour) are spent; the sync goes on at \(resumesAt)",
            retryAt: resumesAt)
    }
}
