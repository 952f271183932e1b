package import JiraCloud
package import UsageModel
package import UsageStore

/// Whose points are meant.
package enum QuotaScope: Hashable, Sendable {
    /// Those of our app on all sites together.
    case app
    /// Those of our app on one site.
    case site(CloudID)
}

/// Points that one caller may spend. Whoever reserved must settle, also where the request came to nothing.
package struct PointsReservation: Hashable, Sendable {
    fileprivate let id: UInt64
    package let site: CloudID
    package let points: Int
}

/// What becomes of the wish to spend points.
package enum PointsDecision: Hashable, Sendable {
    case granted(PointsReservation)
    /// Ask again then. It is a moment only where nothing but what others have reserved is in the way.
    case refused(until: Instant)
    /// Never: no hour has more than so many.
    case tooMuch(limit: Int)
}

/// The points of Atlassian's quota: spent, reserved and left. A value; `PointsBudget` shares it.
///
/// The quota belongs to the app, and so to all sites together; it starts anew at the top of each hour of UTC, and
/// nothing is carried over: <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>. What is reserved
/// counts as spent until it is settled, and then counts in the hour of the settlement as well as in that of the
/// reservation, since nobody knows in which of the two Atlassian booked it.
package struct PointsQuota: Sendable {
    /// What Jira itself said of the rest of a quota.
    private struct Ceiling {
        let scope: QuotaScope
        let source: Source
        let until: Instant
        let seenAt: Instant
        var left: Int
    }

    private enum Source: Hashable {
        case notice(String)
        case refusal
    }

    private struct Policy: Hashable {
        let scope: QuotaScope
        let name: String
    }

    /// Something that no reservation may go beyond: what is left of it before reservations, and until when.
    private struct Bound {
        let scope: QuotaScope
        let left: Int
        let until: Instant
    }

    private static let hourLength: Int64 = 3_600_000
    /// Long enough for an answer or two.
    private static let moment: Duration = .seconds(1)

    private let perHour: Int
    private var hour = Int64.min
    /// Settled in this hour. `nil` for what was booked for no site in particular.
    private var booked: [CloudID?: Int] = [:]
    private var reservations: [UInt64: PointsReservation] = [:]
    private var nextID: UInt64 = 0
    private var ceilings: [Ceiling] = []
    private var policies: [Policy: Int] = [:]

    /// - Parameters:
    ///   - perHour: points, 1 or more: what we allow ourselves, whatever Atlassian would allow.
    ///   - spent: what an earlier quota had come to.
    package init(perHour: Int, spent: SpentPoints? = nil) {
        precondition(perHour > 0, "without points nothing could ever be asked")
        self.perHour = perHour
        guard let spent else { return }
        hour = Self.number(spent.hour)
        booked = [nil: spent.points]
    }

    // MARK: - Spending

    /// Sets points aside, for a request that has not been sent.
    ///
    /// - Parameters:
    ///   - points: what it costs at most.
    ///   - least: with how many the caller would make do, by asking for less; as a rule with no fewer.
    ///   - now: by the site's clock, as far as it is known.
    package mutating func reserve(
        _ points: Int, atLeast least: Int? = nil, for site: CloudID, now: Instant
    ) -> PointsDecision {
        turn(now)
        let least = min(least ?? points, points)
        let most = min(limit, policy(of: .site(site)) ?? .max)
        guard least <= most else { return .tooMuch(limit: most) }
        let bounds = bounds(for: site)
        let room = room(in: bounds)
        guard room >= least else { return .refused(until: comeBack(for: least, bounds, now)) }
        let reservation = PointsReservation(id: nextID, site: site, points: min(points, room))
        nextID += 1
        reservations[reservation.id] = reservation
        return .granted(reservation)
    }

    /// Ends a reservation. A second time it does nothing.
    ///
    /// - Parameter actual: what was spent, at least as far as is known. Where nobody knows whether Atlassian acted on
    ///   the request, all that was reserved.
    package mutating func settle(_ reservation: PointsReservation, actual: Int, now: Instant) {
        guard reservations.removeValue(forKey: reservation.id) != nil else { return }
        book(actual, on: reservation.site, now: now)
    }

    /// Counts what was spent without a reservation.
    ///
    /// - Returns: when to go on, where no point is left; otherwise `nil`.
    package mutating func spend(_ points: Int, now: Instant) -> Instant? {
        book(points, on: nil, now: now)
        let bounds = bounds(for: nil)
        return room(in: bounds) > 0 ? nil : comeBack(for: 1, bounds, now)
    }

    private mutating func book(_ points: Int, on site: CloudID?, now: Instant) {
        turn(now)
        booked[site, default: 0] += points
        for index in ceilings.indices where ceilings[index].scope.covers(site) { ceilings[index].left -= points }
    }

    // MARK: - What Jira says

    /// Takes over what an answer said of quotas. To be called at once, and after that answer's own points have been
    /// settled: they are in what it says.
    package mutating func note(_ rateLimit: RateLimitState, from site: CloudID, now: Instant) {
        turn(now)
        for notice in rateLimit.quotas {
            let scope: QuotaScope =
                switch notice.reach {
                case .app: .app
                case .site: .site(site)
                }
            if let limit = notice.limit, notice.window ?? .seconds(3600) == .seconds(3600) {
                policies[Policy(scope: scope, name: notice.name)] = limit
            }
            if let left = notice.remaining, let until = notice.resetsAt {
                cap(scope, .notice(notice.name), left: left, until: until, seenAt: notice.seenAt, now)
            }
        }
    }

    /// Takes over a refusal: nothing more until then.
    package mutating func exhausted(until: Instant, scope: QuotaScope, now: Instant) {
        turn(now)
        cap(scope, .refusal, left: 0, until: until, seenAt: now, now)
    }

    private mutating func cap(
        _ scope: QuotaScope, _ source: Source, left: Int, until: Instant, seenAt: Instant, _ now: Instant
    ) {
        var left = left
        if let index = ceilings.firstIndex(where: { $0.scope == scope && $0.source == source }) {
            let known = ceilings[index]
            // The same words again, or older ones that come late, do not give back what was spent since.
            guard seenAt >= known.seenAt else { return }
            if seenAt == known.seenAt { left = min(left, known.left) }
            ceilings.remove(at: index)
        }
        guard until > now else { return }
        ceilings.append(Ceiling(scope: scope, source: source, until: until, seenAt: seenAt, left: left))
    }

    // MARK: - Looking

    /// Points of this hour that are spent and settled, on all sites.
    package func used(now: Instant) -> Int {
        Self.number(now) > hour ? 0 : booked.values.reduce(0, +)
    }

    /// What was spent in this hour and what is set aside, which may have been spent too by the time that anybody asks.
    package mutating func spent(now: Instant) -> SpentPoints {
        turn(now)
        return SpentPoints(
            hour: Instant(milliseconds: hour * Self.hourLength), points: used(now: now) + reserved)
    }

    /// Points that are reserved and not yet settled, on all sites.
    package var reserved: Int { reserved(.app) }

    /// Points an hour, on all sites: ours to give, or fewer where Atlassian says so.
    package var limit: Int { min(perHour, policy(of: .app) ?? .max) }

    /// When the next hour begins.
    package func resetsAt(now: Instant) -> Instant { Self.end(of: max(hour, Self.number(now))) }

    /// How many points could be reserved for a site now.
    package mutating func available(for site: CloudID, now: Instant) -> Int {
        turn(now)
        return max(0, room(in: bounds(for: site)))
    }

    // MARK: - Arithmetic

    private static func number(_ now: Instant) -> Int64 { now.milliseconds / hourLength }
    private static func end(of hour: Int64) -> Instant { Instant(milliseconds: (hour + 1) * hourLength) }

    /// Begins a new hour where one has begun. Clocks of two sites differ a little: that one of them is still in the
    /// hour before is no new hour. One that goes back by more was set right, and takes along what was spent.
    private mutating func turn(_ now: Instant) {
        let number = Self.number(now)
        if number > hour {
            hour = number
            booked = [:]
        } else if hour > number + 1 {
            hour = number
        }
        ceilings.removeAll { $0.until <= now }
    }

    /// Atlassian's points an hour; `nil` where it has not said.
    private func policy(of scope: QuotaScope) -> Int? {
        policies.filter { $0.key.scope == scope }.values.min()
    }

    private func bounds(for site: CloudID?) -> [Bound] {
        var bounds = [Bound(scope: .app, left: limit - booked.values.reduce(0, +), until: Self.end(of: hour))]
        if let site, let limit = policy(of: .site(site)) {
            bounds.append(Bound(scope: .site(site), left: limit - (booked[site] ?? 0), until: Self.end(of: hour)))
        }
        for ceiling in ceilings where ceiling.scope.covers(site) {
            bounds.append(Bound(scope: ceiling.scope, left: ceiling.left, until: ceiling.until))
        }
        return bounds
    }

    private func room(in bounds: [Bound]) -> Int {
        bounds.reduce(Int.max) { min($0, $1.left - reserved($1.scope)) }
    }

    private func comeBack(for points: Int, _ bounds: [Bound], _ now: Instant) -> Instant {
        bounds.reduce(now + Self.moment) { $1.left < points ? max($0, $1.until) : $0 }
    }

    private func reserved(_ scope: QuotaScope) -> Int {
        reservations.values.reduce(0) { scope.covers($1.site) ? $0 + $1.points : $0 }
    }
}

extension QuotaScope {
    /// Whether points spent on a site are points of this quota. What is spent on no site in particular is the app's.
    fileprivate func covers(_ site: CloudID?) -> Bool {
        switch self {
        case .app: true
        case .site(let own): own == site
        }
    }
}
