package import UsageModel

/// What the sync of one site is doing, for whoever asks.
package struct SyncProgress: Hashable, Sendable {
    /// The raw value is the word on the wire.
    package enum Activity: String, Sendable {
        /// Nothing to do until the next pass.
        case idle
        case running
        /// For the site's or our own limit to pass.
        case waiting
        /// For an administrator: the grant is gone.
        case paused
        /// The last pass ended with an error; the next one is due.
        case failed
    }

    package enum Phase: String, Sendable {
        case connecting, users, changes, history, worklogs, proof, access
    }

    package var activity = Activity.idle
    package var phase: Phase?
    package var startedAt: Instant?
    /// Of the things that the phase counts; `total` is `nil` where Jira does not tell.
    package var done = 0
    package var total: Int?
    package var lastError: SyncFailure?
    /// When the next pass begins, or the waiting ends.
    package var resumesAt: Instant?
    var phaseStartedAt: Instant?
    /// What had been done of the phase's things when it began.
    var doneAtStart = 0

    /// When the present phase will be done at the speed so far; `nil` where that cannot be told.
    package func eta(now: Instant) -> Instant? {
        guard let total, let phaseStartedAt, done > doneAtStart, done < total else { return nil }
        let elapsed = now.duration(since: phaseStartedAt)
        return now + elapsed * (Double(total - done) / Double(done - doneAtStart))
    }

    package init() {}
}
