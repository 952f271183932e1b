import TestSupport
import Testing
import UsageModel

@testable import UsageStore

@Suite("The store: what is open")
struct DisagreementTests {
    private static let noon = Instant(milliseconds: 1_800_000_000_000)

    private func withStore(_ body: (UsageStore, SiteKey) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try UsageStore(path: "\(directory)/usage.db")
            let site = try await store.connect(
                cloudID: CloudID(rawValue: "c1"), name: "One", url: "https://one.atlassian.net",
                grantAccount: try account("reader"), at: Self.noon)
            try await body(store, site.key)
            try store.close()
        }
    }

    private func account(_ name: String) throws -> AccountID { try #require(AccountID(rawValue: name)) }

    private func person(_ name: String, enabled: Bool = true, type: AccountType = .atlassian) throws -> Person {
        Person(
            account: try account(name), displayName: name, email: nil, accountType: type, isEnabled: enabled)
    }

    private func proof(_ outcome: Proof.Outcome, from: Instant? = nil) -> Proof {
        Proof(from: from, at: Self.noon, outcome: outcome)
    }

    @Test("those are counted of whom Jira's search says something else, as long as nothing later explains it")
    func disagreements() async throws {
        try await withStore { store, site in
            let people = [
                try person("quiet"), try person("ever"), try person("since"), try person("gone", enabled: false),
                try person("bot", type: .app),
            ]
            try await store.keep(people, listedAt: Self.noon, on: site)
            let day = Self.noon - .days(30)
            try await store.keep(
                [
                    .proof(proof(.quiet), of: try account("quiet")), .proof(proof(.disagrees), of: try account("ever")),
                    .proof(proof(.disagrees, from: day), of: try account("since")),
                    .proof(proof(.disagrees), of: try account("gone")),
                    .proof(proof(.disagrees), of: try account("bot")),
                ], on: site)
            #expect(try await store.disagreements(on: site) == 2)

            func edit(_ id: Int64, at: Instant) throws -> Activity {
                Activity(
                    source: .init(kind: .edited, id: id, ordinal: 0), account: try account("since"),
                    issue: IssueID(rawValue: 1), at: at)
            }
            _ = try await store.keep([try edit(1, at: day - .seconds(1))], on: site)
            #expect(try await store.disagreements(on: site) == 2, "what came before the day explains nothing")
            _ = try await store.keep([try edit(2, at: day)], on: site)
            #expect(try await store.disagreements(on: site) == 1)
            #expect(try await store.disagreements(on: SiteKey(rawValue: 99)) == 0)
        }
    }

    @Test("issues that are still to be read are counted, with the latest of their updates")
    func pending() async throws {
        try await withStore { store, site in
            func row(_ id: Int64, _ updated: Instant, _ pending: PendingReads) -> IssueRow {
                IssueRow(
                    version: IssueVersion(id: IssueID(rawValue: id), updated: updated), key: "A-\(id)", pending: pending
                )
            }
            #expect(try await store.pendingReads(on: site) == nil)
            try await store.keep(
                [
                    .issues([
                        row(1, Self.noon - .seconds(9), .histories),
                        row(2, Self.noon - .seconds(5), [.histories, .comments]), row(3, Self.noon, []),
                    ])
                ], on: site)
            let open = try #require(try await store.pendingReads(on: site))
            #expect(open.issues == 2)
            #expect(open.until == Self.noon - .seconds(5))
        }
    }
}
