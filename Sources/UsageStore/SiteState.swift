package import UsageModel

/// How far the sync of one site has come. It is written in the transaction of the data it speaks of.
package struct SiteState: Hashable, Sendable {
    /// A way back through the site's issues, newest `updated` first.
    package struct Backfill: Hashable, Sendable {
        /// The site's clock when it began.
        package var startedAt: Instant
        /// How far back it goes.
        package var floor: Instant
        /// Every issue with an `updated` at or after this has been read.
        package var frontier: Instant
        /// How many issues there were from the floor on when it began.
        package var total: Int
        /// Whether no issue lies before the floor.
        package var reachesSiteStart: Bool
        /// Whether the window that decides about seats is answered by asking about each person.
        package var asksPeople = false
        /// How many people were not settled when that was last weighed.
        package var unsettled: Int?

        package init(startedAt: Instant, floor: Instant, frontier: Instant, total: Int, reachesSiteStart: Bool) {
            self.startedAt = startedAt
            self.floor = floor
            self.frontier = frontier
            self.total = total
            self.reachesSiteStart = reachesSiteStart
        }
    }

    /// Everything that issues show of (`completeSince`, `completeUntil`] is known; both or neither. What may be claimed is
    /// said by `coverage`.
    package var completeSince: Instant?
    package var completeUntil: Instant?
    package var reachesBeginning = false
    package var backfill: Backfill?
    /// The walks that are under way, or wait to be closed.
    package var walks: [Walk] = []
    /// The worklog feed has been read from here …
    package var worklogsReadFrom: Instant?
    /// … up to here.
    package var worklogsReadUntil: Instant?
    /// The site's clock when its end was last asked for, and the permission to browse was found afterwards: all that it
    /// told of until then is known.
    package var worklogsCheckedAt: Instant?
    /// What the feed tells of before `worklogsReadFrom` has been read up to here.
    package var olderWorklogsUntil: Instant?
    /// When the reading of the directory began that is under way, and its next row.
    package var rosterStartedAt: Instant?
    package var rosterPosition = 0
    /// When the last whole reading of the directory began, and how many rows it had.
    package var rosterReadAt: Instant?
    package var rosterSize = 0
    /// When it was last read which groups grant which role.
    package var grantsReadAt: Instant?
    /// When the counts of projects were last compared.
    package var reconciledAt: Instant?
    /// When a catch-up last looked back over the long overlap, for what Jira's index showed late.
    package var trailedAt: Instant?
    /// When clock and profile zone were read.
    package var factsReadAt: Instant?
    /// The zone in which Jira reads dates in JQL, an IANA name; `nil` where Jira does not tell.
    package var profileZone: String?
    /// Keys of permissions that the account who consented lacks, for example `USER_PICKER`.
    package var missingPermissions: [String] = []
    /// When it was last seen that projects may be browsed.
    package var confirmedAt: Instant?
    /// The site's clock minus ours.
    package var clockOffset: Duration = .zero
    /// When the last whole pass was completed, by the site's clock.
    package var lastCompletedAt: Instant?
    /// Counts the transactions that changed this site.
    package var changeNumber: Int64 = 0

    package init() {}

    /// What is known up to, or was last done at, some instant.
    private static let ends: [any WritableKeyPath<SiteState, Instant?> & Sendable] = [
        \.completeUntil, \.worklogsReadUntil, \.worklogsCheckedAt, \.rosterReadAt, \.rosterStartedAt, \.grantsReadAt,
        \.reconciledAt, \.trailedAt, \.confirmedAt, \.lastCompletedAt,
    ]

    /// Whether something is said of a time after `instant`.
    package func claimsMore(than instant: Instant) -> Bool {
        Self.ends.contains { self[keyPath: $0].map { $0 > instant } ?? false }
    }

    /// Says nothing of a time after `instant`, and has the next catch-up look far back: nobody knows what was missed.
    package mutating func limit(to instant: Instant) {
        for end in Self.ends { self[keyPath: end] = self[keyPath: end].map { min($0, instant) } }
        completeSince = completeSince.map { min($0, instant) }
        trailedAt = nil
    }

    /// How far back the worklog feed is to be read: as far as the issues.
    package var worklogFloor: Instant {
        let beginning = Instant(milliseconds: 0)
        return reachesBeginning ? beginning : completeSince ?? beginning
    }

    /// Whether the feed has not been read that far yet.
    package var isWorklogFeedShort: Bool { worklogsReadFrom.map { $0 > worklogFloor } ?? true }

    /// For what stretch of time everything is known: what issues show, and what the feed of worklogs does. A worklog whose
    /// history has no author stands in the feed alone.
    package var coverage: Coverage {
        var obstacles = missingPermissions.compactMap(CoverageCause.init(missing:))
        var stretch: (since: Instant, until: Instant)?
        if let since = completeSince, let until = completeUntil {
            if let from = worklogsReadFrom, let checkedAt = worklogsCheckedAt, max(since, from) <= min(until, checkedAt)
            {
                stretch = (max(since, from), min(until, checkedAt))
            } else {
                obstacles.append(.backfill)
            }
        }
        return Coverage(
            completeSince: stretch?.since, completeUntil: stretch?.until,
            reachesBeginning: reachesBeginning && !isWorklogFeedShort,
            isBackfilling: backfill != nil || isWorklogFeedShort, obstacles: obstacles, confirmedUntil: confirmedAt,
            worklogsSince: worklogsReadFrom.flatMap { $0.milliseconds > 0 ? $0 : nil },
            isWorklogFeedShort: isWorklogFeedShort)
    }
}

extension CoverageCause {
    /// - Parameter permission: Jira's key of it.
    fileprivate init?(missing permission: String) {
        switch permission {
        case "BROWSE_PROJECTS": self = .browseProjectsMissing
        case "USER_PICKER": self = .userPickerMissing
        default: return nil
        }
    }
}

/// A walk through issues in the order of `updated`, newest first, page by page.
package struct Walk: Hashable, Sendable {
    package enum Extent: Hashable, Sendable {
        /// What has changed lately; nothing leaves it.
        case changes
        /// What was updated from `lower` to before `upper`; `nil` for no bound. An issue that changes leaves it.
        case window(lower: Instant?, upper: Instant?)
    }

    /// Its own among the walks of the site.
    package let number: Int
    package let extent: Extent
    /// The site's clock when it began.
    package let startedAt: Instant
    /// The same for all its pages.
    package let jql: String
    /// The next page; `nil` before the first one, and when it is through.
    package var pageToken: String?
    package var pages = 0
    /// How many issues it has shown.
    package var issues = 0
    package var isThrough = false

    package init(number: Int, extent: Extent, startedAt: Instant, jql: String) {
        self.number = number
        self.extent = extent
        self.startedAt = startedAt
        self.jql = jql
    }
}
