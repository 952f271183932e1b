import Foundation
import UsageModel

/// The zone in which Jira reads the dates of JQL: that of the profile of the account that asks
/// (<https://support.atlassian.com/jira-software-cloud/docs/jql-fields/>).
///
/// JQL knows neither offsets nor seconds, so a bound has to be a local minute that means one instant only. The hours
/// around a change of clocks are avoided: a bound there is moved back until it is clear of them.
struct ProfileZone: Sendable {
    /// `nil` where Jira does not tell, or tells a zone that is not known here.
    private let zone: TimeZone?

    init(identifier: String?) {
        zone = identifier.flatMap { TimeZone(identifier: $0) }
    }

    /// How far the reading of a date may be off: zones lie between 12 hours behind UTC and 14 hours before it.
    private var doubt: Duration { zone == nil ? .seconds(14 * 3600) : .zero }

    /// A whole minute at or before `instant` that a literal can name without doubt: its own, or one some hours earlier
    /// where clocks change about then.
    func bound(atOrBefore instant: Instant) -> Instant {
        var bound = Instant(milliseconds: floored(instant.milliseconds, to: 60_000))
        while offset(at: bound - Self.clearance) != offset(at: bound + Self.clearance) {
            bound = bound - Self.clearance
        }
        return bound
    }

    /// The bound for `instant` whose `claim` is at or before it.
    func bound(claiming instant: Instant) -> Instant { bound(atOrBefore: instant - doubt) }

    /// A bound as JQL, for example `"2026-11-23 16:00"`.
    func literal(_ bound: Instant) -> String {
        let local = (bound + .milliseconds(offset(at: bound))).description
        return "\"\(local.prefix(10)) \(local.dropFirst(11).prefix(5))\""
    }

    /// A literal that is at or before `instant` whatever the zone may be.
    func literal(atOrBefore instant: Instant) -> String {
        literal(bound(claiming: instant))
    }

    /// From which instant on `literal(bound)` surely holds.
    func claim(_ bound: Instant) -> Instant { bound + doubt }

    /// The first day that begins after `instant`: its name, for example `2026/11/24`, and its beginning. Where the zone is
    /// not known, days are those of UTC.
    func day(after instant: Instant) -> (name: String, start: Instant) {
        day(localMidnight: midnight(atOrBefore: instant) + Self.dayLength)
    }

    /// The day in which `instant` lies. Where the zone is not known, one that has begun by then wherever Jira may be, and
    /// the latest instant at which it may have: what lies before that perhaps nobody is asked about.
    func day(of instant: Instant) -> (name: String, start: Instant) {
        let latest: Duration = zone == nil ? Self.farthestBehind : .zero
        let day = day(localMidnight: midnight(atOrBefore: instant - latest))
        return (day.name, day.start + latest)
    }

    private func midnight(atOrBefore instant: Instant) -> Int64 {
        floored(instant.milliseconds + offset(at: instant), to: Self.dayLength)
    }

    private static let dayLength: Int64 = 86_400_000
    /// No zone is farther behind UTC, and so in none a day begins later.
    private static let farthestBehind = Duration.seconds(12 * 3600)

    private func day(localMidnight midnight: Int64) -> (name: String, start: Instant) {
        let name = Instant(milliseconds: midnight).description.prefix(10).replacing("-", with: "/")
        // The offset at a moment near midnight is that of midnight but for the day on which clocks change, and then
        // the later of the two instants is meant, which claims less.
        let near = Instant(milliseconds: midnight)
        let offsets = [near - .seconds(14 * 3600), near, near + .seconds(14 * 3600)].map(offset(at:))
        return (String(name), Instant(milliseconds: midnight - (offsets.min() ?? 0)))
    }

    /// In milliseconds, before UTC.
    private func offset(at instant: Instant) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        return Int64(zone?.secondsFromGMT(for: date) ?? 0) * 1000
    }

    private func floored(_ value: Int64, to step: Int64) -> Int64 {
        value - ((value % step) + step) % step
    }

    /// No clock is changed by more than this.
    private static let clearance = Duration.seconds(3 * 3600)
}
