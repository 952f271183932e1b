import TestSupport
import Testing
import UsageModel

@testable import UsageStore

private let changed = PeopleSite.at(1000)

/// How the store came to know of a worklog.
private enum Telling: CaseIterable {
    case history
    case feed
}

extension PeopleSite {
    fileprivate func tell(_ worklog: Int64, at instant: Instant, by telling: Telling) async throws {
        let (author, issue) = (try Self.account("ann"), IssueID(rawValue: 1))
        switch telling {
        case .history:
            let source = Activity.Source.worklogHistory(worklog, at: instant)
            _ = try await store.keep(
                [Activity(source: source, account: author, issue: issue, at: instant)], on: site.key)
        case .feed:
            let event = WorklogReading.Event(account: author, at: instant)
            try await store.keep([WorklogReading(worklog: worklog, issue: issue, events: [event])], on: site.key)
        }
    }

    fileprivate func known(_ changes: [(id: Int64, at: Instant)], readUntil: Instant) async throws -> Set<Int64> {
        try await store.knownWorklogs(among: changes, readUntil: readUntil, on: site.key)
    }
}

@Suite("The store: worklogs that need not be read")
struct KnownWorklogTests {
    @Test(
        "what was told within two seconds of the feed's instant is known, as far as the feed had been read",
        arguments: [0, 121, 2000, -2000, 2001, -2001] as [Int64], [-1, 0, 500])
    func told(distance: Int64, seconds: Int) async throws {
        for telling in Telling.allCases {
            try await PeopleSite.with { site in
                try await site.tell(7, at: changed + .milliseconds(distance), by: telling)
                let known = try await site.known([(7, changed), (8, changed)], readUntil: changed + .seconds(seconds))
                #expect(known == (abs(distance) <= 2000 && seconds >= 0 ? [7] : []))
            }
        }
    }

    @Test("a worklog that has changed since it was told of is read again", arguments: Telling.allCases)
    fileprivate func changedAgain(telling: Telling) async throws {
        try await PeopleSite.with { site in
            try await site.tell(7, at: changed, by: telling)
            let later = changed + .seconds(600)
            #expect(try await site.known([(7, later)], readUntil: later).isEmpty)
        }
    }

    @Test("neither a comment of that number nor a worklog of another site makes a worklog known")
    func others() async throws {
        try await PeopleSite.with { site in
            let comment = Activity(
                source: .init(kind: .commented, id: 7), account: try PeopleSite.account("ann"),
                issue: IssueID(rawValue: 1), at: changed)
            _ = try await site.store.keep([comment], on: site.site.key)
            let other = try await site.store.connect(
                cloudID: CloudID(rawValue: "c2"), name: "Two", url: "https://two.atlassian.net",
                grantAccount: try PeopleSite.account("reader"), at: PeopleSite.beginning)
            try await PeopleSite(store: site.store, site: other).tell(7, at: changed, by: .history)
            #expect(try await site.known([(7, changed)], readUntil: changed).isEmpty)
            #expect(try await site.known([], readUntil: changed).isEmpty)
        }
    }
}
