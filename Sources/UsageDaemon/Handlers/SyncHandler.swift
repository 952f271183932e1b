import ControlProtocol
import ControlServer
import UsageModel
import UsageStore
import UsageSync

/// `sync.run` and `sync.status`.
struct SyncHandler: Sendable {
    let store: UsageStore
    let service: SyncService
    let budget: PointsBudget
    let clock: any Clock<Duration>
    let now: @Sendable () -> Instant

    private static let progressInterval = Duration.seconds(1)

    /// - Parameter notices: told once a second how far it is, while a pass is waited for.
    func run(
        _ call: RunSync, telling notices: RequestNotices? = nil
    ) async throws(ControlError) -> ControlProtocol.SyncReport {
        let syncs = await service.syncs.filter { sync in call.site.map(sync.site.isNamed) ?? true }
        guard !syncs.isEmpty else { throw .noSite(call.site) }
        if call.wait == true {
            // All begin at once; the first failure is told when all have ended.
            let failures = await withTaskGroup(of: [SyncFailure]?.self) { group in
                group.addTask { await Self.failures(of: syncs) }
                if let notices {
                    group.addTask {
                        await tell(notices, of: syncs)
                        return nil
                    }
                }
                var failures: [SyncFailure]?
                while failures == nil, let next = await group.next() { failures = next }
                group.cancelAll()
                return failures ?? []
            }
            if let failure = failures.first { throw ControlError(failure) }
        } else {
            for sync in syncs { await sync.request() }
        }
        return try await report(on: syncs)
    }

    private static func failures(of syncs: [SiteSync]) async -> [SyncFailure] {
        await withTaskGroup { group in
            for sync in syncs { group.addTask { await sync.outcome() } }
            return await group.reduce(into: []) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
    }

    /// Until it is cancelled, or nobody listens any more.
    private func tell(_ notices: RequestNotices, of syncs: [SiteSync]) async {
        do {
            while true {
                try await notices.tell(.progress, try await report(on: syncs).written)
                try await clock.sleep(for: Self.progressInterval)
            }
        } catch {
            // How far it is, is not worth more than the pass itself.
        }
    }

    func status(_ call: GetSyncStatus) async throws(ControlError) -> ControlProtocol.SyncReport {
        try await report(on: service.syncs)
    }

    private func report(on syncs: [SiteSync]) async throws(ControlError) -> ControlProtocol.SyncReport {
        var sites: [ControlProtocol.SyncReport.Site] = []
        for sync in syncs.sorted(by: { $0.site.key.rawValue < $1.site.key.rawValue }) {
            var progress = sync.progress
            let state: SiteState
            do {
                state = try await store.siteState(of: sync.site.key)
                if progress.phase == .history {
                    progress = progress.counting(storedIssues: try await store.counts(of: sync.site.key).issues)
                }
            } catch {
                throw ControlError(error)
            }
            let view = SyncView(
                progress: progress, state: state, concurrency: sync.concurrencyLimit,
                points: SharedPoints(budget, for: sync.site.cloudID, now: now()), now: now())
            sites.append(.init(cloudId: sync.site.cloudID, name: sync.site.name, sync: .init(view)))
        }
        return ControlProtocol.SyncReport(sites: sites)
    }
}

extension ControlError {
    init(_ failure: SyncFailure) {
        switch failure.kind {
        case .unavailable, .protocolViolated: self.init(.upstreamUnavailable, failure.message)
        case .rateLimited: self.init(.rateLimited, failure.message)
        case .notCovered: self.init(.reauthorise, failure.message, hint: "See `jirausagectl status`.")
        case .reauthorise:
            self.init(.reauthorise, failure.message, hint: "Consent again: jirausagectl auth login")
        case .forbidden: self.init(.badConfiguration, failure.message, hint: "See `jirausagectl status`.")
        case .misconfigured: self.init(.badConfiguration, failure.message, hint: "See `jirausagectl status`.")
        case .storage: self.init(.storage, failure.message)
        case .stopping: self.init(.shuttingDown, failure.message)
        }
    }
}
