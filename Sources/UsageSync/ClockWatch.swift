import UsageModel

/// Notices that our clock has been set, after which nothing is right any more that was found out about the site's.
struct ClockWatch: Sendable {
    /// Less is what keeps a clock right.
    private static let tolerance = Duration.seconds(5)

    private let uptime: @Sendable () -> Duration
    private var seen: (now: Instant, uptime: Duration)?

    /// - Parameter clock: one that nobody sets.
    init(clock: any Clock<Duration>) {
        func uptime<C: Clock>(of clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
            let start = clock.now
            return { start.duration(to: clock.now) }
        }
        self.uptime = uptime(of: clock)
    }

    /// Whether it has been since this was asked last, or may have been because nobody has asked yet.
    mutating func wasSet(now: Instant) -> Bool {
        let uptime = uptime()
        defer { seen = (now, uptime) }
        guard let seen else { return true }
        let drift = now.duration(since: seen.now) - (uptime - seen.uptime)
        return max(drift, .zero - drift) > Self.tolerance
    }

    /// What was found out was not written down.
    mutating func forget() { seen = nil }
}
