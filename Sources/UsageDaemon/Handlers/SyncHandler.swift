import ControlProtocol
import UsageModel
import UsageStore
import UsageSync

/// `sync.run` and `sync.status`.
struct SyncHandler: Sendable {
    let store: UsageStore
    let service: SyncService
    let now: @Sendable () -> Instant

    func run(_ call: RunSync) async throws(ControlError) -> ControlProtocol.SyncReport {
        let syncs = await service.syncs.filter { sync in call.site.map(sync.site.isNamed) ?? true }
        guard !syncs.isEmpty else { throw .noSite(call.site) }
        if call.wait == true {
            // All begin at once; the first failure is told when all have ended.
            let failures = await withTaskGroup { group in
                for sync in syncs { group.addTask { await sync.outcome() } }
                return await group.reduce(into: [SyncFailure]()) { failures, failure in
                    if let failure { failures.append(failure) }
                }
            }
            if let failure = failures.first { throw ControlError(failure) }
        } else {
            for sync in syncs { await sync.request() }
        }
        return try await report(on: syncs)
    }

    func status(_ call: GetSyncStatus) async throws(ControlError) -> ControlProtocol.SyncReport {
        try await report(on: service.syncs)
    }

    private func report(on syncs: [SiteSync]) async throws(ControlError) -> ControlProtocol.SyncReport {
        var sites: [ControlProtocol.SyncReport.Site] = []
        for sync in syncs.sorted(by: { $0.site.key.rawValue < $1.site.key.rawValue }) {
            let state: SiteState
            do {
                state = try await store.siteState(of: sync.site.key)
            } catch {
                throw ControlError(error)
            }
            sites.append(
                .init(
                    cloudId: sync.site.cloudID, name: sync.site.name,
                    sync: ControlProtocol.SyncState(sync.progress, state: state, now: now())))
        }
        return ControlProtocol.SyncReport(sites: sites)
    }
}

// MARK: - To the wire

extension ControlProtocol.SyncState {
    init(_ progress: SyncProgress, state: SiteState, now: Instant) {
        self.init(
            state: State(progress.activity), phase: progress.phase?.rawValue, startedAt: progress.startedAt,
            lastCompletedAt: state.lastCompletedAt, progress: Progress(done: progress.done, total: progress.total),
            eta: progress.eta(now: now) ?? progress.resumesAt, lastError: progress.lastError?.message)
    }
}

extension ControlProtocol.SyncState.State {
    init(_ activity: SyncProgress.Activity) {
        self =
            switch activity {
            case .idle: .idle
            case .running: .running
            case .waiting: .waiting
            case .paused: .paused
            case .failed: .failed
            }
    }
}

extension ControlError {
    init(_ failure: SyncFailure) {
        switch failure.kind {
        case .unavailable, .protocolViolated: self.init(.upstreamUnavailable, failure.message)
        case .rateLimited: self.init(.rateLimited, failure.message)
        case .reauthorise: self.init(.reauthorise, failure.message, hint: "Consent again: jirausagectl auth login")
        case .forbidden: self.init(.badConfiguration, failure.message, hint: "See `jirausagectl status`.")
        case .misconfigured: self.init(.badConfiguration, failure.message, hint: "See `jirausagectl status`.")
        case .storage: self.init(.storage, failure.message)
        case .stopping: self.init(.shuttingDown, failure.message)
        }
    }
}
