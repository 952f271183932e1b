/// How often and how long to wait before asking again.
///
/// The figures are Atlassian's own advice: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.
package struct RetryPolicy: Hashable, Sendable {
    /// How often one request is sent at most, the first time included.
    package let tries: Int
    /// The wait before the second try; it doubles with each further one.
    package let base: Duration
    /// The longest wait of our own choosing, before jitter.
    package let cap: Duration
    /// What a wait is multiplied by, so that clients that failed together do not come back together.
    package let jitter: ClosedRange<Double>
    /// The longest wait that Jira may ask for before the request is given up and the caller told when to come back.
    package let patience: Duration

    package init(
        tries: Int = 4, base: Duration = .seconds(2), cap: Duration = .seconds(30),
        jitter: ClosedRange<Double> = 0.7...1.3, patience: Duration = .seconds(60)
    ) {
        precondition(tries >= 1 && base >= .zero && cap >= base && jitter.lowerBound >= 0, "no policy of that kind")
        self.tries = tries
        self.base = base
        self.cap = cap
        self.jitter = jitter
        self.patience = patience
    }

    /// The wait after so many failed tries, 1 or more: 2 s, 4 s, 8 s, … up to 30 s, each ×0.7–1.3, and never less than
    /// `minimum`, which Jira asked for.
    package func delay(
        afterTries failed: Int, atLeast minimum: Duration = .zero, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // 2^20 times any base that makes sense is above any cap that makes sense, and overflows nothing.
        let doubled = base * (1 << min(max(failed, 1) - 1, 20))
        return max(minimum, min(cap, doubled) * Double.random(in: jitter, using: &generator))
    }
}
