import Testing
import UsageModel
import UsageStore

@testable import UsageDaemon

@Suite("The end of a report's window")
struct HorizonTests {
    let until = Instant(milliseconds: 1_800_000_000_000)
    var now: Instant { until + .seconds(600) }

    func view(reachesBeginning: Bool = false, at time: Instant? = nil) throws -> SiteView {
        var state = SiteState(completeSince: until - .days(400), until: until)
        state.reachesBeginning = reachesBeginning
        let account = try #require(AccountID(rawValue: "a"))
        let site = Site(
            key: SiteKey(rawValue: 1), cloudID: CloudID(rawValue: "c"), name: "Site",
            url: "https://site.atlassian.net", grantAccount: account, connectedAt: until)
        return SiteView(site: site, state: state, now: time ?? now, staleAfter: .seconds(3600))
    }

    @Test("without an instant a verdict ends where the record is complete, so that absence can be judged")
    func latest() throws {
        let verdict = Horizon(nil, now: now).verdict(last: nil, demand: .none, thresholdDays: 90, in: try view())
        #expect(verdict.asOf == until)
        #expect(verdict.state == .inactive)
    }

    @Test("what a person did after that counts for them all the same")
    func later() throws {
        let seen = until + .seconds(30)
        let verdict = Horizon(nil, now: now).verdict(last: seen, demand: .none, thresholdDays: 90, in: try view())
        #expect(verdict.asOf == seen)
        #expect(verdict.state == .active)
    }

    @Test("a record that has grown stale says nothing of absence, and still shows who was there")
    func stale() throws {
        let late = until + .days(3)
        let view = try view(at: late)
        #expect(
            Horizon(nil, now: late).verdict(last: nil, demand: .none, thresholdDays: 90, in: view).cause == .notSynced)
        #expect(
            Horizon(nil, now: late).verdict(last: until, demand: .none, thresholdDays: 90, in: view).state == .active)
    }

    @Test("nobody is judged as of a time to come")
    func future() throws {
        let horizon = Horizon(now + .days(30), now: now)
        #expect(horizon == .latest)
        #expect(
            horizon.verdict(last: until - .days(89), demand: .none, thresholdDays: 90, in: try view()).state == .active)
    }

    @Test("an instant of the past is taken as it is: beyond the record absence is unknown")
    func past() throws {
        let early = Horizon(until - .days(10), now: now)
        #expect(early.cut == until - .days(10))
        #expect(early.verdict(last: nil, demand: .none, thresholdDays: 90, in: try view()).state == .inactive)
        #expect(early.verdict(last: nil, demand: .none, thresholdDays: 391, in: try view()).cause == .beforeHistory)
        #expect(
            early.verdict(last: nil, demand: .none, thresholdDays: 90, in: try view(reachesBeginning: true)).state
                == .neverActive)
        let late = Horizon(until + .seconds(1), now: now)
        #expect(late.verdict(last: nil, demand: .none, thresholdDays: 90, in: try view()).cause == .notSynced)
    }

    @Test("a site goes by its cloud id, its URL and its host, however they are written")
    func siteNames() throws {
        let site = try view().site
        for name in ["c", "C", "https://site.atlassian.net", "https://Site.atlassian.net/", "site.atlassian.net"] {
            #expect(site.isNamed(name), "\(name)")
        }
        for name in ["", "site", "https://other.atlassian.net", "http://site.atlassian.net"] {
            #expect(!site.isNamed(name), "\(name)")
        }
    }
}
