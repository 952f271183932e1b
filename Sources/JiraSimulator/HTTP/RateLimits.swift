/// Atlassian's two limits on requests: points an hour and a burst for each resource
/// (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/).
struct RateLimits: Sendable {
    /// `nil`: points are counted, not limited.
    private let pointsPerHour: Int?
    private let burst: BurstLimit
    private var hour = Moment(milliseconds: 0)
    private var spent = 0
    private var buckets: [String: Bucket] = [:]

    private struct Bucket {
        var tokens: Double
        var filled: Moment
    }

    init(pointsPerHour: Int?, burst: BurstLimit) {
        self.pointsPerHour = pointsPerHour
        self.burst = burst
    }

    /// Says whether a request may pass, and takes it out of its bucket.
    ///
    /// - Parameters:
    ///   - route: resource and method, which have a bucket of their own.
    ///   - rate: how many a second Jira documents for it.
    mutating func admit(_ route: String, rate: Int, now: Moment) throws(Refusal) {
        turnHour(now)
        if let pointsPerHour, spent >= pointsPerHour { throw quotaExceeded(pointsPerHour, now) }
        guard let limit = burst.limit(documented: rate) else { return }
        var bucket = buckets[route] ?? Bucket(tokens: Double(limit), filled: now)
        let seconds = Double(now.milliseconds - bucket.filled.milliseconds) / 1000
        bucket.tokens = min(Double(limit), bucket.tokens + seconds * Double(limit))
        bucket.filled = now
        defer { buckets[route] = bucket }
        guard bucket.tokens >= 1 else { throw Self.burstExceeded(limit) }
        bucket.tokens -= 1
    }

    /// Counts what an answer cost and returns the headers that tell of the limits.
    mutating func spend(_ points: Int, rate: Int, route: String, now: Moment) -> [(name: String, value: String)] {
        turnHour(now)
        spent += points
        let limit = burst.limit(documented: rate) ?? rate
        let left = buckets[route].map { Int($0.tokens) } ?? limit
        var headers = [
            (name: "X-RateLimit-Limit", value: "\(limit)"), (name: "X-RateLimit-Remaining", value: "\(left)"),
            (name: "X-RateLimit-NearLimit", value: left * 5 < limit ? "true" : "false"),
        ]
        let quota = pointsPerHour ?? Self.tierOneQuota
        headers.append((name: "Beta-RateLimit-Policy", value: "\"global-app-quota\";q=\(quota);w=3600"))
        if spent * 5 > quota * 4 {
            let rest = "\"global-app-quota\";r=\(max(quota - spent, 0));t=\(secondsToNextHour(now))"
            headers.append((name: "Beta-RateLimit", value: rest))
        }
        return headers
    }

    /// Points that an application without a review has each hour.
    private static let tierOneQuota = 65_000

    private mutating func turnHour(_ now: Moment) {
        guard now.startOfHour != hour else { return }
        hour = now.startOfHour
        spent = 0
    }

    private func secondsToNextHour(_ now: Moment) -> Int64 {
        (now.startOfHour.milliseconds + 3_600_000 - now.milliseconds + 999) / 1000
    }

    private func quotaExceeded(_ quota: Int, _ now: Moment) -> Refusal {
        let seconds = secondsToNextHour(now)
        return Self.tooMany([
            ("Retry-After", "\(seconds)"), ("X-RateLimit-Limit", "\(quota)"), ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", now.startOfHour.advanced(bySeconds: 3600).rfc3339),
            ("RateLimit-Reason", "jira-quota-global-based"),
            ("Beta-RateLimit-Policy", "\"global-app-quota\";q=\(quota);w=3600"),
            ("Beta-RateLimit", "\"global-app-quota\";r=0;t=\(seconds)"),
        ])
    }

    static func burstExceeded(_ limit: Int) -> Refusal {
        tooMany([
            ("Retry-After", "1"), ("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "0"),
            ("RateLimit-Reason", "jira-burst-based"),
        ])
    }

    static func tooMany(_ headers: [(name: String, value: String)]) -> Refusal {
        var refusal = Refusal.jira(429, "Rate limit exceeded.")
        refusal.reply.headers = headers
        return refusal
    }
}

/// How many requests a second each resource takes.
package enum BurstLimit: Sendable, Equatable {
    case off
    /// As Jira documents for each.
    case documented
    case perSecond(Int)

    fileprivate func limit(documented: Int) -> Int? {
        switch self {
        case .off: nil
        case .documented: documented
        case .perSecond(let limit): limit
        }
    }
}
