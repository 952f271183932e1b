import ControlProtocol
import UsageModel
import UsageStore

extension CoverageState {
    /// What is complete of a site's record, and what is not, each hole with its cause.
    ///
    /// - Parameters:
    ///   - pending: issues of which something is still to be read, and when the latest of them was updated.
    ///   - now: the site's clock.
    ///   - staleAfter: as in `SiteView`.
    init(of state: SiteState, pending: (issues: Int, until: Instant)?, now: Instant, staleAfter: Duration) {
        let coverage = state.coverage
        let holes = [
            Hole(wayBackOf: state),
            Hole(since: coverage.completeUntil ?? state.completeUntil, now: now, staleAfter: staleAfter),
            pending.map { Hole(from: nil, until: $0.until, reason: .issuesPending, issues: $0.issues) },
        ]
        self.init(
            completeSince: coverage.completeSince, completeUntil: coverage.completeUntil,
            holes: state.missingPermissions.compactMap(Hole.init(withoutPermission:)) + holes.compactMap(\.self))
    }
}

extension CoverageState.Hole {
    fileprivate init?(withoutPermission key: String) {
        switch key {
        case "BROWSE_PROJECTS": self.init(from: nil, until: nil, reason: .browseProjectsMissing)
        case "USER_PICKER": self.init(from: nil, until: nil, reason: .userPickerMissing)
        default: return nil
        }
    }

    /// The part that the first reading has not reached yet. What has to be read again once a permission is back is no such
    /// part: that permission is the cause.
    fileprivate init?(wayBackOf state: SiteState) {
        if state.completeSince != nil, state.missingPermissions.contains("BROWSE_PROJECTS") { return nil }
        let known = state.coverage.completeSince
        if let backfill = state.backfill {
            self.init(from: backfill.floor, until: known, reason: .backfill)
        } else if state.completeSince == nil {
            self.init(from: nil, until: nil, reason: .neverSynced)
        } else if state.isWorklogFeedShort || known == nil {
            self.init(from: state.reachesBeginning ? nil : state.completeSince, until: known, reason: .backfill)
        } else {
            return nil
        }
    }

    /// The part since the last complete pass, where that is long ago.
    fileprivate init?(since until: Instant?, now: Instant, staleAfter: Duration) {
        guard let until, now.duration(since: until) > staleAfter else { return nil }
        self.init(from: until, until: nil, reason: .notSynced)
    }
}
