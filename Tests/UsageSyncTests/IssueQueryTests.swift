import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private let now = Instant(milliseconds: 1_795_000_020_500)
private let berlin = IssueQuery(zone: ProfileZone(identifier: "Europe/Berlin"))
private let unknown = IssueQuery(zone: ProfileZone(identifier: nil))

/// The bound of a text that `changed` made.
private enum Bound {
    /// So many minutes before it is asked.
    case relative(minutes: Int64)
    case literal(String)

    init(_ jql: String) throws {
        let order = " ORDER BY updated DESC, id DESC"
        try #require(jql.hasPrefix("updated >= \"") && jql.hasSuffix("\"" + order))
        let text = jql.dropFirst("updated >= \"".count).dropLast(order.count + 1)
        guard text.hasPrefix("-") else {
            self = .literal("\"\(text)\"")
            return
        }
        try #require(text.hasSuffix("m"))
        self = .relative(minutes: try #require(Int64(text.dropFirst().dropLast())))
    }
}

@Suite("The JQL that the sync asks")
struct IssueQueryTests {
    // MARK: - What has changed

    @Test(
        "minutes are counted back so that no page asked for in time leaves anything out",
        arguments: [0, 1, 29_999, 59_999, 60_000, 60_001, 900_000, 5_399_999, 5_400_000] as [Int64],
        [Duration.zero, IssueQuery.overlap])
    func relative(age: Int64, overlap: Duration) throws {
        let since = now - .milliseconds(age)
        for query in [berlin, unknown] {
            let jql = query.changed(since: since, overlap: overlap, now: now)
            guard case .relative(let minutes) = try Bound(jql) else { Issue.record("\(jql)"); continue }
            let last = now + IssueQuery.relativeLifetime
            #expect(last - .seconds(minutes * 60) <= since - overlap)
            #expect(now - .seconds(minutes * 60) > since - overlap - IssueQuery.relativeLifetime - .seconds(61))
        }
    }

    @Test("of what begins longer ago than two hours the date is told, in the profile's zone, whole minutes down")
    func literal() throws {
        let limit = now - .seconds(2 * 3600)
        let edge = berlin.changed(since: limit + IssueQuery.overlap, overlap: IssueQuery.overlap, now: now)
        #expect(edge == "updated >= \"-126m\" ORDER BY updated DESC, id DESC")
        let since = limit - .milliseconds(1)
        let jql = berlin.changed(since: since + IssueQuery.overlap, overlap: IssueQuery.overlap, now: now)
        #expect(since.description == "2026-11-18T09:07:00.499Z")
        #expect(jql == "updated >= \"2026-11-18 10:07\" ORDER BY updated DESC, id DESC")
    }

    @Test("where the zone is unknown the date is early enough for any")
    func unknownZone() throws {
        let since = now - .days(3)
        guard case .literal(let text) = try Bound(unknown.changed(since: since, overlap: .zero, now: now)) else {
            Issue.record("no literal")
            return
        }
        #expect(text == unknown.zone.literal(atOrBefore: since))
        let shown = try #require(Instant(text.dropFirst().dropLast().replacing(" ", with: "T") + "Z"))
        #expect(shown + .seconds(12 * 3600) <= since)
    }

    @Test("an instant that is still to come is as good as now", arguments: [1, 299, 301, 1800, 86_400])
    func future(seconds: Int) throws {
        let jql = berlin.changed(since: now + .seconds(seconds), overlap: .zero, now: now)
        guard case .relative(let minutes) = try Bound(jql) else { Issue.record("\(jql)"); return }
        #expect(minutes > 0)
    }

    // MARK: - Windows

    @Test("windows that share a bound say so with the same text")
    func windows() throws {
        let zone = berlin.zone
        let (lower, middle) = (zone.bound(atOrBefore: now - .days(300)), zone.bound(atOrBefore: now - .days(100)))
        #expect(
            berlin.window(lower: middle, upper: nil)
                == "updated >= \(zone.literal(middle)) ORDER BY updated DESC, id DESC")
        #expect(
            berlin.window(lower: lower, upper: middle)
                == "updated >= \(zone.literal(lower)) AND updated < \(zone.literal(middle)) ORDER BY updated DESC, id DESC"
        )
        #expect(berlin.since(lower) == "updated >= \(zone.literal(lower))")
    }

    @Test("the oldest issue is asked for with a bound, for Jira Cloud refuses JQL without one")
    func oldest() {
        #expect(IssueQuery.oldest == "updated >= \"1990-01-01\" ORDER BY updated ASC, id ASC")
    }

    // MARK: - People

    private func probe(_ account: String, _ day: String?) throws -> Probe {
        let account = try #require(AccountID(rawValue: account))
        return Probe(candidate: Candidate(account: account, last: nil), day: day, from: nil)
    }

    @Test("people are asked about each from a day of their own, or for ever")
    func touched() throws {
        let probes = [try probe("5b10a2844c20165700ede21g", "2026/08/01"), try probe("712020:ab-cd", nil)]
        #expect(
            IssueQuery.touched(by: probes)
                == "issuekey in updatedBy(\"5b10a2844c20165700ede21g\", \"2026/08/01\")"
                + " OR issuekey in updatedBy(\"712020:ab-cd\")")
        #expect(
            IssueQuery.latest(touchedBy: probes[1])
                == "issuekey in updatedBy(\"712020:ab-cd\") ORDER BY updated DESC, id DESC")
    }
}
