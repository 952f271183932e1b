import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

@Suite("Change numbers")
struct ChangeNumberTests {
    /// Who is told to have changed since a number, by name.
    private func changed(since number: Int64, in site: PeopleSite) async throws -> [String] {
        let summaries = try await site.store.summaries(
            matching: UserFilter(changedSince: number), order: .name(after: nil), asOf: nil, limit: 100)
        return summaries.compactMap { $0.displayName.map { String($0.dropFirst("Name of ".count)) } }
    }

    /// Whom a step changes.
    private func changed(by step: () async throws -> Void, in site: PeopleSite) async throws -> [String] {
        let before = site.store.change.value
        try await step()
        return try await changed(since: before, in: site)
    }

    private func activity(_ id: Int64, by name: String) throws -> Activity {
        Activity(
            source: .init(kind: .edited, id: id, ordinal: 0), account: try PeopleSite.account(name),
            issue: IssueID(rawValue: 1), at: PeopleSite.at(1))
    }

    @Test("Each fact that a report tells of somebody counts as their change, and nobody else's")
    func facts() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "bob": .enabled, "cy": .enabled], at: 1)
            let quiet = Proof(from: nil, at: PeopleSite.at(5), outcome: .quiet)
            let steps: [(String, () async throws -> Void)] = [
                ("roles", { try await site.read("ann", .init(roles: ["software"], groups: ["g"]), at: 2) }),
                ("groups", { try await site.read("ann", .init(roles: ["software"], groups: ["h"]), at: 3) }),
                ("activity", { _ = try await site.store.keep([try activity(1, by: "ann")], on: site.site.key) }),
                (
                    "proof",
                    { try await site.store.keep([.proof(quiet, of: try PeopleSite.account("ann"))], on: site.site.key) }
                ),
                ("standing", { try await site.list(["ann": .disabled, "bob": .enabled, "cy": .enabled], at: 6) }),
            ]
            for (fact, step) in steps {
                #expect(try await changed(by: step, in: site) == ["ann"], "\(fact)")
            }
        }
    }

    @Test("What agrees with what is known changes nobody")
    func agreement() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "bob": .enabled], at: 1)
            try await site.read("ann", .init(roles: ["software"], groups: ["g"]), at: 2)
            _ = try await site.store.keep([try activity(1, by: "ann")], on: site.site.key)
            let before = site.store.change.value
            try await site.list(["ann": .enabled, "bob": .enabled], at: 3)
            try await site.read("ann", .init(roles: ["software"], groups: ["g"]), at: 4)
            _ = try await site.store.keep([try activity(1, by: "ann")], on: site.site.key)
            #expect(try await changed(since: before, in: site).isEmpty)
            #expect(site.store.change.value == before)
        }
    }

    @Test("A name that changed at Atlassian is a change; writing the table of names anew is none")
    func names() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled, "bob": .enabled], at: 1)
            let renamed = Person(
                account: try PeopleSite.account("bob"), displayName: "Name of robert", email: nil,
                accountType: .atlassian, isEnabled: true)
            let renaming = { try await site.store.keep([renamed], listedAt: PeopleSite.at(2), on: site.site.key) }
            #expect(try await changed(by: renaming, in: site) == ["robert"])
            let erasing = {
                _ = try await site.store.erase(
                    try PeopleSite.account("ann"), cause: .requested, at: PeopleSite.at(3))
            }
            #expect(try await changed(by: erasing, in: site).isEmpty, "an erased account is on no list")
            #expect(try await changed(since: 0, in: site) == ["robert"])
        }
    }

    @Test("What a group is called and gives, and what a role is called, is told of all who have it")
    func sharedFacts() async throws {
        func told(_ role: String, _ group: String) -> Access {
            Access(
                roles: [ApplicationRole(key: "software", name: role)], roleCount: 1,
                groups: [Group(id: "g", name: group)], groupCount: 1)
        }
        try await PeopleSite.with { site in
            func read(_ name: String, _ access: Access, at second: Int) async throws {
                let reading = UsageStore.AccessReading(
                    account: try PeopleSite.account(name),
                    outcome: .found(try PeopleSite.person(name, .enabled), access))
                try await site.store.keep([reading], readAt: PeopleSite.at(second), on: site.site.key)
            }
            try await site.list(["ann": .enabled, "bob": .enabled, "cy": .enabled], at: 1)
            for name in ["ann", "bob"] { try await read(name, told("Software", "G"), at: 2) }
            let steps: [(String, () async throws -> Void)] = [
                ("a group's name", { try await read("ann", told("Software", "H"), at: 3) }),
                ("a role's name", { try await read("bob", told("Jira Software", "H"), at: 4) }),
                ("what it gives", { try await site.grant("software", to: ["g"], at: 5) }),
                ("what it gives no longer", { try await site.grant("software", to: [], at: 6) }),
            ]
            for (fact, step) in steps {
                #expect(try await changed(by: step, in: site) == ["ann", "bob"], "\(fact)")
            }
            let before = site.store.change.value
            try await site.grant("software", to: [], at: 7)
            #expect(site.store.change.value == before)
        }
    }

    @Test("An issue's new key raises the number; an issue read again does not")
    func issueKeys() async throws {
        try await PeopleSite.with { site in
            func keep(_ key: String, at second: Int) async throws -> Int64 {
                let version = IssueVersion(id: IssueID(rawValue: 1), updated: PeopleSite.at(second))
                try await site.store.keep(
                    [.issues([IssueRow(version: version, key: key, pending: [])])], on: site.site.key)
                return site.store.change.value
            }
            let first = try await keep("A-1", at: 1)
            #expect(try await keep("A-1", at: 2) == first)
            #expect(try await keep("B-1", at: 3) == first + 1)
        }
    }

    @Test("Coverage that moves raises the number, and the number outlives the program")
    func coverage() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            var store = try UsageStore(path: path)
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: try PeopleSite.account("reader"), at: PeopleSite.at(0))
            let connected = store.change.value
            #expect(connected > 0)
            var state = try await store.siteState(of: site.key)
            state.completeSince = PeopleSite.at(0)
            state.completeUntil = PeopleSite.at(9)
            try await store.keep([], state: state, for: site.key)
            let covered = store.change.value
            #expect(covered > connected)
            try await store.keep([], state: state, for: site.key)
            #expect(store.change.value == covered, "nothing new can be asked for")
            try store.close()
            store = try UsageStore(path: path)
            #expect(store.change.value == covered)
            try store.close()
        }
    }

    @Test("Whoever waits is told after the commit: what woke them can be read", .timeLimit(.minutes(5)))
    func waiting() async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 1)
            let before = site.store.change.value
            async let woken = site.store.change.wait(above: before)
            _ = try await site.store.keep([try activity(1, by: "ann")], on: site.site.key)
            #expect(try await woken == before + 1)
            #expect(try await changed(since: before, in: site) == ["ann"])
        }
    }

    @Test("A store of the version before is migrated with what it holds, and begins to count")
    func migration() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let old = try DatabaseQueue(path: path)
            try Schema.migrator.migrate(old, upTo: "1 sites, people, activities")
            try await old.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO site VALUES (1, 'c1', 'One', 'https://one.atlassian.net', 'reader', 0, NULL);
                        INSERT INTO account (siteKey, accountId, isShown) VALUES (1, 'ann', 1);
                        INSERT INTO profile VALUES (1, 'Name of ann', NULL, 0, NULL);
                        """)
            }
            try old.close()
            let store = try UsageStore(path: path)
            #expect(store.change.value == 0)
            let site = try #require(try await store.sites().first)
            _ = try await store.keep([try activity(1, by: "ann")], on: site.key)
            let people = PeopleSite(store: store, site: site)
            #expect(try await changed(since: 0, in: people) == ["ann"])
            try store.close()
        }
    }
}

@Suite("Lookups and snapshots")
struct LookupTests {
    @Test("The sites of a lookup are those of its own moment, whatever was asked before")
    func sitesAreCurrent() async throws {
        try await PeopleSite.with { site in
            func until() throws -> Instant? {
                try site.store.lookup { try $0.sitesWithStates().first?.1.completeUntil }
            }
            #expect(try until() == nil)
            for second in 1...3 {
                var state = try await site.store.siteState(of: site.site.key)
                state.completeSince = PeopleSite.at(0)
                state.completeUntil = PeopleSite.at(second)
                try await site.store.keep([], state: state, for: site.site.key)
                #expect(try until() == PeopleSite.at(second))
            }
            try await site.store.leave(site.site.key, at: PeopleSite.at(9))
            let left = try site.store.lookup { try $0.sitesWithStates().first?.0.leftAt }
            #expect(left == PeopleSite.at(9))
        }
    }

    @Test("What a body throws comes out as it is, and an error of SQLite's as the store's")
    func errors() async throws {
        struct Mine: Error {}
        try await PeopleSite.with { site in
            #expect(throws: Mine.self) { try site.store.lookup { _ in throw Mine() } }
            #expect(throws: StoreError.self) {
                try site.store.lookup { try $0.database.execute(sql: "DELETE FROM site") }
            }
        }
    }
}
