import ControlProtocol
import UsageModel
import UsageStore
import UsageSync

/// The sync of one site as a report sees it.
struct SyncView: Sendable {
    let progress: SyncProgress
    let state: SiteState
    /// `nil` where no sync runs.
    let concurrency: Int?
    let points: SharedPoints
    let now: Instant
}

/// The points of the hour, which all sites share.
struct SharedPoints: Hashable, Sendable {
    let used: Int
    let limit: Int
    let resetsAt: Instant
    /// What one site could spend now.
    let left: Int

    init(used: Int, limit: Int, resetsAt: Instant, left: Int) {
        self.used = used
        self.limit = limit
        self.resetsAt = resetsAt
        self.left = left
    }

    init(_ budget: PointsBudget, for site: CloudID, now: Instant) {
        self.init(
            used: budget.used(now: now), limit: budget.limit, resetsAt: budget.resetsAt(now: now),
            left: budget.available(for: site, now: now))
    }
}

extension SyncView {
    var eta: Instant? {
        progress.eta(
            now: now, points: SyncProgress.Points(left: points.left, perHour: points.limit, resetsAt: points.resetsAt))
    }

    var waitingFor: ControlProtocol.SyncState.Waiting? {
        guard let failure = progress.lastError, progress.activity != .running, let reason = reason(of: failure) else {
            return nil
        }
        return .init(reason: reason, until: progress.resumesAt)
    }

    private func reason(of failure: SyncFailure) -> ControlProtocol.SyncState.Waiting.Reason? {
        switch failure.kind {
        case .rateLimited: failure.isQuota ? .quota : .rateLimit
        case .reauthorise: .reauthorise
        case .forbidden, .notCovered: .permission
        case .misconfigured: .configuration
        case .unavailable: .unavailable
        case .protocolViolated, .storage: .retry
        case .stopping: nil
        }
    }
}

// MARK: - To the wire

extension ControlProtocol.SyncState {
    init(_ view: SyncView) {
        let progress = view.progress
        self.init(
            state: State(progress.activity), phase: progress.phase?.rawValue, startedAt: progress.startedAt,
            lastCompletedAt: view.state.lastCompletedAt, progress: Progress(done: progress.done, total: progress.total),
            eta: view.eta, lastError: progress.lastError?.message,
            points: Points(used: view.points.used, limit: view.points.limit, resetsAt: view.points.resetsAt),
            waitingFor: view.waitingFor, concurrency: view.concurrency)
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
