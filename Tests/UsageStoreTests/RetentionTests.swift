import Testing
import UsageModel

@testable import UsageStore

@Suite("The store: retention")
struct RetentionTests {
    private func state(since: Int, reachesBeginning: Bool) -> SiteState {
        var state = SiteState()
        (state.completeSince, state.completeUntil) = (PeopleSite.at(since), PeopleSite.at(1000))
        state.reachesBeginning = reachesBeginning
        (state.worklogsReadFrom, state.worklogsCheckedAt) = (Instant(milliseconds: 0), PeopleSite.at(1000))
        return state
    }

    private func write(_ seconds: [Int], _ state: SiteState, to site: PeopleSite) async throws {
        let activities = try seconds.map { second in
            Activity(
                source: .init(kind: .edited, id: Int64(second), ordinal: 0),
                account: try PeopleSite.account("p\(second % 3)"), issue: IssueID(rawValue: 1),
                at: PeopleSite.at(second))
        }
        try await site.store.keep([.activities(activities)], state: state, for: site.site.key)
    }

    @Test("old activities go, with what was claimed of their time; tallies and counts stay right")
    func activities() async throws {
        try await PeopleSite.with { site in
            try await write(
                Array(stride(from: 10, through: 900, by: 10)), state(since: 5, reachesBeginning: true), to: site)
            let count = try await site.store.forgetActivities(before: PeopleSite.at(300), on: site.site.key)
            #expect(count == 29)
            let after = try await site.store.siteState(of: site.site.key)
            #expect(after.completeSince == PeopleSite.at(300) && !after.reachesBeginning)
            #expect(after.worklogsReadFrom == PeopleSite.at(300) && !after.isWorklogFeedShort)
            #expect(after.coverage.gap(from: PeopleSite.at(299), to: PeopleSite.at(900)) == .beforeHistory)
            #expect(after.coverage.gap(from: PeopleSite.at(300), to: PeopleSite.at(900)) == nil)
            #expect(try await site.store.counts(of: site.site.key).activities == 61)
            for name in ["p0", "p1", "p2"] {
                let found = try await site.store.find(name, on: nil)
                let record = try #require(try await site.store.records(of: found.map(\.key), asOf: nil).first)
                let rows = try await site.store.activities(
                    of: record.accountKey, since: nil, until: nil, after: nil, limit: 1000)
                #expect(record.tallies[.edited] == ActivityTally(count: rows.count, lastAt: rows.first?.activity.at))
                #expect(rows.allSatisfy { $0.activity.at >= PeopleSite.at(300) })
            }
        }
    }

    @Test("where nothing is that old, nothing is taken back")
    func nothingOld() async throws {
        try await PeopleSite.with { site in
            try await write([400, 500], state(since: 5, reachesBeginning: true), to: site)
            #expect(try await site.store.forgetActivities(before: PeopleSite.at(300), on: site.site.key) == 0)
            #expect(try await site.store.siteState(of: site.site.key).reachesBeginning)
        }
    }

    @Test("stretches of a seat go once they have ended long enough ago; the one that holds stays")
    func seats() async throws {
        try await PeopleSite.with { site in
            try await site.list(["alice": .enabled], at: 10)
            try await site.read("alice", .init(roles: ["jira"]), at: 20)
            try await site.read("alice", .init(roles: ["desk"]), at: 30)
            try await site.read("alice", .init(roles: ["desk"]), at: 200)
            try await site.read("alice", .init(roles: ["desk", "jira"]), at: 400)
            try await site.store.forgetSeats(before: PeopleSite.at(100))
            let found = try await site.store.find("alice", on: nil)
            let history = try await site.store.seatHistory(of: try #require(found.first).key, asOf: nil, limit: 10)
            #expect(history.map(\.roles) == [["desk", "jira"], ["desk"]])
        }
    }
}
