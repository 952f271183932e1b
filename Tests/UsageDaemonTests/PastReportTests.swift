import ControlProtocol
import TestSupport
import Testing
import UsageModel
import UsageStore

@testable import UsageDaemon

/// Reports on a site where Ann lost her seat in April, Bob got one in May, and the record goes back to February.
@Suite("Reports of the past")
struct PastReportTests {
    private static func moment(_ text: String) throws -> Instant { try #require(Instant(text)) }

    private static let software = ApplicationRole(key: "jira-software", name: "Jira Software")
    private static let users = Group(id: "g1", name: "jira-users")

    private func withReports(_ body: (UsageReports) async throws -> Void) async throws {
        let june = try Self.moment("2026-06-01")
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            try await Self.fill(store)
            try await body(UsageReports(store: store, now: { june }, staleAfter: { .seconds(3600) }))
            try store.close()
        }
    }

    private static func fill(_ store: UsageStore) async throws {
        let site = try await store.connect(
            cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
            grantAccount: try #require(AccountID(rawValue: "reader")), at: try moment("2026-01-31"))
        for (day, holders, others) in [
            ("2026-02-01", ["ann", "bob"], ["cy"]), ("2026-03-15", ["ann"], ["bob"]),
            ("2026-04-10", [], ["ann", "bob"]),
            ("2026-05-05", ["bob"], ["ann"]),
        ] {
            let read = try moment(day)
            let people = try (holders + others).map(Self.person)
            let state = SiteState(completeSince: try moment("2025-01-01"), until: read)
            let readings = people.filter { $0.account.rawValue != "cy" }.map { person in
                let isHolder = holders.contains(person.account.rawValue)
                return UsageStore.AccessReading(
                    account: person.account,
                    outcome: .found(
                        person,
                        Access(
                            roles: isHolder ? [software] : [], roleCount: isHolder ? 1 : 0,
                            groups: isHolder ? [users] : [], groupCount: isHolder ? 1 : 0)))
            }
            try await store.keep(
                [.people(people, listedAt: read), .rosterEnd(startedAt: read)]
                    + readings.map { .access($0, readAt: read) }
                    + [.grants(role: software.key, groups: [users], readAt: read)],
                state: state, for: site.key)
        }
    }

    private static func person(_ name: String) throws -> Person {
        Person(
            account: try #require(AccountID(rawValue: name)), displayName: name, email: nil, accountType: .atlassian,
            isEnabled: true)
    }

    @Test(
        "a verdict comes with what Jira's search said, but not where the person was seen again after the instant asked for"
    )
    func proofs() async throws {
        try await withReports { reports in
            let view = try #require(try reports.lookup { try $0.views(of: nil) }.first)
            let handler = UserHandler(reports: reports, thresholdDays: { 90 })
            let bare = try await handler.get(GetUser(who: "ann")).verdict
            #expect(bare.proof == nil && bare.completeUntil == view.state.completeUntil)
            let proof = Proof(from: nil, at: try Self.moment("2026-05-31"), outcome: .quiet)
            let ann = try #require(AccountID(rawValue: "ann"))
            try await reports.store.keep([.proof(proof, of: ann)], state: view.state, for: view.site.key)
            #expect(try await handler.get(GetUser(who: "ann")).verdict.proof == proof)
            let seen = Activity(
                source: .init(kind: .edited, id: 1, ordinal: 0), account: ann, issue: IssueID(rawValue: 1),
                at: try Self.moment("2026-04-01"))
            try await reports.store.keep([.activities([seen])], state: view.state, for: view.site.key)
            let march = try Self.moment("2026-03-01")
            #expect(try await handler.get(GetUser(who: "ann", asOf: march)).verdict.proof == nil)
        }
    }

    @Test(
        "user.list with seat and asOf tells who held a seat then",
        arguments: [
            ("2026-03-01", ["ann", "bob"]), ("2026-04-09", ["ann"]), ("2026-04-10", []), ("2026-05-05", ["bob"]),
            (nil, ["bob"]), ("2026-12-31", ["bob"]), ("2025-01-01", ["ann", "bob"]),
        ] as [(String?, [String])])
    func holders(day: String?, names: [String]) async throws {
        try await withReports { reports in
            let handler = UserHandler(reports: reports, thresholdDays: { 90 })
            let asOf = try day.map(Self.moment)
            let holders = try await handler.list(ListUsers(seat: true, asOf: asOf)).rows
            #expect(holders.map(\.accountId.rawValue) == names)
            #expect(holders.allSatisfy { $0.seat && $0.seatHistory == nil })
            #expect(holders.allSatisfy { $0.groups.map(\.grants) == [["jira-software"]] })
            let others = try await handler.list(ListUsers(seat: false, asOf: asOf)).rows
            #expect(Set(others.map(\.accountId.rawValue) + names) == ["ann", "bob", "cy"])
            for (role, group) in [("jira-software", nil), (nil, "jira-users")] {
                let filtered = try await handler.list(ListUsers(role: role, group: group, asOf: asOf)).rows
                #expect(filtered.map(\.accountId.rawValue) == names)
            }
        }
    }

    @Test("user.get as of an instant tells the seat of then, by which reading, and no change that came later")
    func user() async throws {
        try await withReports { reports in
            let handler = UserHandler(reports: reports, thresholdDays: { 90 })
            let then = try await handler.get(GetUser(who: "ann", asOf: try Self.moment("2026-04-01")))
            #expect(then.seat && then.applicationRoles == [Self.software])
            #expect(then.accessReadAt == (try Self.moment("2026-03-15")))
            let february = try Self.moment("2026-02-01")
            #expect(
                then.seatHistory == [
                    SeatStretch(from: february, until: nil, holdsSeat: true, roles: ["jira-software"])
                ])
            let now = try await handler.get(GetUser(who: "ann"))
            #expect(!now.seat && now.groups.isEmpty)
            #expect(
                now.seatHistory == [
                    SeatStretch(from: try Self.moment("2026-04-10"), until: nil, holdsSeat: false, roles: []),
                    SeatStretch(
                        from: february, until: try Self.moment("2026-03-15"), holdsSeat: true, roles: ["jira-software"]
                    ),
                ])
        }
    }

    @Test("licence.summary counts the seats of then, and says which ones only a later reading vouches for")
    func licences() async throws {
        try await withReports { reports in
            let handler = LicenceHandler(reports: reports, thresholdDays: { 90 })
            for (day, seats, later) in [
                ("2026-01-15", 2, 2), ("2026-02-01", 2, 0), ("2026-03-20", 1, 0), ("2026-05-05", 1, 0),
            ] {
                let report = try await handler.summarise(SummariseLicences(asOf: try Self.moment(day)))
                #expect(report.roles.map(\.seats) == [seats], "\(day)")
                #expect(report.usersReadLater == later, "\(day)")
                #expect(report.usersNotRead == 1, "\(day)")
                #expect(report.asOf == (try Self.moment(day)))
            }
            let none = try await handler.summarise(SummariseLicences(asOf: try Self.moment("2026-04-10")))
            #expect(none.roles.isEmpty)
            let now = try await handler.summarise(SummariseLicences())
            #expect(now.roles.map(\.seats) == [1] && now.usersReadLater == 0)
        }
    }
}
