/// Why the record of a stretch of time cannot be relied on to be whole.
package enum CoverageCause: String, Sendable, CaseIterable {
    /// The reading of the site has not got there yet.
    case backfill
    /// Older than `history` in the configuration: never asked for.
    case beforeHistory
    /// Later than the last complete pass.
    case notSynced
    /// The account that consented may not browse projects.
    case browseProjectsMissing
    /// The account that consented may not see users and groups.
    case userPickerMissing
    /// No pass has been completed since the site was connected.
    case neverSynced
    /// Nothing is recorded, but Jira has not been asked yet whether it knows better.
    case unproven
    /// Jira's search says that there was something, and reading the issues it names did not show what.
    case probeDisagrees
    /// What was known of the person has been erased.
    case erased
}

/// For which stretch of time everything that the connected account may see has been read.
///
/// What people do on an issue moves its `updated`, so once every issue updated since an instant has been read, and every
/// worklog that the feed tells of since then, every activity since that instant is known; but for ranks and workflow
/// migrations, whose histories leave it as it was.
package struct Coverage: Hashable, Sendable {
    /// Everything in (`completeSince`, `completeUntil`] is known; `nil` while nothing is.
    package let completeSince: Instant?
    package let completeUntil: Instant?
    /// Whether nothing visible lies before `completeSince`: the site's very first issue has been read, and worklog.
    package let reachesBeginning: Bool
    /// Whether the back-fill still goes on, so that `completeSince` will move back by itself.
    package let isBackfilling: Bool
    /// What makes absence meaningless for the whole site, whatever the window: a missing permission.
    package let obstacles: [CoverageCause]
    /// When it was last seen that projects may be browsed. Jira's silence counts up to then: without the permission it is
    /// silent about everything. `nil` where it never was.
    package let confirmedUntil: Instant?
    /// From when worklogs are known: of them Jira's search does not always speak. `nil` for the beginning.
    package let worklogsSince: Instant?
    /// Whether worklogs are still to be read as far back as the issues.
    package let isWorklogFeedShort: Bool

    package init(
        completeSince: Instant?, completeUntil: Instant?, reachesBeginning: Bool, isBackfilling: Bool,
        obstacles: [CoverageCause] = [], confirmedUntil: Instant? = nil, worklogsSince: Instant? = nil,
        isWorklogFeedShort: Bool = false
    ) {
        self.completeSince = completeSince
        self.completeUntil = completeUntil
        self.reachesBeginning = reachesBeginning
        self.isBackfilling = isBackfilling
        self.obstacles = obstacles
        self.confirmedUntil = confirmedUntil
        self.worklogsSince = worklogsSince
        self.isWorklogFeedShort = isWorklogFeedShort
    }

    package static let none = Coverage(
        completeSince: nil, completeUntil: nil, reachesBeginning: false, isBackfilling: true)

    /// Why absence of activity in (`from`, `to`] proves nothing; `nil` where the stretch is completely covered.
    /// `from` is `nil` for "since the site's first issue".
    package func gap(from: Instant?, to: Instant) -> CoverageCause? {
        if let obstacle = obstacles.first { return obstacle }
        guard let since = completeSince, let until = completeUntil else { return .neverSynced }
        guard to <= until else { return .notSynced }
        if reachesBeginning { return nil }
        guard let from, from >= since else { return isBackfilling ? .backfill : .beforeHistory }
        return nil
    }

    /// The same, where Jira itself said of one person that there was nothing from `proof.from` until `proof.at`: what
    /// it said closes the way back from there, as far as worklogs are known.
    package func extended(by proof: Proof) -> Coverage {
        guard proof.outcome == .quiet, confirms(proof), let since = completeSince, proof.at >= since else {
            return self
        }
        let from = [proof.from, worklogsSince].compactMap(\.self).max()
        return Coverage(
            completeSince: from.map { min($0, since) } ?? since, completeUntil: completeUntil,
            reachesBeginning: reachesBeginning || (proof.from == nil && !isWorklogFeedShort),
            isBackfilling: isBackfilling, obstacles: obstacles, confirmedUntil: confirmedUntil,
            worklogsSince: worklogsSince, isWorklogFeedShort: isWorklogFeedShort)
    }

    /// Whether it was seen after the proof that Jira would have said more if there were more.
    func confirms(_ proof: Proof) -> Bool { confirmedUntil.map { proof.at <= $0 } ?? false }
}
