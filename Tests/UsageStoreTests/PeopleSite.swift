import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

/// A store with one site, whose people are read at instants that a test gives in seconds.
struct PeopleSite {
    static let beginning = Instant("2026-01-01T00:00:00Z") ?? Instant(milliseconds: 0)

    let store: UsageStore
    let site: Site

    static func with(_ body: (PeopleSite) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: try account("reader"), at: beginning)
            try await body(PeopleSite(store: store, site: site))
            try store.close()
        }
    }

    static func at(_ second: Int) -> Instant { beginning + .seconds(second) }

    static func account(_ name: String) throws -> AccountID { try #require(AccountID(rawValue: name)) }

    static func person(_ name: String, _ standing: Standing) throws -> Person {
        Person(
            account: try account(name), displayName: "Name of \(name)", email: nil, accountType: standing.type,
            isEnabled: standing.isEnabled)
    }

    struct Standing: Hashable {
        var type = AccountType.atlassian
        var isEnabled = true

        static let enabled = Standing()
        static let disabled = Standing(isEnabled: false)
    }

    struct Holdings: Hashable {
        var roles: Set<String> = []
        var groups: Set<String> = []
        /// Roles that Jira counts and does not name.
        var unnamed = 0

        var access: Access {
            Access(
                roles: roles.map { ApplicationRole(key: $0, name: $0.uppercased()) }, roleCount: roles.count + unnamed,
                groups: groups.map(PeopleSite.group), groupCount: groups.count)
        }
    }

    static func group(_ id: String) -> Group { Group(id: id, name: "name of \(id)") }

    // MARK: - Readings

    /// One reading of the directory; one that is not whole was broken off after these.
    func list(_ people: [String: Standing], at second: Int, isWhole: Bool = true) async throws {
        let people = try people.sorted { $0.key < $1.key }.map { try Self.person($0.key, $0.value) }
        try await store.keep(people, listedAt: Self.at(second), on: site.key)
        if isWhole { try await store.finishRoster(startedAt: Self.at(second), on: site.key) }
    }

    func read(_ name: String, _ holdings: Holdings, _ standing: Standing = .enabled, at second: Int) async throws {
        let outcome = UsageStore.AccessReading.Outcome.found(try Self.person(name, standing), holdings.access)
        try await store.keep(
            [.init(account: try Self.account(name), outcome: outcome)], readAt: Self.at(second), on: site.key)
    }

    func miss(_ name: String, at second: Int) async throws {
        try await store.keep(
            [.init(account: try Self.account(name), outcome: .notShown)], readAt: Self.at(second), on: site.key)
    }

    func grant(_ role: String, to groups: Set<String>, at second: Int) async throws {
        try await store.keep(
            grants: [(role: role, groups: groups.map(Self.group))], readAt: Self.at(second), on: site.key)
    }

    /// Somebody did something on an issue, and need not be in the directory.
    func act(_ name: String, issue: Int64 = 1, at second: Int) async throws {
        let activity = Activity(
            source: .init(kind: .edited, id: Int64(second), ordinal: 0), account: try Self.account(name),
            issue: IssueID(rawValue: issue), at: Self.at(second))
        try await store.keep([.activities([activity])], on: site.key)
    }

    // MARK: - Answers

    func key(of name: String) async throws -> Int64 {
        try #require(try await store.find(name, on: site.key).first?.key)
    }

    func record(of name: String, asOf second: Int? = nil) async throws -> UsageRecord {
        try #require(try await store.records(of: [key(of: name)], asOf: second.map(Self.at)).first)
    }

    func holders(asOf second: Int? = nil, role: String? = nil, group: String? = nil) async throws -> [String] {
        let filter = UserFilter(site: site.key, role: role, group: group, holdsSeat: true)
        let found = try await store.summaries(
            matching: filter, order: .name(after: nil), asOf: second.map(Self.at), limit: 1000)
        return found.compactMap { $0.displayName?.split(separator: " ").last.map(String.init) }
    }

    func history(of name: String, asOf second: Int? = nil) async throws -> [SeatStretch] {
        try await store.seatHistory(of: key(of: name), asOf: second.map(Self.at), limit: 50)
    }

    func count(_ table: String) async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}
