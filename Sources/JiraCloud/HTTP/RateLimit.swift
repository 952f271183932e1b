import NIOHTTP1
package import UsageModel

/// Why Jira answered 429.
package enum RateLimitReason: String, Hashable, Sendable {
    /// The app's points of this hour are spent on all its sites: all work must stop.
    case globalQuota
    /// The app's points of this hour are spent on this site: all work on it must stop.
    case tenantQuota
    /// Too many requests to one endpoint at once.
    case burst
    /// Not said.
    case unstated

    /// Where the reason is not named, a quota of which nothing is left is reason enough.
    init(_ headers: HTTPHeaders, now: Instant) {
        switch headers.first(name: "RateLimit-Reason") {
        case .none:
            let spent = QuotaNotice.all(headers, now: now).filter(\.isSpent).map(\.reach)
            self = spent.contains(.app) ? .globalQuota : spent.contains(.site) ? .tenantQuota : .unstated
        case .some(let text) where text.hasPrefix("jira-quota-tenant"): self = .tenantQuota
        // A quota that we do not know yet is taken for the widest one.
        case .some(let text) where text.hasPrefix("jira-quota-"): self = .globalQuota
        case .some(let text) where text.hasPrefix("jira-burst"): self = .burst
        case .some: self = .unstated
        }
    }

    /// Whether only the next hour helps.
    package var isQuota: Bool { self == .globalQuota || self == .tenantQuota }
}

/// What Jira last said about how much we may still ask.
///
/// Header names: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.
package struct RateLimitState: Hashable, Sendable {
    /// How many requests the endpoint takes that answered, in a burst. It says nothing of the points an hour.
    package let limit: Int?
    /// How many of `limit` are left.
    package let remaining: Int?
    package let resetsAt: Instant?
    /// Less than a fifth is left.
    package let isNearLimit: Bool
    /// Points an hour, as far as Jira has spoken of them: of each quota the newest that was said.
    package internal(set) var quotas: [QuotaNotice]
    /// When Jira said so, by our clock.
    package let seenAt: Instant

    package init(
        limit: Int? = nil, remaining: Int? = nil, resetsAt: Instant? = nil, isNearLimit: Bool = false,
        quotas: [QuotaNotice] = [], seenAt: Instant
    ) {
        self.limit = limit
        self.remaining = remaining
        self.resetsAt = resetsAt
        self.isNearLimit = isNearLimit
        self.quotas = quotas
        self.seenAt = seenAt
    }

    /// `nil` where the answer says nothing about limits.
    init?(_ headers: HTTPHeaders, now: Instant) {
        let nearLimit = headers.first(name: "X-RateLimit-NearLimit")
        self.init(
            limit: headers.first(name: "X-RateLimit-Limit").flatMap { Int($0) },
            remaining: headers.first(name: "X-RateLimit-Remaining").flatMap { Int($0) },
            resetsAt: headers.first(name: "X-RateLimit-Reset").flatMap { Instant($0) },
            isNearLimit: nearLimit?.lowercased() == "true",
            quotas: QuotaNotice.all(headers, now: now), seenAt: now)
        if limit == nil, remaining == nil, resetsAt == nil, nearLimit == nil, quotas.isEmpty { return nil }
    }

    /// With what an earlier answer said of quotas that this one does not speak of, as long as that holds.
    func following(_ earlier: RateLimitState?) -> RateLimitState {
        var state = self
        for notice in earlier?.quotas ?? [] where notice.remaining != nil {
            guard let end = notice.resetsAt, end > seenAt else { continue }
            let isSaidAnew = quotas.contains { $0.name == notice.name && $0.remaining != nil }
            guard !isSaidAnew else { continue }
            state.quotas.removeAll { $0.name == notice.name }
            state.quotas.append(notice)
        }
        return state
    }
}

/// When an answer says to come back.
struct ComeBack {
    private let retryAfter: Duration?
    private let reset: Duration?
    /// Until a quota of which nothing is left is full again.
    private let quotaRefill: Duration?

    init(_ headers: HTTPHeaders, now: Instant) {
        retryAfter = headers.first(name: "Retry-After").flatMap { Self.wait($0, now: now) }
        reset = headers.first(name: "X-RateLimit-Reset").flatMap { Instant($0) }.map {
            max(.zero, $0.duration(since: now))
        }
        quotaRefill = QuotaNotice.all(headers, now: now).filter(\.isSpent).compactMap(\.resetsAt).max().map {
            $0.duration(since: now)
        }
    }

    /// How long to leave alone whatever answered. `Retry-After` goes before the reset, which may be a wider limit's.
    var wait: Duration? { retryAfter ?? reset }

    /// When a spent quota is full again: the later of what was said, or else the next full hour.
    func quotaReset(now: Instant) -> Instant {
        let hour: Int64 = 3_600_000
        guard let wait = [retryAfter, reset, quotaRefill].compactMap({ $0 }).max() else {
            return Instant(milliseconds: (now.milliseconds / hour + 1) * hour)
        }
        return now + wait
    }

    /// Seconds, or a date as HTTP writes it. Source: RFC 9110, section 10.2.3.
    private static func wait(_ text: String, now: Instant) -> Duration? {
        if let seconds = Int64(text) {
            return seconds >= 0 ? .seconds(min(seconds, 86_400)) : nil
        }
        return Instant(httpDate: text).map { max(.zero, $0.duration(since: now)) }
    }
}

extension Instant {
    /// For example `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that RFC 9110, section 5.6.7 lets anybody write.
    init?(httpDate text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", words[1].utf8.count == 2,
            let month = months.firstIndex(where: { $0 == words[2] })
        else { return nil }
        self.init("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }
}
