import Foundation
import Testing
import UsageModel

@testable import UsageSync

/// What Foundation, and with it the tz database, knows of a zone.
private struct Clock {
    let zone: TimeZone
    private let calendar: Calendar

    init(_ identifier: String) throws {
        zone = try #require(TimeZone(identifier: identifier))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        self.calendar = calendar
    }

    func offset(at instant: Instant) -> Duration { .seconds(zone.secondsFromGMT(for: instant.date)) }

    /// All instants at which a clock of this zone shows this, for example `"2026-11-23 16:00"` in quotes.
    func meanings(of literal: String) throws -> Set<Instant> {
        let text = literal.trimmingCharacters(in: ["\""]).replacing(" ", with: "T") + "Z"
        let shown = try #require(Instant(text))
        let offsets = stride(from: -36, through: 36, by: 1).map { offset(at: shown + .seconds($0 * 3600)) }
        return Set(offsets.map { shown - $0 }.filter { $0 + offset(at: $0) == shown })
    }

    /// The name and the beginning of the local day `number` days after the one in which `instant` lies.
    func day(of instant: Instant, plus number: Int = 0) throws -> (name: String, start: Instant) {
        var fields = calendar.dateComponents([.year, .month, .day], from: instant.date)
        // Noon: no clock is changed then.
        fields.hour = 12
        let noon = try #require(
            calendar.date(from: fields).flatMap { calendar.date(byAdding: .day, value: number, to: $0) })
        let day = calendar.dateComponents([.year, .month, .day], from: noon)
        let start = calendar.startOfDay(for: noon).timeIntervalSince1970
        let name = String(format: "%04d/%02d/%02d", day.year ?? 0, day.month ?? 0, day.day ?? 0)
        return (name, Instant(milliseconds: Int64(start * 1000)))
    }

    /// Every change of clocks in a year.
    func changes(in year: Int) throws -> [Instant] {
        let start = try #require(Instant("\(year)-01-01"))
        var changes: [Instant] = []
        while let next = zone.nextDaylightSavingTimeTransition(after: (changes.last ?? start).date) {
            let change = Instant(milliseconds: Int64(next.timeIntervalSince1970 * 1000))
            guard change < start + .days(365) else { break }
            changes.append(change)
        }
        return changes
    }
}

extension Instant {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

@Suite("The zone of the profile", .timeLimit(.minutes(2)))
struct ProfileZoneTests {
    /// West and east, by an hour and by half of one, at night and at midnight, with a day that is missing and none.
    private static let zones = [
        "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "America/Santiago", "America/Havana",
        "Africa/Cairo", "Asia/Beirut", "Pacific/Auckland", "Pacific/Chatham", "America/Adak", "Pacific/Kiritimati",
        "Asia/Kathmandu", "Etc/GMT+12", "UTC",
    ]

    /// Instants all over a year, close together where clocks change.
    private func instants(_ clock: Clock) throws -> [Instant] {
        let start = try instant("2026-01-01") + .milliseconds(12_345)
        let all = (0..<1460).map { start + .seconds($0 * 6 * 3600 + $0 % 7 * 611) }
        let close = try clock.changes(in: 2026).flatMap { change in
            (-160...160).map { change + .seconds($0 * 600) } + [change - .milliseconds(1), change + .milliseconds(1)]
        }
        return (all + close).sorted()
    }

    // MARK: - Bounds

    @Test("a bound as text means one instant, the bound itself, at or before what was asked for", arguments: zones)
    func unambiguous(identifier: String) throws {
        let (zone, clock) = (ProfileZone(identifier: identifier), try Clock(identifier))
        for instant in try instants(clock) {
            let bound = zone.bound(atOrBefore: instant)
            #expect(bound <= instant && zone.bound(atOrBefore: bound) == bound, "\(instant)")
            #expect(bound.milliseconds.isMultiple(of: 60_000))
            #expect(try clock.meanings(of: zone.literal(bound)) == [bound], "\(instant)")
        }
    }

    @Test(
        "away from changes of clocks a bound is the minute itself, and near them a few hours earlier", arguments: zones)
    func close(identifier: String) throws {
        let (zone, clock) = (ProfileZone(identifier: identifier), try Clock(identifier))
        let changes = try clock.changes(in: 2026)
        for instant in try instants(clock) {
            let minute = Instant(milliseconds: instant.milliseconds / 60_000 * 60_000)
            let isNear = changes.contains { abs(minute.duration(since: $0).inMilliseconds) <= 3 * 3_600_000 }
            let bound = zone.bound(atOrBefore: instant)
            if isNear {
                #expect(minute.duration(since: bound) <= .seconds(6 * 3600), "\(instant)")
            } else {
                #expect(bound == minute, "\(instant)")
            }
        }
    }

    @Test(
        "a bound is written as a clock of the zone shows it",
        arguments: [
            ("2026-01-15T12:00:59.999Z", "Europe/Berlin", "\"2026-01-15 13:00\""),
            ("2026-07-15T12:00Z", "Europe/Berlin", "\"2026-07-15 14:00\""),
            ("2026-07-15T23:30Z", "Asia/Kathmandu", "\"2026-07-16 05:15\""),
            ("2026-01-01T02:00Z", "America/New_York", "\"2025-12-31 21:00\""),
            // The night in which 02:00 to 03:00 does not exist, and the one in which it comes twice.
            ("2026-03-29T00:59Z", "Europe/Berlin", "\"2026-03-28 22:59\""),
            ("2026-03-29T03:59Z", "Europe/Berlin", "\"2026-03-28 22:59\""),
            ("2026-03-29T04:00Z", "Europe/Berlin", "\"2026-03-29 06:00\""),
            ("2026-10-25T00:30Z", "Europe/Berlin", "\"2026-10-24 23:30\""),
            ("2026-10-25T01:30Z", "Europe/Berlin", "\"2026-10-24 21:30\""),
            // Half an hour twice.
            ("2026-04-04T14:45Z", "Australia/Lord_Howe", "\"2026-04-04 22:45\""),
            ("1969-12-31T23:59:30Z", "UTC", "\"1969-12-31 23:59\""),
            ("2026-01-15T12:00:59Z", nil, "\"2026-01-15 12:00\""),
            ("2026-01-15T12:00:59Z", "Mars/Olympus", "\"2026-01-15 12:00\""),
        ] as [(String, String?, String)])
    func literals(text: String, identifier: String?, literal: String) throws {
        let zone = ProfileZone(identifier: identifier)
        #expect(zone.literal(zone.bound(atOrBefore: try instant(text))) == literal)
    }

    @Test("of a zone that is known a literal holds from its bound on", arguments: zones)
    func knownClaim(identifier: String) throws {
        let zone = ProfileZone(identifier: identifier)
        let bound = zone.bound(claiming: try instant("2026-06-15T12:34:56Z"))
        #expect(bound == (try instant("2026-06-15T12:34Z")))
        #expect(zone.claim(bound) == bound)
    }

    @Test("where the zone is unknown a literal is early enough, and its claim late enough, for every zone there is")
    func unknownClaim() throws {
        let unknown = ProfileZone(identifier: nil)
        let asked = try instant("2026-06-15T12:34:56Z")
        let bound = unknown.bound(claiming: asked)
        #expect(unknown.claim(bound) <= asked && asked.duration(since: unknown.claim(bound)) < .seconds(60))
        #expect(unknown.literal(atOrBefore: asked) == unknown.literal(bound))
        for hours in -12...14 {
            // What stands behind POSIX's Etc zones is west of UTC.
            let clock = try Clock("Etc/GMT\(hours > 0 ? "-" : "+")\(hours.magnitude)")
            for meaning in try clock.meanings(of: unknown.literal(bound)) {
                #expect(meaning <= asked, "\(hours)")
                #expect(meaning <= unknown.claim(bound), "\(hours)")
            }
        }
    }

    // MARK: - Days

    @Test(
        "a day has the name that the calendar gives it, and begins then or, about a change of clocks, an hour later",
        arguments: zones)
    func days(identifier: String) throws {
        let (zone, clock) = (ProfileZone(identifier: identifier), try Clock(identifier))
        let changes = try clock.changes(in: 2026)
        for instant in try instants(clock) {
            for (day, number) in [(zone.day(of: instant), 0), (zone.day(after: instant), 1)] {
                let wanted = try clock.day(of: instant, plus: number)
                #expect(day.name == wanted.name, "\(instant)")
                let isNear = changes.contains { abs(wanted.start.duration(since: $0).inMilliseconds) <= 28 * 3_600_000 }
                let late = day.start.duration(since: wanted.start)
                #expect(late == .zero || isNear && late > .zero && late <= .seconds(3600), "\(instant): \(late)")
            }
        }
    }

    @Test("the day after an instant begins after it, and no later than a proof may", arguments: zones)
    func dayAfter(identifier: String) throws {
        let (zone, clock) = (ProfileZone(identifier: identifier), try Clock(identifier))
        for instant in try instants(clock) {
            let start = zone.day(after: instant).start
            #expect(start > instant && start.duration(since: instant) <= Proof.longestDay, "\(instant)")
        }
    }

    @Test(
        "days begin where the zone says",
        arguments: [
            ("2026-06-15T21:59:59.999Z", "Europe/Berlin", "2026/06/15", "2026-06-14T22:00Z"),
            ("2026-06-15T22:00Z", "Europe/Berlin", "2026/06/16", "2026-06-15T22:00Z"),
            ("2026-03-29T12:00Z", "Europe/Berlin", "2026/03/29", "2026-03-28T23:00Z"),
            // Midnight itself is left out on this day.
            ("2026-09-06T12:00Z", "America/Santiago", "2026/09/06", "2026-09-06T04:00Z"),
            // Midnight comes twice on this one: the later is meant, which claims less.
            ("2026-11-01T12:00Z", "America/Havana", "2026/11/01", "2026-11-01T05:00Z"),
            ("2026-06-15T09:59Z", "Pacific/Kiritimati", "2026/06/15", "2026-06-14T10:00Z"),
            ("2026-06-15T11:59Z", "Etc/GMT+12", "2026/06/14", "2026-06-14T12:00Z"),
            ("2026-06-15T23:59Z", nil, "2026/06/15", "2026-06-15T12:00Z"),
        ] as [(String, String?, String, String)])
    func dayOf(text: String, identifier: String?, name: String, start: String) throws {
        let day = ProfileZone(identifier: identifier).day(of: try instant(text))
        #expect(day.name == name)
        #expect(day.start == (try instant(start)))
    }
}
