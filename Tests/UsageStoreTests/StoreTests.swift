import CSQLite
import FoundationEssentials
import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

private let alice = account("alice")
private let bob = account("bob")
private let morning = instant("2026-11-20T08:00:00Z")

private func account(_ name: String) -> AccountID {
    AccountID(rawValue: name) ?? { preconditionFailure("not an account id: \(name)") }()
}

private func instant(_ text: String) -> Instant {
    Instant(text) ?? { preconditionFailure("not an instant: \(text)") }()
}

private func activity(
    _ kind: ActivityKind, _ id: Int64, ordinal: Int64 = 0, by account: AccountID = alice, issue: Int64 = 10,
    at: Instant = morning
) -> Activity {
    Activity(
        source: .init(kind: kind, id: id, ordinal: ordinal), account: account, issue: IssueID(rawValue: issue), at: at)
}

/// A store in a folder of its own, with one site.
private func withStore(_ body: (UsageStore, Site) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
        let store = try UsageStore(path: "\(directory)/usage.db")
        let site = try await store.connect(
            cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net", grantAccount: bob,
            at: morning)
        try await body(store, site)
        try store.close()
    }
}

private func keep(_ activities: [Activity], in store: UsageStore, on site: Site) async throws -> Int {
    let issues = Set(activities.map(\.issue)).map { issue in
        IssueRow(version: IssueVersion(id: issue, updated: morning), key: "ABC-\(issue)", pending: [])
    }
    try await store.keep([.issues(issues)], on: site.key)
    return try await store.keep(activities, on: site.key)
}

private func record(of account: AccountID, in store: UsageStore, asOf: Instant? = nil) async throws -> UsageRecord {
    let found = try await store.find(account.rawValue, on: nil)
    return try #require(try await store.records(of: found.map(\.key), asOf: asOf).first)
}

/// Bytes of the file's pages that a connection keeps.
private func cached(_ database: Database) -> Int32 {
    database.status(SQLITE_DBSTATUS_CACHE_USED)
}

@Suite("The store: memory")
struct StoreMemoryTests {
    @Test("At the end of the last work what it left in the caches is given back, and the store goes on as before")
    func rest() async throws {
        try await withStore { store, site in
            let before = try await store.pool.writeWithoutTransaction(cached)
            let batch = (1...5000).map { activity(.created, $0, issue: $0) }
            _ = try await keep(batch, in: store, on: site)
            #expect(try store.lookup { try $0.find("alice", on: site.key).count } == 1)
            let (worked, looked) = (
                try await store.pool.writeWithoutTransaction(cached), try await store.lookups.read(cached)
            )
            #expect(worked > before + 100_000)
            let meanwhile = await store.atWork {
                await store.atWork {}
                return try? await store.pool.writeWithoutTransaction(cached)
            }
            #expect(meanwhile == worked, "another one is still under way")
            #expect(try await store.pool.writeWithoutTransaction(cached) < worked / 2)
            #expect(try await store.lookups.read(cached) < looked)
            #expect(try store.lookup { try $0.find("alice", on: site.key).count } == 1)
            #expect(try await keep(batch, in: store, on: site) == 0)
            #expect(try await record(of: alice, in: store).tallies[.created]?.count == 5000)
        }
    }
}

@Suite("The store: memory after lookups")
struct LookupMemoryTests {
    @Test("What many lookups have left in the cache is given back once there are none")
    func afterLookups() async throws {
        try await withStore { store, site in
            let batch = (1...20_000).map { activity(.created, $0, issue: $0) }
            _ = try await keep(batch, in: store, on: site)
            func lookUp() throws {
                // Of each the table itself, and what is looked up by.
                for table in ["activity NOT INDEXED", "activity INDEXED BY activityByAccount", "issue NOT INDEXED"] {
                    try store.lookup { try $0.database.eachRow("SELECT sum(issueId) FROM \(table)") { _ in } }
                }
            }
            func inCache() -> Int32 { store.lookups.unsafeRead(cached) }
            try lookUp()
            let left = inCache()
            #expect(left > 1 << 20)
            await store.restAfterLookups()
            #expect(inCache() >= left, "somebody has just looked something up")
            try lookUp()
            await store.restAfterLookups()
            await store.restAfterLookups()
            #expect(inCache() < left / 2)
            try lookUp()
        }
    }
}

@Suite("The store: activities")
struct StoreActivityTests {
    @Test("the same batch written again adds nothing and counts nothing twice")
    func idempotent() async throws {
        try await withStore { store, site in
            let batch = [
                activity(.created, 10), activity(.edited, 7), activity(.transitioned, 7), activity(.commented, 3),
                Activity(
                    source: .worklogHistory(5, at: morning), account: alice, issue: IssueID(rawValue: 10), at: morning),
            ]
            #expect(try await keep(batch, in: store, on: site) == 5)
            #expect(try await keep(batch, in: store, on: site) == 0)
            let record = try await record(of: alice, in: store)
            #expect(record.tallies.values.map(\.count) == [1, 1, 1, 1, 1])
            #expect(record.last?.kind == .commented, "of activities at one instant the last in order is told")
        }
    }

    @Test("a comment's later edit, by another person, replaces the earlier one")
    func commentEdits() async throws {
        try await withStore { store, site in
            _ = try await keep(
                [activity(.commented, 3), activity(.commented, 3, ordinal: 1, at: morning + .seconds(60))], in: store,
                on: site)
            _ = try await keep(
                [activity(.commented, 3), activity(.commented, 3, ordinal: 1, by: bob, at: morning + .seconds(90))],
                in: store, on: site)
            #expect(
                try await record(of: alice, in: store).tallies[.commented] == ActivityTally(count: 1, lastAt: morning))
            #expect(
                try await record(of: bob, in: store).tallies[.commented]
                    == ActivityTally(count: 1, lastAt: morning + .seconds(90)))
        }
    }

    @Test(
        "a worklog that changelog and feed both tell is one activity, whichever came first", arguments: [true, false])
    func worklogTwins(feedFirst: Bool) async throws {
        try await withStore { store, site in
            let history = Activity(
                source: .worklogHistory(5, at: morning + .milliseconds(121)), account: alice,
                issue: IssueID(rawValue: 10), at: morning + .milliseconds(121))
            let feed = WorklogReading(
                worklog: 5, issue: IssueID(rawValue: 10),
                events: [.init(account: alice, at: morning), .init(account: bob, at: morning + .seconds(600))])
            if feedFirst { try await store.keep([feed], on: site.key) }
            _ = try await keep([history], in: store, on: site)
            try await store.keep([feed], on: site.key)
            #expect(
                try await record(of: alice, in: store).tallies[.worklogged]
                    == ActivityTally(count: 1, lastAt: morning + .milliseconds(121)))
            #expect(try await record(of: bob, in: store).tallies[.worklogged]?.count == 1)
        }
    }

    @Test("tallies equal a count over the activities after random writes", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func talliesHold(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        try await withStore { store, site in
            for _ in 0..<20 {
                let batch = (0..<30).map { _ in
                    let kind = ActivityKind.allCases.randomElement(using: &generator) ?? .edited
                    return activity(
                        kind, Int64.random(in: 1...20, using: &generator),
                        ordinal: kind == .commented ? Int64.random(in: 0...1, using: &generator) : 0,
                        by: Bool.random(using: &generator) ? alice : bob,
                        at: morning + .seconds(Int64.random(in: 0...500, using: &generator)))
                }
                _ = try await keep(batch, in: store, on: site)
            }
            let drifted = try await store.read { database in
                try Int.fetchOne(
                    database,
                    sql: """
                        WITH counted AS (
                            SELECT accountKey, kind, count(*) AS count, max(at) AS lastAt FROM activity GROUP BY 1, 2)
                        SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM tally))
                             + (SELECT count(*) FROM (SELECT * FROM tally EXCEPT SELECT * FROM counted))
                        """)
            }
            #expect(drifted == 0)
            #expect(try await store.counts(of: site.key).activities > 0)
        }
    }

    @Test("a report as of an instant knows nothing that came later")
    func asOf() async throws {
        try await withStore { store, site in
            _ = try await keep(
                [activity(.edited, 1), activity(.edited, 2, at: morning + .days(2))], in: store, on: site)
            let past = try await record(of: alice, in: store, asOf: morning + .days(1))
            #expect(past.last?.at == morning)
            #expect(past.tallies[.edited] == ActivityTally(count: 1, lastAt: morning))
        }
    }

    @Test("pages of activities join to the whole list, newest first")
    func paging() async throws {
        try await withStore { store, site in
            let all = (1...25).map { activity(.edited, Int64($0), at: morning + .seconds($0 / 3)) }
            _ = try await keep(all, in: store, on: site)
            let key = try #require(try await store.find("alice", on: nil).first?.key)
            var (told, last): ([Activity], Activity?) = ([], nil)
            while true {
                let page = try await store.activities(of: key, since: nil, until: nil, after: last, limit: 4)
                told += page.map(\.activity)
                guard let end = page.last else { break }
                last = end.activity
            }
            #expect(Set(told) == Set(all) && told.count == all.count)
            #expect(told.map(\.at) == told.map(\.at).sorted(by: >))
        }
    }

    @Test("an activity cannot be changed in place")
    func frozen() async throws {
        try await withStore { store, site in
            _ = try await keep([activity(.edited, 1)], in: store, on: site)
            await #expect(throws: StoreError.self) {
                try await store.write { try $0.execute(sql: "UPDATE activity SET at = 0") }
            }
        }
    }
}

@Suite("The store: people and sites")
struct StorePeopleTests {
    func person(_ account: AccountID, name: String, email: String? = nil) -> Person {
        Person(account: account, displayName: name, email: email, accountType: .atlassian, isEnabled: true)
    }

    func access(_ roles: [String], groups: [String] = []) -> Access {
        Access(
            roles: roles.map { ApplicationRole(key: $0, name: $0.uppercased()) }, roleCount: roles.count,
            groups: groups.map { Group(id: $0, name: "name of \($0)") }, groupCount: groups.count)
    }

    @Test("roles and groups are those of the last reading, and a lost one is gone")
    func accessChanges() async throws {
        try await withStore { store, site in
            let alicia = person(alice, name: "Alice", email: "Alice@example.com")
            try await store.keep([alicia], listedAt: morning, on: site.key)
            for (offset, roles) in [(0, ["a", "b"]), (1, ["b"]), (2, ["b", "c"])] {
                try await store.keep(
                    [.init(account: alice, outcome: .found(alicia, access(roles, groups: ["g\(offset)"])))],
                    readAt: morning + .days(offset), on: site.key)
            }
            let record = try await record(of: alice, in: store)
            #expect(record.roles.map(\.key) == ["b", "c"])
            #expect(record.groups == [GroupMembership(id: "g2", name: "name of g2", grants: [])])
            #expect(record.holdsSeat)
            #expect(try await store.find("ALICE@EXAMPLE.com", on: nil).count == 1)
            #expect(try await store.find("alice", on: nil).count == 1)
            #expect(try await store.find("nobody", on: nil).isEmpty)
            let notShown = [UsageStore.AccessReading(account: alice, outcome: .notShown)]
            try await store.keep(notShown, readAt: morning + .days(3), on: site.key)
            #expect(try await self.record(of: alice, in: store).holdsSeat, "the directory still lists her")
            try await store.finishRoster(startedAt: morning + .days(4), on: site.key)
            try await store.keep(notShown, readAt: morning + .days(4), on: site.key)
            #expect(try await !self.record(of: alice, in: store).holdsSeat)
        }
    }

    func record(of account: AccountID, in store: UsageStore) async throws -> UsageRecord {
        let found = try await store.find(account.rawValue, on: nil)
        return try #require(try await store.records(of: found.map(\.key), asOf: nil).first)
    }

    @Test("lists of users come in pages that join to the whole, in both orders")
    func pages() async throws {
        try await withStore { store, site in
            let people = (1...30).map { person(account("p\($0)"), name: "Name \($0 % 7)") }
            try await store.keep(people, listedAt: morning, on: site.key)
            _ = try await keep(
                (1...20).map { activity(.edited, $0, by: account("p\($0)"), at: morning + .seconds($0 % 5)) },
                in: store,
                on: site)
            let whole = try await store.summaries(
                matching: UserFilter(), order: .name(after: nil), asOf: nil, limit: 1000)
            #expect(whole.count == 30)
            var (byName, byIdleness): ([Int64], [UsageSummary]) = ([], [])
            var position: UserSort.NamePosition?
            while let last = try await store.summaries(
                matching: UserFilter(), order: .name(after: position), asOf: nil, limit: 7
            ).map({
                byName.append($0.accountKey); return $0
            }).last {
                position = .init(name: last.displayName ?? "", accountKey: last.accountKey)
            }
            #expect(byName == whole.map(\.accountKey))
            var idle: UserSort.ActivityPosition?
            while let last = try await store.summaries(
                matching: UserFilter(), order: .oldest(after: idle), asOf: nil, limit: 7
            ).map({
                byIdleness.append($0); return $0
            }).last {
                idle = .init(lastAt: last.lastAt?.milliseconds ?? 0, accountKey: last.accountKey)
            }
            #expect(Set(byIdleness.map(\.accountKey)) == Set(byName) && byIdleness.count == 30)
            let times = byIdleness.map { $0.lastAt?.milliseconds ?? 0 }
            #expect(times == times.sorted())
        }
    }

    @Test("how far the sync has come survives closing, all of it")
    func stateRoundTrip() async throws {
        try await withTemporaryDirectory { directory in
            var state = SiteState()
            state.completeSince = morning
            state.completeUntil = morning + .days(1)
            state.reachesBeginning = true
            state.backfill = SiteState.Backfill(
                startedAt: morning, floor: morning - .days(9), frontier: morning - .days(3), total: 77,
                reachesSiteStart: true)
            state.backfill?.asksPeople = true
            state.backfill?.unsettled = 12
            var window = Walk(
                number: 2, extent: .window(lower: morning - .days(4), upper: nil), startedAt: morning,
                jql: "updated >= x")
            (window.pageToken, window.pages, window.issues) = ("t", 3, 250)
            var changes = Walk(number: 5, extent: .changes, startedAt: morning, jql: "updated >= y")
            changes.isThrough = true
            state.walks = [window, changes]
            (state.worklogsReadFrom, state.worklogsReadUntil) = (morning - .days(2), morning)
            (state.worklogsCheckedAt, state.olderWorklogsUntil) = (morning, morning - .days(5))
            (state.rosterStartedAt, state.rosterPosition) = (morning, 3000)
            (state.rosterReadAt, state.rosterSize) = (morning - .days(1), 5000)
            (state.grantsReadAt, state.reconciledAt, state.trailedAt) = (morning, morning, morning)
            (state.factsReadAt, state.profileZone, state.confirmedAt) = (morning, "Europe/Vienna", morning)
            state.missingPermissions = ["BROWSE_PROJECTS", "USER_PICKER"]
            state.clockOffset = .milliseconds(-1234)
            state.lastCompletedAt = morning
            var store = try UsageStore(path: "\(directory)/usage.db")
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c"), name: "n", url: "u", grantAccount: alice, at: morning)
            try await store.keep([], state: state, for: site.key)
            try store.close()
            store = try UsageStore(path: "\(directory)/usage.db")
            state.changeNumber = 1
            #expect(try await store.siteState(of: site.key) == state)
            #expect(try await store.sites() == [site])
            try await store.remove(site.key, at: Instant(milliseconds: 0))
            #expect(try await store.sites().isEmpty)
        }
    }

    @Test("another account's consent has the site read anew, for it may see other projects; the same one's does not")
    func otherAccount() async throws {
        try await withStore { store, site in
            _ = try await keep([activity(.edited, 1)], in: store, on: site)
            var state = SiteState()
            (state.completeSince, state.completeUntil) = (morning, morning)
            try await store.keep([], state: state, for: site.key)
            for (account, isReset) in [(bob, false), (alice, true)] {
                let again = try await store.connect(
                    cloudID: site.cloudID, name: "One", url: site.url, grantAccount: account, at: morning)
                #expect(again.key == site.key && again.grantAccount == account)
                #expect(try await (store.siteState(of: site.key).completeUntil == nil) == isReset)
                #expect(try await store.versions(of: [IssueID(rawValue: 10)], on: site.key).isEmpty == isReset)
                #expect(try await store.counts(of: site.key).activities == 1)
            }
        }
    }

    @Test("a file of a newer version, of another program, or no database at all is refused and left as it was")
    func refusals() async throws {
        try await withTemporaryDirectory { directory in
            let newer = "\(directory)/newer.db"
            try UsageStore(path: newer).close()
            try await DatabaseQueue(path: newer).write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 from the future')")
            }
            #expect(throws: StoreError.newer(path: newer)) { try UsageStore(path: newer) }
            let foreign = "\(directory)/foreign.db"
            try await DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
            #expect(throws: StoreError.foreign(path: foreign)) { try UsageStore(path: foreign) }
            let text = "\(directory)/text.db"
            try Data(String(repeating: "this is not a database\n", count: 100).utf8).write(to: URL(filePath: text))
            #expect(throws: StoreError.corrupt(path: text, message: "file is not a database")) {
                try UsageStore(path: text)
            }
            #expect(try Data(contentsOf: URL(filePath: text)).count == 2300)
        }
    }

    @Test("what is closed in order is all in the file, and nothing in its log")
    func closed() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let store = try UsageStore(path: path)
            _ = try await store.sites()
            try store.close()
            let log = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            #expect(log == 0)
            #expect(size > 100_000)
        }
    }

    @Test("reports use the indexes they are meant to")
    func queryPlans() async throws {
        try await withStore { store, _ in
            let plan = try await store.read { database in
                try String.fetchAll(
                    database,
                    sql: """
                        EXPLAIN QUERY PLAN SELECT at FROM activity WHERE accountKey = 1 AND at <= 5
                        ORDER BY at DESC LIMIT 1
                        """
                    , adapter: SuffixRowAdapter(fromIndex: 3))
            }
            #expect(plan.contains { $0.contains("COVERING INDEX activityByAccount") })
            #expect(!plan.contains { $0.contains("TEMP B-TREE") })
        }
    }
}
