import UsageModel
import UsageStore

// Once a week what is known is compared with what Jira shows.

extension SyncPlan {
    static let reconcileInterval = Duration.days(7)

    func isReconcileDue(now: Instant) -> Bool {
        guard state.backfill == nil, state.completeSince != nil else { return false }
        return state.reconciledAt.map { now.duration(since: $0) >= Self.reconcileInterval } ?? true
    }

    mutating func beginReconcile(now: Instant) {
        guard let since = state.completeSince, let until = state.completeUntil else { return }
        let round = state.reconciledAt.map { $0 + Self.reconcileInterval }
        reconcile = ReconcilePlan(
            extent: state.reachesBeginning ? .all : .since(zone.bound(claiming: since)), knownUntil: until,
            round: round ?? Instant(milliseconds: 0), query: query,
            largestAnswer: max(20, configuration.pointsPerHour / 10), now: now)
    }

    mutating func endReconcile() {
        if let reconcile, reconcile.isThrough { state.reconciledAt = reconcile.startedAt }
        reconcile = nil
    }

    mutating func reconciled(_ answer: ReconcileAnswer, of step: ReconcileStep, now: Instant) -> [SiteWrite] {
        switch answer {
        case .census(let reading, _), .settled(let reading, _): reads.add(reading)
        // Without it Jira answers with less, and no error.
        case .permission(isHeld: false):
            let writes = permissionsRead(missing: state.missingPermissions + ["BROWSE_PROJECTS"], now: now)
            return writes + (reconcile?.take(answer, of: step) ?? [])
        default: break
        }
        return reconcile?.take(answer, of: step) ?? []
    }
}
