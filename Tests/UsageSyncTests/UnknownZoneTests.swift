import Foundation
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("Days where the zone is not known")
struct UnknownZoneTests {
    private static let hour = 3600
    private let zone = ProfileZone(identifier: nil)

    private func date(_ instant: Instant) -> Date { Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000) }

    /// When the day of that name begins for somebody so many hours before UTC.
    private func beginning(of day: String, hours: Int) throws -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: hours * Self.hour))
        let numbers = day.split(separator: "/").compactMap { Int($0) }
        return try #require(
            calendar.date(from: DateComponents(year: numbers[0], month: numbers[1], day: numbers[2])))
    }

    @Test(
        "the day of an instant begins before it, and no later than is claimed, wherever Jira may be",
        arguments: -12...14)
    func claims(hours: Int) throws {
        for offset in 0..<48 {
            let instant = Instant(milliseconds: 1_800_000_000_000) + .seconds(offset * Self.hour - 1)
            let day = zone.day(of: instant)
            #expect(day.start <= instant, "a proof from there has to span the window")
            #expect(try beginning(of: day.name, hours: hours) <= date(day.start), "\(day) at \(instant)")
        }
    }

    @Test("somebody who did something in the window is not proven to be silent", arguments: [-12, -8, 0, 14])
    func silent(hours: Int) throws {
        let now = Instant(milliseconds: 1_800_000_000_000)
        let windowStart = now - .days(90)
        let query = CandidateQuery(quietSince: windowStart, reach: nil, renewBefore: now, retryBefore: now)
        for age in 0..<24 {
            let activity = windowStart + .seconds(age * Self.hour + 1)
            var plan = SettlePlan(query: query, since: windowStart, zone: zone)
            _ = plan.next()
            plan.listed([Candidate(account: PlanWorld.account(1), last: nil)], end: nil)
            guard case .seek(let probe, _) = plan.next(), let day = probe.day else {
                Issue.record("nobody is sought")
                return
            }
            // Jira shows what was done since the day began where the account is that asks.
            let isShown = try beginning(of: day, hours: hours) <= date(activity)
            #expect(isShown, "\(activity) lies in the window, and before \(day)")
        }
    }
}
