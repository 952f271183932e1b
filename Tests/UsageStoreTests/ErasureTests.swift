import Foundation
import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

@Suite("The store: erasure and export")
struct ErasureTests {
    private static let later = PeopleSite.at(1_000_000)

    /// Alice with something in every table that can speak of her, and Bob beside her.
    private static func withPeople(_ body: (PeopleSite) async throws -> Void) async throws {
        try await PeopleSite.with { site in
            for second in [10, 20] {
                try await site.list(["alice": .enabled, "bob": .enabled], at: second)
            }
            for name in ["alice", "bob"] {
                try await site.read(name, .init(roles: ["jira"], groups: ["staff"]), at: 30)
                try await site.read(name, .init(roles: ["jira", "desk"], groups: ["staff"]), at: 40)
            }
            let alice = try PeopleSite.account("alice")
            let issue = IssueID(rawValue: 7)
            var state = SiteState()
            state.profileZone = "Europe/Berlin"
            try await site.store.keep(
                [
                    .issues([
                        IssueRow(
                            version: IssueVersion(id: issue, updated: PeopleSite.at(50)), key: "ABC-1", pending: [])
                    ]),
                    .activities(
                        try ["alice", "bob"].enumerated().map { index, name in
                            Activity(
                                source: .init(kind: .edited, id: Int64(index), ordinal: 0),
                                account: try PeopleSite.account(name), issue: issue, at: PeopleSite.at(50))
                        }),
                    .proof(Proof(from: nil, at: PeopleSite.at(60), outcome: .quiet), of: alice),
                ], state: state, for: site.site.key)
            try await site.store.noteGeneration(3, of: alice)
            try await site.store.schedule([(alice, dueAt: PeopleSite.at(70))], at: PeopleSite.at(60))
            try await body(site)
        }
    }

    /// Every table with a column that leads to an account, with the number of rows that lead to this one.
    private static func rows(of name: String, in store: UsageStore) async throws -> [String: Int] {
        try await store.read { database in
            var counts: [String: Int] = [:]
            for table in try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            {
                let columns = try database.columns(in: table).map(\.name)
                for (column, condition) in [
                    ("accountKey", "accountKey IN (SELECT accountKey FROM account WHERE accountId = ?)"),
                    ("accountId", "accountId = ?"), ("grantAccountId", "grantAccountId = ?"),
                ] where columns.contains(column) && !(table == "account" && column == "accountKey") {
                    counts[table] = try Int.fetchOne(
                        database, sql: "SELECT count(*) FROM \(table) WHERE \(condition)", arguments: [name])
                }
            }
            return counts
        }
    }

    @Test("of an erased account the bare id is left, and nothing of anybody else is missing")
    func erase() async throws {
        try await Self.withPeople { site in
            let before = try await Self.rows(of: "alice", in: site.store)
            #expect(
                before.filter { $0.value == 0 }.map(\.key).sorted() == ["erasedAccount", "site"],
                "a table that the test does not reach")
            let bob = try await Self.rows(of: "bob", in: site.store)
            let alice = try PeopleSite.account("alice")

            #expect(try await site.store.erase(alice, cause: .closed, at: Self.later))
            let after = try await Self.rows(of: "alice", in: site.store)
            // How often a consent's tokens were renewed is a number beside the id, and tells an older copy of the vault.
            #expect(after.filter { $0.value > 0 } == ["account": 1, "erasedAccount": 1, "grantGeneration": 1])
            #expect(try await Self.rows(of: "bob", in: site.store) == bob)
            let found = try await site.store.find("alice", on: nil)
            let record = try #require(try await site.store.records(of: found.map(\.key), asOf: nil).first)
            #expect(
                record.erasedAt == Self.later && record.displayName == nil && !record.isEnabled && !record.holdsSeat)
            #expect(record.roles.isEmpty && record.groups.isEmpty && record.last == nil && record.tallies.isEmpty)
            #expect(try await site.store.counts(of: site.site.key) == (users: 1, issues: 1, activities: 1))
            #expect(try await !site.store.erase(alice, cause: .closed, at: Self.later), "once is enough")
            let counts = try await site.store.privacyCounts(since: .init(milliseconds: 0))
            #expect(counts.map(\.event) == ["erasedClosed"] && counts.map(\.count) == [1])
        }
    }

    @Test("an erased account stays erased: readings and deeds of it are not kept, on another site either")
    func staysErased() async throws {
        try await Self.withPeople { site in
            let alice = try PeopleSite.account("alice")
            _ = try await site.store.erase(alice, cause: .requested, at: Self.later)
            try await site.list(["alice": .enabled, "bob": .enabled], at: 2_000_000)
            try await site.read("alice", .init(roles: ["jira"]), at: 2_000_010)
            let second = try await site.store.connect(
                cloudID: CloudID(rawValue: "c2"), name: "Two", url: "https://two.atlassian.net",
                grantAccount: try PeopleSite.account("reader"), at: Self.later)
            for key in [site.site.key, second.key] {
                try await site.store.keep(
                    [
                        .people([try PeopleSite.person("alice", .enabled)], listedAt: Self.later),
                        .activities([
                            Activity(
                                source: .init(kind: .commented, id: 99, ordinal: 0), account: alice,
                                issue: IssueID(rawValue: 7), at: Self.later)
                        ]),
                    ], state: SiteState(), for: key)
            }
            let rows = try await Self.rows(of: "alice", in: site.store)
            #expect(rows.filter { $0.value > 0 } == ["account": 2, "erasedAccount": 1, "grantGeneration": 1])
            // And after both sites were left with all that was theirs.
            for key in [site.site.key, second.key] { try await site.store.remove(key, at: Self.later) }
            let third = try await site.store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: try PeopleSite.account("reader"), at: Self.later)
            try await site.store.keep(
                [.people([try PeopleSite.person("alice", .enabled)], listedAt: Self.later)], state: SiteState(),
                for: third.key)
            #expect(try await Self.rows(of: "alice", in: site.store)["profile"] == 0)
            #expect(try await site.store.unscheduledAccounts(limit: 10).contains(alice) == false)
            for key in [site.site.key, second.key] {
                let due = try await site.store.unreadAccounts(quietSince: nil, after: 0, limit: 10, on: key).accounts
                #expect(!due.contains(alice))
            }
        }
    }

    @Test("an export has every row of every table that speaks of the person, page by page, and none of others")
    func export() async throws {
        try await Self.withPeople { site in
            for name in ["alice", "bob", "reader"] {
                let account = try PeopleSite.account(name)
                var exported: [String: Int] = [:]
                var position = ExportPosition.start
                while let row = try await site.store.export(account, from: position, limit: 1).first {
                    exported[row.record, default: 0] += 1
                    position = row.end
                }
                let whole = try await site.store.export(account, from: .start, limit: 1000)
                #expect(Dictionary(grouping: whole, by: \.record).mapValues(\.count) == exported)
                let stored = try await Self.rows(of: name, in: site.store).filter { $0.value > 0 }
                #expect(exported == stored, "\(name)")
            }
            let alice = try await site.store.export(try PeopleSite.account("alice"), from: .start, limit: 1000)
            let deed = try #require(alice.first { $0.record == "activity" })
            #expect(deed.values.map(\.name) == ["at", "kind", "sourceId", "issueId", "issueKey"])
            #expect(
                deed.values.map(\.value) == [
                    .instant(PeopleSite.at(50)), .text("edited"), .number(0), .number(7), .text("ABC-1"),
                ])
        }
    }

    @Test("a name that changed is fetched again by the next reading, and erased where there is none")
    func outdated() async throws {
        try await Self.withPeople { site in
            let (alice, bob) = (try PeopleSite.account("alice"), try PeopleSite.account("bob"))
            try await site.store.keep(
                AccountReportResult(reported: [alice, bob], closed: [], updated: [alice, bob]),
                dueAt: PeopleSite.at(900), at: PeopleSite.at(100))
            let due = try await site.store.unreadAccounts(quietSince: nil, after: 0, limit: 10, on: site.site.key)
            #expect(Set(due.accounts) == [alice, bob])
            try await site.read("alice", .init(), at: 110)
            #expect(try await site.store.accountReportState(at: Self.later).outdated == 1)
            try await site.store.keep(
                [.access(.init(account: bob, outcome: .notShown), readAt: PeopleSite.at(120))], state: SiteState(),
                for: site.site.key)
            let found = try await site.store.find("bob", on: nil)
            let record = try #require(try await site.store.records(of: found.map(\.key), asOf: nil).first)
            #expect(record.displayName == nil && record.holdsSeat, "the directory listed bob, so only the name goes")
            #expect(try await site.store.find("Name of bob", on: nil).isEmpty)
            let people = try await site.store.summaries(
                matching: UserFilter(), order: .name(after: nil), asOf: nil, limit: 10)
            #expect(people.map(\.displayName) == [nil, "Name of alice"], "a list still has everybody")
        }
    }

    /// Names change in an order, and by lengths, that let SQLite split pages, join them and put rows elsewhere: with
    /// `secure_delete` alone one or the other of the former names is left in a page.
    @Test("what was erased, or renamed, is in no byte of database and log, however its rows were moved")
    func rawBytes() async throws {
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: try PeopleSite.account("reader"), at: PeopleSite.beginning)
            var random = SplitMix64(seed: 7)
            var people: [Int: Person] = [:]
            var gone: [String] = []
            for round in 0..<60 {
                var some: [Person] = []
                for number in (0..<2500).shuffled(using: &random).prefix(round == 0 ? 2500 : 150) {
                    let name = String(random.next(), radix: 36)
                    let filling = String(repeating: "n", count: Int.random(in: 0...200, using: &random))
                    let person = Person(
                        account: try PeopleSite.account("id-\(number)"), displayName: "Name \(name) \(filling)",
                        email: Bool.random(using: &random) ? "\(name)@example.com" : nil, accountType: .atlassian,
                        isEnabled: true)
                    if let former = people.updateValue(person, forKey: number) { gone += Self.texts(of: former) }
                    some.append(person)
                }
                try await store.keep(
                    [.people(some, listedAt: PeopleSite.at(round))], state: SiteState(), for: site.key)
            }
            let closed = (0..<2500).shuffled(using: &random).prefix(500)
            for number in closed { gone += people.removeValue(forKey: number).map(Self.texts) ?? [] }
            let there = people.values.flatMap(Self.texts)
            #expect(try Self.found(gone, in: directory) > 500, "the search finds what is there")
            let accounts = try closed.map { try PeopleSite.account("id-\($0)") }
            try await store.keep(
                AccountReportResult(reported: accounts, closed: accounts, updated: []), dueAt: PeopleSite.at(900),
                at: PeopleSite.at(100))
            #expect(try Self.found(gone, in: directory) == 0)
            #expect(try Self.found(there, in: directory) == there.count, "whoever is not erased is there")
            #expect(try await !store.accountReportState(at: PeopleSite.at(4)).isWipeDue)
            try store.close()
            #expect(try Self.found(gone, in: directory) == 0)
        }
    }

    /// What only this person has: the words of the name and the address that stand nowhere else.
    private static func texts(of person: Person) -> [String] {
        [String(person.displayName.dropFirst(5).prefix { $0 != " " })] + [person.email].compactMap(\.self)
    }

    /// How many of the texts, each of eight bytes or more, are in any file of a directory.
    private static func found(_ texts: [String], in directory: String) throws -> Int {
        func word(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
        let byBeginning = Dictionary(grouping: texts, by: { word($0.utf8) })
        var found: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
            var last: UInt64 = 0
            for (index, byte) in bytes.enumerated() {
                last = last << 8 | UInt64(byte)
                for text in byBeginning[last] ?? [] where bytes[(index - 7)...].starts(with: text.utf8) {
                    found.insert(text)
                }
            }
        }
        return found.count
    }
}
