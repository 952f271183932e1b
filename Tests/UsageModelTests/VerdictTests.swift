import Testing
import UsageModel

@Suite("Verdicts")
struct VerdictTests {
    let asOf = Instant(milliseconds: 1_800_000_000_000)
    var start: Instant { asOf - .days(90) }

    func verdict(lastActivity: Instant?, coverage: Coverage) -> Verdict {
        Verdict(lastActivity: lastActivity, thresholdDays: 90, asOf: asOf, coverage: coverage)
    }

    func covered(since: Instant, until: Instant, reachesBeginning: Bool = false, isBackfilling: Bool = false)
        -> Coverage
    {
        Coverage(
            completeSince: since, completeUntil: until, reachesBeginning: reachesBeginning,
            isBackfilling: isBackfilling)
    }

    @Test("an activity in the window makes active, whatever is covered")
    func active() {
        for coverage in [Coverage.none, covered(since: start, until: asOf)] {
            #expect(verdict(lastActivity: asOf, coverage: coverage).state == .active)
            #expect(verdict(lastActivity: start + .milliseconds(1), coverage: coverage).state == .active)
        }
    }

    @Test("the window leaves out its start: an activity exactly 90 days ago is too old")
    func windowIsOpenAtItsStart() {
        #expect(verdict(lastActivity: start, coverage: covered(since: start, until: asOf)).state == .inactive)
    }

    @Test("none in a covered window makes inactive, with or without an older activity")
    func inactive() {
        let coverage = covered(since: start, until: asOf)
        #expect(verdict(lastActivity: nil, coverage: coverage).state == .inactive)
        #expect(verdict(lastActivity: start - .days(1), coverage: coverage).state == .inactive)
    }

    @Test("none at all back to the first issue makes neverActive")
    func neverActive() {
        let coverage = covered(since: start, until: asOf, reachesBeginning: true)
        #expect(verdict(lastActivity: nil, coverage: coverage).state == .neverActive)
        #expect(verdict(lastActivity: start - .days(1), coverage: coverage).state == .inactive)
    }

    @Test("a hole makes unknown and names itself")
    func unknown() {
        let late = start + .milliseconds(1)
        let cases: [(Coverage, CoverageCause)] = [
            (.none, .neverSynced),
            (covered(since: late, until: asOf, isBackfilling: true), .backfill),
            (covered(since: late, until: asOf), .beforeHistory),
            (covered(since: start, until: asOf - .milliseconds(1)), .notSynced),
            (
                Coverage(
                    completeSince: start, completeUntil: asOf, reachesBeginning: true, isBackfilling: false,
                    obstacles: [.browseProjectsMissing]), .browseProjectsMissing
            ),
        ]
        for (coverage, cause) in cases {
            let verdict = verdict(lastActivity: nil, coverage: coverage)
            #expect(verdict.state == .unknown)
            #expect(verdict.cause == cause)
        }
    }

    @Test("a seat is an enabled person with a role")
    func seats() {
        #expect(holdsSeat(accountType: .atlassian, isEnabled: true, roleCount: 1))
        #expect(!holdsSeat(accountType: .atlassian, isEnabled: true, roleCount: 0))
        #expect(!holdsSeat(accountType: .atlassian, isEnabled: false, roleCount: 1))
        for type in [AccountType.app, .customer, .unknown] {
            #expect(!holdsSeat(accountType: type, isEnabled: true, roleCount: 1))
        }
    }

    @Test(
        "account ids are what Atlassian allows", arguments: ["", "unknown", "a b", String(repeating: "x", count: 129)])
    func accountIDs(text: String) {
        #expect(AccountID(rawValue: text) == nil)
        #expect(AccountID(rawValue: "557058:99635a32-d962-b7cb-7675-4d1965e525ba") != nil)
    }

    @Test("a secret tells nothing of itself, however it is printed")
    func secrets() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.exposed == "hunter2" && secret.matches(Secret("hunter2")) && !secret.matches(Secret("hunter3")))
    }
}
