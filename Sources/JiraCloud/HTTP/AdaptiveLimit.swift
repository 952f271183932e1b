/// How many requests may be in flight to a site: as many as it bears, found out by trying.
///
/// One more after each round of answers without complaint; half as many when the site refuses a burst or says when to
/// come back; one less when answers take twice as long as they do at their best. That is how TCP shares a line
/// (RFC 5681), and it stays below what Atlassian asks for: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.
package struct AdaptiveLimit: Sendable {
    /// Requests whose answers should take about as long: the same endpoint, and answers of about the same size.
    package struct RequestClass: Hashable, Sendable {
        let endpoint: Endpoint
        /// The binary order of magnitude of the answer's bytes.
        let magnitude: Int

        package init(_ endpoint: Endpoint, bytes: Int) {
            self.endpoint = endpoint
            magnitude = Int.bitWidth - max(bytes, 0).leadingZeroBitCount
        }
    }

    /// What the end of a request says about the site's load.
    package enum Sign: Hashable, Sendable {
        case answered(RequestClass, latency: Duration)
        /// A burst that was refused, or a site that says when to come back.
        case overloaded
        case nothing
    }

    private struct Latency {
        /// What an answer takes when nothing is in its way.
        var best: Duration
        /// Smoothed, since the limit last fell.
        var recent: Duration
        var count = 0
    }

    /// So many answers of one class say more than chance.
    private static let enough = 4
    /// Less than this is no sign of load, whatever multiple of the best it is.
    private static let tolerance: Duration = .milliseconds(100)

    package let ceiling: Int
    /// 1 to `ceiling`.
    package private(set) var limit: Int
    /// How often the limit fell. What was sent before it last did cannot make it fall again, so it falls once a round
    /// trip at most.
    package private(set) var falls = 0
    private var answers = 0
    private var latencies: [RequestClass: Latency] = [:]

    /// Starts at two, so that a site that bears little is not met with all we have.
    package init(ceiling: Int) {
        precondition(ceiling > 0, "a gate without permits would never open")
        self.ceiling = ceiling
        limit = min(2, ceiling)
    }

    /// A limit that nothing is told, and that so stays what it is.
    package init(fixed limit: Int) {
        precondition(limit > 0, "a gate without permits would never open")
        ceiling = limit
        self.limit = limit
    }

    /// - Parameters:
    ///   - falls: what `falls` was when the request was sent.
    ///   - isAlone: whether no other request was in flight while this one was.
    package mutating func take(_ sign: Sign, falls sentAfter: Int, isAlone: Bool) {
        switch sign {
        case .nothing: break
        case .overloaded:
            if sentAfter == falls { fall(to: limit / 2) }
        case .answered(let kind, let latency):
            guard sentAfter == falls else { return }
            switch pace(kind, latency, isAlone: isAlone) {
            case .slow: fall(to: limit - 1)
            // Too little to fall for, but nothing to rise for either.
            case .doubtful: break
            case .good: rise()
            }
        }
    }

    private mutating func rise() {
        answers += 1
        guard answers >= limit else { return }
        answers = 0
        limit = min(limit + 1, ceiling)
    }

    private mutating func fall(to lower: Int) {
        limit = max(1, lower)
        falls += 1
        answers = 0
        for kind in latencies.keys { latencies[kind]?.count = 0 }
    }

    private enum Pace {
        case good
        case doubtful
        case slow
    }

    /// Takes an answer's latency in, and says what has become of answers of its kind.
    ///
    /// An answer that had the site to itself shows what is possible now, also where that is worse than before; any other
    /// can only show that more is possible. So a site under our load is not taken for a slower one, and a site that
    /// became slower is measured anew once there is one request in flight.
    private mutating func pace(_ kind: RequestClass, _ latency: Duration, isAlone: Bool) -> Pace {
        var known = latencies[kind] ?? Latency(best: latency, recent: latency)
        if isAlone {
            known.best = latency
        } else if latency < known.best {
            // One lucky answer is no new measure.
            known.best += (latency - known.best) / 2
        }
        known.recent = known.count == 0 ? latency : known.recent + (latency - known.recent) / 4
        known.count += 1
        latencies[kind] = known
        let isLong = known.recent > known.best * 2 && known.recent - known.best > Self.tolerance
        guard !isAlone, isLong else { return .good }
        return known.count >= Self.enough ? .slow : .doubtful
    }
}
