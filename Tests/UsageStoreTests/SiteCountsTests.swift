import GRDB
import TestSupport
import Testing
import UsageModel

@testable import UsageStore

@Suite("The store: what a status counts")
struct SiteCountsTests {
    private static let now = Instant(milliseconds: 1_800_000_000_000)

    private static func write(_ site: SiteKey, using generator: inout SplitMix64) -> SiteWrite? {
        func number(_ range: Range<Int64>) -> Int64 { .random(in: range, using: &generator) }
        guard let account = AccountID(rawValue: "a\(number(0..<12))") else { return nil }
        let issue = IssueID(rawValue: number(0..<20))
        let at = now + .milliseconds(number(0..<100))
        switch number(0..<7) {
        case 0:
            let person = Person(
                account: account, displayName: "A", email: nil, accountType: .atlassian, isEnabled: true)
            return .people([person], listedAt: at)
        case 1, 2:
            let version = IssueVersion(id: issue, updated: at)
            return .issues([IssueRow(version: version, key: "ABC-\(issue)", pending: .histories)])
        case 3: return .missed([issue], at: at)
        case 4: return .shown([issue], at: at)
        case 5:
            let worklog = WorklogReading(
                worklog: number(0..<9), issue: issue, events: [.init(account: account, at: at)])
            return .worklogs([worklog])
        default:
            let kind = ActivityKind.allCases.randomElement(using: &generator) ?? .edited
            let source = Activity.Source(kind: kind, id: number(0..<30), ordinal: number(0..<2))
            return .activities([Activity(source: source, account: account, issue: issue, at: at)])
        }
    }

    @Test(
        "whatever was written, the counts are those of the rows, site by site", arguments: 1...8 as ClosedRange<UInt64>)
    func counts(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            var generator = SplitMix64(seed: seed)
            let store = try UsageStore(path: "\(directory)/usage.db")
            let reader = try #require(AccountID(rawValue: "reader"))
            var sites: [SiteKey] = []
            for name in ["c1", "c2"] {
                let site = try await store.connect(
                    cloudID: CloudID(rawValue: name), name: name, url: name, grantAccount: reader, at: Self.now)
                sites.append(site.key)
            }
            for _ in 0..<300 {
                let site = sites[Int.random(in: 0..<2, using: &generator)]
                if let write = Self.write(site, using: &generator) { try await store.keep([write], on: site) }
            }
            for (index, site) in sites.enumerated() {
                let told = try await store.counts(of: site)
                let counted = try await store.read { database in
                    try [
                        "account WHERE isShown AND siteKey", "issue WHERE missedAt IS NULL AND siteKey",
                        "activity WHERE siteKey",
                    ].map {
                        try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0) = ?", arguments: [site.rawValue])
                    }
                }
                #expect([told.users, told.issues, told.activities] == counted)
                #expect(told.users > 0 && told.issues > 0 && told.activities > 0)
                if index == 0 { try await store.remove(site, at: Instant(milliseconds: 0)) }
            }
            #expect(try await store.counts(of: sites[0]) == (0, 0, 0))
            try store.close()
        }
    }
}
