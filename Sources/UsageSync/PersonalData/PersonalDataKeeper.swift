package import JiraCloud
package import Logging
import Synchronization
package import UsageModel
package import UsageStore

/// Keeps Atlassian's rules on personal data: reports every stored account once a cycle, erases or has fetched again what
/// the answers say, and deletes what has been kept long enough.
///
/// One round at a time, as `PassLoop` makes them.
package actor PersonalDataKeeper {
    private let store: UsageStore
    private let retention: @Sendable () -> RetentionPolicy
    private let reporters: @Sendable () async -> [PersonalDataAPI]
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private let loop = PassLoop()
    private nonisolated let failure = Mutex<SyncFailure?>(nil)
    private var retainedAt: Instant?
    private var hasWarnedOfCycle = false

    /// A round that fails without a word on when to come back is tried again after this.
    private static let retryInterval = Duration.seconds(300)
    private static let retentionInterval = Duration.days(1)
    private static let accountsAtOnce = 1000
    /// Of damaged databases and those of before a migration.
    private static let copiesKept = Duration.days(7)

    /// - Parameters:
    ///   - retention: what holds now; asked for in each round.
    ///   - reporters: one for each account whose consent is valid; any of them serves for all accounts.
    ///   - clock: measures the pauses between rounds.
    ///   - now: the wall clock, by which accounts are due.
    package init(
        store: UsageStore, retention: @escaping @Sendable () -> RetentionPolicy, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Instant,
        logger: Logger, reporters: @escaping @Sendable () async -> [PersonalDataAPI]
    ) {
        self.store = store
        self.retention = retention
        self.reporters = reporters
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    /// Why the last round did not come to its end; `nil` where it did. Never waits.
    package nonisolated var lastFailure: SyncFailure? { failure.withLock { $0 } }

    /// Makes a round that begins after this call, in which everything is reported that has not been for half a cycle, and
    /// returns when it has ended.
    ///
    /// - Returns: what ended it early; `stopping` where the caller is cancelled, which does not cancel the round.
    package func outcome() async -> SyncFailure? {
        await loop.outcome()
    }

    /// Makes rounds until the task is cancelled.
    package func run() async {
        await loop.run(clock: clock) {
            let isEarly = $0
            return await store.atWork { await attempt(isEarly: isEarly) }
        } pause: {
            await pause(after: $0)
        }
    }

    private func pause(after failed: SyncFailure?) async -> Duration {
        guard let failed else {
            // What cannot be read now is found out by the round.
            return (try? await schedule().interval) ?? Self.retryInterval
        }
        return max(.seconds(1), failed.retryAt?.duration(since: now()) ?? Self.retryInterval)
    }

    // MARK: - One round

    private func attempt(isEarly: Bool) async -> SyncFailure? {
        var failed: SyncFailure?
        do {
            try await round(isEarly: isEarly)
        } catch {
            failed = Task.isCancelled ? .stopping : SyncFailure(error)
        }
        if let failed, failed.kind != .stopping {
            logger.warning(
                "Stored accounts could not be reported",
                metadata: .event(.reportFailed, ["report.failure": "\(failed.message)"]))
            // The failure itself is what is told; a store that cannot be written says so elsewhere.
            try? await store.countFailedReport(at: now())
        }
        if failed?.kind != .stopping { failure.withLock { $0 = failed } }
        return failed
    }

    /// Everything that is to be done now, to its end or to the first failure. For `run()`, and for who makes all rounds
    /// without it.
    package func round(isEarly: Bool) async throws {
        // What an earlier round, or another process, erased and could not wipe.
        try await store.wipe()
        try await forgetOld()
        var schedule = try await schedule()
        try await scheduleNew(schedule)
        let start = now()
        if try await store.eraseProfiles(
            outdatedBefore: start - schedule.cycle, dueBefore: start - retention().unreported, at: start)
        {
            logger.notice(
                "Names that could not be kept up to date or reported were erased", metadata: .event(.namesErased))
        }
        let horizon = start + (isEarly ? schedule.cycle / 2 : schedule.lead)
        while true {
            let due = try await store.accountsDue(
                before: horizon, orNew: isEarly, limit: PersonalDataAPI.mostAccounts)
            if due.isEmpty { return }
            try await report(due, &schedule)
        }
    }

    private func schedule() async throws(StoreError) -> ReportSchedule {
        ReportSchedule(cycle: try await store.reportCycle())
    }

    private func scheduleNew(_ schedule: ReportSchedule) async throws(StoreError) {
        try await store.tidySchedule(latest: now() + schedule.cycle)
        while true {
            let accounts = try await store.unscheduledAccounts(limit: Self.accountsAtOnce)
            let now = now()
            try await store.schedule(accounts.map { ($0, schedule.firstDue(of: $0, storedAt: now)) }, at: now)
            if accounts.count < Self.accountsAtOnce { return }
        }
    }

    /// Reports accounts; where Atlassian does not accept one of them, the others all the same.
    private func report(_ accounts: [ReportedAccount], _ schedule: inout ReportSchedule) async throws {
        var groups = [accounts[...]]
        while let group = groups.popLast() {
            let answer: ReportAnswer
            do {
                answer = try await send(Array(group))
            } catch JiraError.badRequest {
                guard group.count == 1 else {
                    let middle = group.startIndex + group.count / 2
                    groups += [group[middle...], group[..<middle]]
                    continue
                }
                try await keep(
                    AccountReportResult(reported: [], closed: [], updated: [], refused: group.map(\.account)), schedule)
                continue
            }
            try await take(answer.cycle, &schedule)
            if answer.hasUnreadableCycle { warnOfCycle() }
            try await keep(
                AccountReportResult(reported: group.map(\.account), closed: answer.closed, updated: answer.updated),
                schedule)
        }
    }

    private func keep(_ result: AccountReportResult, _ schedule: ReportSchedule) async throws(StoreError) {
        let now = now()
        try await store.keep(result, dueAt: schedule.nextDue(reportedAt: now), at: now)
    }

    private func take(_ cycle: Duration?, _ schedule: inout ReportSchedule) async throws(StoreError) {
        guard let cycle, cycle != schedule.cycle else { return }
        logger.notice(
            "Atlassian asks for reports in another cycle", metadata: ["report.cycle": "\(cycle.components.seconds) s"])
        try await store.keep(reportCycle: cycle)
        schedule = ReportSchedule(cycle: cycle)
    }

    private func warnOfCycle() {
        guard !hasWarnedOfCycle else { return }
        hasWarnedOfCycle = true
        logger.warning("Atlassian's Cycle-Period is in a form that is not known; the cycle stays as it was")
    }

    /// Any consent of the app serves; the next one is asked where one is not valid any more.
    private func send(_ accounts: [ReportedAccount]) async throws -> ReportAnswer {
        var last: JiraError?
        for reporter in await reporters() {
            do throws(JiraError) {
                return try await reporter.report(accounts)
            } catch {
                switch error {
                case .unauthorised, .scopeMissing, .forbidden, .tokens(.reauthorise): last = error
                default: throw error
                }
            }
        }
        throw last
            ?? SyncFailure(
                kind: .reauthorise,
                message:
                    "no consent is valid with which stored accounts could be reported: run `jirausagectl auth login`")
    }

    // MARK: - Retention

    private func forgetOld() async throws(StoreError) {
        let now = now()
        if let last = retainedAt, now >= last, now.duration(since: last) < Self.retentionInterval { return }
        let retention = retention()
        for copy in store.discardCopies(before: now - Self.copiesKept) {
            logger.notice("A copy of the database that was kept for a while was deleted", metadata: ["copy": "\(copy)"])
        }
        if let seats = retention.seats { try await store.forgetSeats(before: now - seats) }
        try await store.forgetPrivacyCounts(before: now - retention.log)
        if let activity = retention.activity {
            // Of a site that is connected its own sync does so, which writes what is known of it.
            for site in try await store.sites() where site.leftAt != nil {
                _ = try await store.forgetActivities(before: now - activity, on: site.key)
            }
        }
        retainedAt = now
    }
}
