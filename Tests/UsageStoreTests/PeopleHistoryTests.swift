import Testing
import UsageModel

@testable import UsageStore

@Suite("The store: who held a seat then")
struct PeopleHistoryTests {
    private func at(_ second: Int) -> Instant { PeopleSite.at(second) }

    @Test("a role that was lost is held up to the reading that missed it, and not from it on")
    func lostRole() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a", "b"], groups: ["g"]), at: 20)
            try await site.read("ann", .init(roles: ["a", "b"], groups: ["g"]), at: 30)
            try await site.read("ann", .init(roles: ["b"]), at: 40)
            for (second, roles, groups, known) in [
                (20, ["a", "b"], ["g"], 20), (25, ["a", "b"], ["g"], 25), (30, ["a", "b"], ["g"], 30),
                (39, ["a", "b"], ["g"], 30), (40, ["b"], [], 40), (99, ["b"], [], 40),
            ] {
                let record = try await site.record(of: "ann", asOf: second)
                #expect(record.roles.map(\.key) == roles, "at \(second)")
                #expect(record.groups.map(\.id) == groups, "at \(second)")
                #expect(record.accessReadAt == at(known), "at \(second)")
                #expect(record.holdsSeat)
            }
        }
    }

    @Test("a role and a group have the name that Jira told last, whoever was asked about before")
    func names() async throws {
        func told(_ word: String) -> Access {
            Access(
                roles: [ApplicationRole(key: "a", name: "Role, \(word)")], roleCount: 1,
                groups: [Group(id: "g", name: "Group, \(word)")], groupCount: 1)
        }
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "bob": .enabled], at: 10)
            for (second, name, word) in [(20, "ann", "old"), (30, "bob", "new")] {
                let reading = UsageStore.AccessReading(
                    account: try PeopleSite.account(name),
                    outcome: .found(try PeopleSite.person(name, .enabled), told(word)))
                try await site.store.keep([reading], readAt: at(second), on: site.site.key)
                for instant in [nil, 99] {
                    let record = try await site.record(of: "ann", asOf: instant)
                    #expect(record.roles.map(\.name) == ["Role, \(word)"])
                    #expect(record.groups.map(\.name) == ["Group, \(word)"])
                }
            }
        }
    }

    @Test("a role or a group that nobody has told of is told from one that nobody has")
    func unknownNames() async throws {
        try await PeopleSite.with { site in
            func unknown(role: String? = nil, group: String? = nil) async throws -> StoreReader.UnknownName? {
                let filter = UserFilter(site: nil, role: role, group: group)
                return try await site.store.snapshot { try $0.unknownName(in: filter) }
            }
            #expect(try await unknown(role: "a", group: "g") == nil, "nothing is known yet")
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["b", "a"], groups: ["g"]), at: 20)
            try await site.read("ann", .init(), at: 30)
            #expect(try await unknown(role: "a", group: "g") == nil, "they are known of earlier")
            #expect(try await unknown(group: "NAME of g") == nil)
            #expect(try await unknown(role: "A") == .role(known: ["a", "b"]))
            #expect(try await unknown(role: "a", group: "h") == .group)
        }
    }

    @Test("before the first reading the first one stands in, and the answer says when that was")
    func beforeFirst() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a"], groups: ["g"]), at: 20)
            try await site.read("ann", .init(), at: 30)
            let record = try await site.record(of: "ann", asOf: -1000)
            #expect(record.holdsSeat && record.roles.map(\.key) == ["a"] && record.groups.map(\.id) == ["g"])
            #expect(record.accessReadAt == at(20))
            #expect(try await site.holders(asOf: 5) == ["ann"])
            #expect(try await site.holders() == [])
        }
    }

    @Test("a directory page ends no role, but who is deactivated in it has no seat from then on")
    func deactivated() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a"], groups: ["g"]), at: 20)
            try await site.list(["ann": .enabled], at: 30)
            #expect(try await site.record(of: "ann").roles.map(\.key) == ["a"])
            try await site.list(["ann": .disabled], at: 40)
            for (second, isSeat) in [(20, true), (39, true), (40, false), (50, false), (nil, false)] as [(Int?, Bool)] {
                let record = try await site.record(of: "ann", asOf: second)
                #expect(record.holdsSeat == isSeat && record.isEnabled == isSeat, "at \(second ?? 99)")
                #expect(record.roles.map(\.key) == ["a"] && record.groups.map(\.id) == ["g"])
                #expect(try await site.holders(asOf: second) == (isSeat ? ["ann"] : []))
            }
            try await site.list(["ann": .enabled], at: 50)
            #expect(try await site.holders() == ["ann"])
            #expect(try await site.holders(asOf: 45) == [])
        }
    }

    @Test("somebody whom earlier whole readings of the directory had not is not taken for a holder at that time")
    func joinedLater() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a"]), at: 11)
            try await site.list(["ann": .enabled], at: 20)
            // What bob did is seen before a directory has him.
            try await site.act("bob", at: 25)
            try await site.read("bob", .init(roles: ["a"]), at: 26)
            try await site.list(["ann": .enabled, "bob": .enabled, "cy": .enabled], at: 30)
            try await site.read("cy", .init(roles: ["a"]), at: 31)
            #expect(try await site.holders(asOf: 15) == ["ann"])
            #expect(try await site.holders(asOf: 25) == ["ann"])
            #expect(try await site.holders(asOf: 28) == ["ann", "bob"])
            #expect(try await site.holders(asOf: 31) == ["ann", "bob", "cy"])
            let cy = try await site.record(of: "cy", asOf: 15)
            #expect(!cy.isEnabled && cy.roles.isEmpty && cy.accessReadAt == at(15))
            #expect(try await site.holders(asOf: 5) == ["ann"], "of the time before all readings the first one tells")
        }
    }

    @Test("a directory whose reading was broken off proves nobody's absence")
    func brokenOff() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10, isWhole: false)
            try await site.list(["ann": .enabled, "bob": .enabled], at: 20)
            try await site.read("bob", .init(roles: ["a"]), at: 21)
            #expect(try await site.holders(asOf: 12) == ["bob"])
        }
    }

    @Test("who is gone from directory and site held the seat up to the reading that found nobody")
    func gone() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "bob": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a"], groups: ["g"]), at: 11)
            try await site.read("bob", .init(roles: ["a"]), at: 11)
            try await site.miss("ann", at: 15)
            #expect(try await site.holders() == ["ann", "bob"], "the directory still lists her")
            try await site.list(["bob": .enabled], at: 20)
            let due = try await site.store.unreadAccounts(
                quietSince: nil, after: 0, limit: 9, on: site.site.key
            ).accounts
            #expect(due.map(\.rawValue) == ["ann"])
            #expect(try await site.holders() == ["ann", "bob"], "a missing row alone is no proof")
            #expect(try await site.store.unreadPeople(on: site.site.key) == 0)
            try await site.miss("ann", at: 21)
            #expect(try await site.holders() == ["bob"])
            #expect(try await site.holders(asOf: 20) == ["ann", "bob"])
            #expect(try await site.record(of: "ann").groups.isEmpty)
            #expect(try await site.record(of: "ann", asOf: 20).groups.map(\.id) == ["g"])
            #expect(
                try await site.store.unreadAccounts(
                    quietSince: nil, after: 0, limit: 9, on: site.site.key
                ).accounts.isEmpty)
        }
    }

    @Test("readings that agree write no row, however many they are")
    func oneRowAChange() async throws {
        try await PeopleSite.with { site in
            let tables = ["accountStanding", "accountAccess", "accountRole", "accountGroup", "roleGrants", "roleGroup"]
            for day in 0..<50 {
                try await site.list(["ann": .enabled], at: 10 + day * 100)
                try await site.read("ann", .init(roles: ["a", "b"], groups: ["g", "h"]), at: 20 + day * 100)
                try await site.grant("a", to: ["g"], at: 30 + day * 100)
            }
            var counts: [Int] = []
            for table in tables { counts.append(try await site.count(table)) }
            #expect(counts == [1, 1, 2, 2, 1, 1])
            try await site.read("ann", .init(roles: ["a"], groups: ["g", "h"]), at: 9000)
            try await site.list(["ann": .disabled], at: 9010)
            counts = []
            for table in tables { counts.append(try await site.count(table)) }
            #expect(counts == [2, 2, 2, 2, 1, 1])
        }
    }

    @Test("a reading that seems older than the one before it changes nothing of the past")
    func clockSetBack() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 100)
            try await site.read("ann", .init(roles: ["a"]), at: 200)
            try await site.grant("a", to: ["g"], at: 200)
            try await site.read("ann", .init(roles: ["a"]), at: 150)
            #expect(try await site.record(of: "ann").accessReadAt == at(200))
            try await site.read("ann", .init(roles: ["b"], groups: ["g"]), at: 150)
            try await site.grant("a", to: [], at: 150)
            try await site.read("ann", .init(roles: ["a"], groups: ["g"]), at: 200)
            try await site.list(["ann": .disabled], at: 120)
            #expect(try await site.record(of: "ann", asOf: 199).roles.map(\.key) == ["a"])
            let now = try await site.record(of: "ann")
            #expect(now.roles.map(\.key) == ["a"] && !now.holdsSeat)
            #expect(now.groups == [GroupMembership(id: "g", name: "name of g", grants: [])])
            #expect(try await site.history(of: "ann").map(\.roles) == [["a"], ["a"], ["b"], ["a"]])
        }
    }

    @Test("a group shows the roles that it grants, as of the report")
    func grants() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            try await site.read("ann", .init(roles: ["a"], groups: ["g", "h", "i"]), at: 20)
            try await site.grant("a", to: ["g"], at: 30)
            try await site.grant("b", to: ["g", "h"], at: 30)
            try await site.grant("a", to: ["g", "h"], at: 40)
            try await site.grant("a", to: ["h"], at: 50)
            for (second, grants) in [
                (5, [["a", "b"], ["b"], []]), (35, [["a", "b"], ["b"], []]), (45, [["a", "b"], ["a", "b"], []]),
                (50, [["b"], ["a", "b"], []]), (nil, [["b"], ["a", "b"], []]),
            ] as [(Int?, [[String]])] {
                #expect(
                    try await site.record(of: "ann", asOf: second).groups.map(\.grants) == grants,
                    "at \(second ?? 99)")
            }
            try await site.read("ann", .init(roles: ["a", "b"]), at: 60)
            #expect(try await site.record(of: "ann").roles.map(\.name) == ["A", "B"], "a reading tells a role's name")
            try await site.grant("b", to: [], at: 70)
            #expect(try await site.record(of: "ann").roles.map(\.name) == ["A", "B"], "and a grant does not untell it")
        }
    }

    @Test("a seat's history tells what changed, between which readings, the latest first")
    func history() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 10)
            #expect(try await site.history(of: "ann").isEmpty, "nothing is known before roles are read")
            try await site.read("ann", .init(), at: 20)
            try await site.read("ann", .init(groups: ["g"]), at: 30)
            try await site.read("ann", .init(roles: ["b", "a"], groups: ["g"]), at: 40)
            try await site.read("ann", .init(roles: ["b", "a"]), at: 50)
            try await site.list(["ann": .enabled], at: 60)
            try await site.list(["ann": .disabled], at: 70)
            try await site.read("ann", .init(), .disabled, at: 80)
            let history = [
                SeatStretch(from: at(80), until: nil, holdsSeat: false, roles: []),
                SeatStretch(from: at(70), until: at(70), holdsSeat: false, roles: ["a", "b"]),
                SeatStretch(from: at(40), until: at(60), holdsSeat: true, roles: ["a", "b"]),
                SeatStretch(from: at(20), until: at(30), holdsSeat: false, roles: []),
            ]
            #expect(try await site.history(of: "ann") == history)
        }
    }
}
