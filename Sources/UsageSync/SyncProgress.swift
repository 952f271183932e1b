import JiraCloud
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

    /// Where the counting began from which the speed is told.
    private struct Start: Hashable {
        let phase: Phase
        let at: Instant
        let done: Int
    }

    package var activity = Activity.idle
    package private(set) var phase: Phase?
    package var startedAt: Instant?
    /// Of the things that the phase counts; `total` is `nil` where Jira does not tell.
    package private(set) var done = 0
    package private(set) var total: Int?
    package var lastError: SyncFailure?
    /// When the next pass begins, or the waiting ends.
    package var resumesAt: Instant?
    private var start: Start?
    /// When it was last told how far it is.
    private var movedAt: Instant?

    package init() {}

    /// Takes in how far the present pass is.
    package mutating func move(to phase: Phase, done: Int, total: Int?, now: Instant) {
        (self.phase, self.done, self.total, movedAt) = (phase, done, total, now)
        // A catch-up between two parts of a phase is part of what that phase takes.
        if phase != .changes, start?.phase != phase { start = Start(phase: phase, at: now, done: done) }
    }

    /// The same, where so many issues are stored: those that earlier passes have read lie behind it too.
    package func counting(storedIssues: Int) -> SyncProgress {
        guard phase == .history, let total, let start else { return self }
        var progress = self
        progress.done = max(done, min(storedIssues, total))
        progress.start = Start(phase: start.phase, at: start.at, done: start.done + progress.done - done)
        return progress
    }

    // MARK: - When it will be done

    /// The points that may be spent from now on.
    package struct Points: Hashable, Sendable {
        /// Until `resetsAt`.
        package let left: Int
        package let perHour: Int
        package let resetsAt: Instant

        package init(left: Int, perHour: Int, resetsAt: Instant) {
            self.left = left
            self.perHour = perHour
            self.resetsAt = resetsAt
        }
    }

    /// When the present phase will be done: at the speed so far, and with the hours for whose points it has to wait;
    /// `nil` where that cannot be told.
    package func eta(now: Instant, points: Points) -> Instant? {
        guard let phase, let total, let start, start.phase == phase, let movedAt, activity != .paused else {
            return nil
        }
        let end = activity == .running ? now : movedAt
        let elapsed = Double(end.duration(since: start.at).inMilliseconds)
        guard done > start.done, done < total, elapsed > 0 else { return nil }
        let pace = Pace(
            perMillisecond: Double(done - start.done) / elapsed, price: phase.price, perHour: points.perHour)
        let goesOnAt = activity == .running ? now : max(now, resumesAt ?? now)
        return pace.end(of: Double(total - done), from: goesOnAt, points: points)
    }

    /// How fast things are done, where each has its price and no hour has more than so many points.
    private struct Pace {
        let perMillisecond: Double
        let price: Double
        let perHour: Int

        private static let hour: Int64 = 3_600_000
        /// Beyond this nobody can tell, and a sum would leave what an instant can hold.
        private static let longest = 1e12

        func end(of things: Double, from now: Instant, points: Points) -> Instant? {
            let isNewHour = now >= points.resetsAt
            let turn =
                isNewHour ? Instant(milliseconds: (now.milliseconds / Self.hour + 1) * Self.hour) : points.resetsAt
            let first = most(in: turn.duration(since: now).inMilliseconds, points: isNewHour ? perHour : points.left)
            guard things > first else { return now + .milliseconds(Int64(min(Self.longest, things / perMillisecond))) }
            let each = most(in: Self.hour, points: perHour)
            let hours = max(0, ((things - first) / each).rounded(.up) - 1)
            let rest = Double(Self.hour) * hours + (things - first - each * hours) / perMillisecond
            return rest <= Self.longest ? turn + .milliseconds(Int64(rest)) : nil
        }

        private func most(in milliseconds: Int64, points: Int) -> Double {
            min(Double(max(0, points)) / price, perMillisecond * Double(milliseconds))
        }
    }
}

extension SyncProgress.Phase {
    /// Points for one of the things that it counts.
    fileprivate var price: Double {
        switch self {
        case .users: 2
        case .history: PlanPrice.issue.points
        case .access: Double(RequestPrice.access.points)
        case .connecting, .changes, .worklogs, .proof: 1
        }
    }
}
