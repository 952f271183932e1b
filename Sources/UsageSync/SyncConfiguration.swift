import UsageModel

/// How a site is synced.
package struct SyncConfiguration: Hashable, Sendable {
    /// Between the end of one pass and the start of the next.
    package let interval: Duration
    /// How far back activity is collected; `nil` for everything.
    package let history: Duration?
    /// The window for which the answer is to be there first.
    package let threshold: Duration
    /// Requests in flight at once, 1 or more.
    package let concurrency: Int
    /// Atlassian's points that may be spent in an hour: what a plan costs is weighed against them.
    package let pointsPerHour: Int
    /// How long an activity is kept, `history` or longer; `nil` for ever.
    package let retention: Duration?

    package init(
        interval: Duration, history: Duration?, threshold: Duration = .days(90), concurrency: Int = 8,
        pointsPerHour: Int = .max, retention: Duration? = nil
    ) {
        self.interval = interval
        self.history = history
        self.threshold = threshold
        self.concurrency = max(1, concurrency)
        self.pointsPerHour = max(1, pointsPerHour)
        self.retention = retention
    }

    /// So many objects one answer may hold, for several to fit into an hour's points.
    var largestAnswer: Int { min(1000, max(20, pointsPerHour / 10)) }
}
