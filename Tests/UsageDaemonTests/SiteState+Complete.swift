import UsageModel
import UsageStore

extension SiteState {
    /// Issues and worklogs are read of all that time.
    init(completeSince since: Instant, until: Instant) {
        self.init()
        (completeSince, completeUntil) = (since, until)
        (worklogsReadFrom, worklogsCheckedAt) = (Instant(milliseconds: 0), until)
    }
}
