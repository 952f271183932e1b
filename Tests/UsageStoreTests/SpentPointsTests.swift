import TestSupport
import Testing
import UsageModel
import UsageStore

@Suite("What was spent of the hour's points")
struct SpentPointsTests {
    private static let hour = Instant(milliseconds: 1_800_000_000_000)

    @Test("it survives closing; of one hour the greater sum stands, and another hour takes its place")
    func kept() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/usage.db"
            let account = try #require(AccountID(rawValue: "a"))
            let (hour, next) = (Self.hour, Self.hour + .seconds(3600))
            var store = try UsageStore(path: path)
            #expect(try await store.spentPoints() == nil)
            var sites: [Site] = []
            for number in 1...2 {
                sites.append(
                    try await store.connect(
                        cloudID: CloudID(rawValue: "c\(number)"), name: "n", url: "u", grantAccount: account, at: hour))
            }
            let told = [(0, hour, 70), (1, hour, 50), (0, hour, 90), (1, next, 5), (0, next, 7)]
            let kept = [70, 70, 90, 5, 7]
            for ((index, hour, points), right) in zip(told, kept) {
                let spent = SpentPoints(hour: hour, points: points)
                try await store.keep([.spent(spent)], state: SiteState(), for: sites[index].key)
                try store.close()
                store = try UsageStore(path: path)
                #expect(try await store.spentPoints() == SpentPoints(hour: hour, points: right))
            }
            try store.close()
        }
    }
}
