import Synchronization
import UsageModel

/// What all copies of a connection share: what was asked, and which endpoints have to be left alone for a while.
final class ConnectionState: Sendable {
    private struct State {
        var usage = SiteUsage()
        /// On the connection's own clock.
        var pausedUntil: [Endpoint: Duration] = [:]
        var issuesPerFetch = 1000
    }

    /// How many requests may be in flight here; within what the transport lets through for all sites.
    let gate: ConcurrencyGate
    private let state = Mutex(State())

    /// - Parameter concurrency: the most requests in flight that the site may come to.
    init(concurrency: Int) {
        gate = ConcurrencyGate(AdaptiveLimit(ceiling: concurrency))
    }

    /// How many issues the site hands out at once by their ids, as far as it has been found out.
    var issuesPerFetch: Int {
        get { state.withLock { $0.issuesPerFetch } }
        set { state.withLock { $0.issuesPerFetch = newValue } }
    }

    var usage: SiteUsage { state.withLock { $0.usage } }

    func countRequest(_ endpoint: Endpoint) {
        state.withLock { $0.usage.byEndpoint[endpoint, default: .init()].requests += 1 }
    }

    /// - Parameter points: what the try cost; a refused one costs nothing.
    func countAnswer(_ endpoint: Endpoint, isUseful: Bool, points: Int, rateLimit: RateLimitState?) {
        state.withLock {
            $0.usage.byEndpoint[endpoint, default: .init()].points += points
            if !isUseful { $0.usage.byEndpoint[endpoint, default: .init()].failures += 1 }
            if let rateLimit { $0.usage.rateLimit = rateLimit.following($0.usage.rateLimit) }
        }
    }

    func countRows(_ endpoint: Endpoint, points: Int) {
        state.withLock { $0.usage.byEndpoint[endpoint, default: .init()].points += points }
    }

    /// Has everybody leave an endpoint alone until then; never shortens what was said before.
    func pause(_ endpoint: Endpoint, until: Duration) {
        state.withLock { $0.pausedUntil[endpoint] = max($0.pausedUntil[endpoint] ?? .zero, until) }
    }

    func pauseEnd(_ endpoint: Endpoint) -> Duration? {
        state.withLock { $0.pausedUntil[endpoint] }
    }
}
