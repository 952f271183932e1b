import UsageStore

extension SyncPlan {
    /// What is being done, how many of the things that it counts have been, and of how many; `nil` where nobody knows.
    var progress: (phase: SyncProgress.Phase, done: Int, total: Int?) {
        switch stage {
        case .start, .facts, .permissions, .outset: (.connecting, 0, nil)
        case .roster: (.users, state.rosterPosition, state.rosterSize > 0 ? state.rosterSize : nil)
        case .catchUp, .closing, .reconcile, .done:
            (.changes, state.walks.reduce(0) { $0 + ($1.extent == .changes ? $1.issues : 0) }, nil)
        case .windows: (.history, issuesWalked, state.backfill?.total)
        case .worklogs, .olderWorklogs: (.worklogs, 0, nil)
        case .settle, .proof, .confirming, .allTime: (.proof, peopleAsked, nil)
        case .access, .grants: (.access, peopleRead, peopleToRead)
        }
    }

    /// Known once everybody has been looked up who is due. In the first pass that is the whole directory.
    private var peopleToRead: Int? {
        if lists.isEmpty { return peopleRead + accounts.count + underWay.count }
        return state.lastCompletedAt == nil && state.rosterSize > 0 ? state.rosterSize : nil
    }
}
