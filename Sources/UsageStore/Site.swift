package import UsageModel

/// The store's own number for a site; it means nothing outside this file's tables.
package struct SiteKey: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A site that is connected: whom it belongs to is the account that consented for it.
package struct Site: Hashable, Sendable {
    package let key: SiteKey
    package let cloudID: CloudID
    package let name: String
    /// For example `https://example.atlassian.net`, without a slash at the end.
    package let url: String
    package let grantAccount: AccountID
    package let connectedAt: Instant

    package init(
        key: SiteKey, cloudID: CloudID, name: String, url: String, grantAccount: AccountID, connectedAt: Instant
    ) {
        self.key = key
        self.cloudID = cloudID
        self.name = name
        self.url = url
        self.grantAccount = grantAccount
        self.connectedAt = connectedAt
    }
}

/// How far the sync of one site has come. It is written in the transaction of the data it speaks of.
package struct SiteState: Hashable, Sendable {
    /// A walk back through the site's issues, newest `updated` first.
    package struct Backfill: Hashable, Sendable {
        /// The site's clock when the walk began.
        package var startedAt: Instant
        /// How far back it goes; `nil` for the site's first issue.
        package var floor: Instant?
        /// Every issue with a later `updated` has been read.
        package var frontier: Instant
        /// The JQL whose pages are walked, and the token of the next page; `nil` where a new walk has to begin at
        /// the frontier.
        package var query: String?
        package var pageToken: String?

        package init(startedAt: Instant, floor: Instant?, frontier: Instant) {
            self.startedAt = startedAt
            self.floor = floor
            self.frontier = frontier
        }
    }

    /// Everything in (`completeSince`, `completeUntil`] is known; both or neither.
    package var completeSince: Instant?
    package var completeUntil: Instant?
    package var reachesBeginning = false
    package var backfill: Backfill?
    /// The worklog feed has been read up to here.
    package var worklogsReadUntil: Instant?
    /// When directory and permissions were read.
    package var rosterReadAt: Instant?
    /// When a catch-up last looked back over the long overlap, for what Jira's index showed late.
    package var trailedAt: Instant?
    /// Keys of permissions that the account who consented lacks, for example `USER_PICKER`.
    package var missingPermissions: [String] = []
    /// The site's clock minus ours.
    package var clockOffset: Duration = .zero
    /// When the last whole pass was completed, by the site's clock.
    package var lastCompletedAt: Instant?
    /// Counts the transactions that changed this site.
    package var changeNumber: Int64 = 0

    package init() {}

    package var coverage: Coverage {
        Coverage(
            completeSince: completeSince, completeUntil: completeUntil, reachesBeginning: reachesBeginning,
            isBackfilling: backfill != nil || completeSince == nil,
            obstacles: missingPermissions.compactMap {
                switch $0 {
                case "BROWSE_PROJECTS": .browseProjectsMissing
                case "USER_PICKER": .userPickerMissing
                default: nil
                }
            })
    }
}
