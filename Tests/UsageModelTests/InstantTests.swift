import FoundationEssentials
import TestSupport
import Testing
import UsageModel

@Suite("Instants")
struct InstantTests {
    @Test(
        "reads what Jira and RFC 3339 write",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2020-06-15T16:59:51.302+0800", 1_592_211_591_302),
            ("2020-06-15T16:59:51.302+08:00", 1_592_211_591_302),
            ("2026-03-26T16:00Z", 1_774_540_800_000),
            ("2000-02-29T23:59:59.9999Z", 951_868_799_999),
            ("2026-11-24", 1_795_478_400_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(Instant(text)?.milliseconds == milliseconds)
        #expect(Instant(utf8: Array("x\(text)x".utf8)[1...text.utf8.count])?.milliseconds == milliseconds)
    }

    @Test(
        "refuses what is no instant",
        arguments: [
            "", "soon", "2026-13-01", "2026-02-29", "2026-11-24T", "2026-11-24T25:00Z", "2026-11-24T10:00:00",
            "2026-11-24T10:00:00.Z", "2026-11-24T10:00:00Zz", "2026-1-24", "2026-11-24T10:00:00+9",
        ])
    func refuses(text: String) {
        #expect(Instant(text) == nil)
        #expect(Instant(utf8: Array(text.utf8)[...]) == nil)
    }

    @Test("writes what it reads, over centuries", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let instant = Instant(
                milliseconds: Int64.random(in: -2_000_000_000_000...9_000_000_000_000, using: &generator))
            #expect(Instant(instant.description) == instant)
        }
    }

    @Test("names the same day as Foundation's calendar", arguments: [4] as [UInt64])
    func agreesWithFoundation(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: 0...4_000_000_000, using: &generator)
            let theirs = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            #expect(Instant(milliseconds: seconds * 1000).description == theirs.dropLast() + ".000Z")
        }
    }
}
