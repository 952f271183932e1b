import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("Verdicts on who was asked for by name")
struct SettledVerdictTests {
    private static let now = Instant(milliseconds: 1_800_000_000_000)

    @Test(
        "somebody of whom Jira finds nothing is inactive before anything is read, in whatever zone it reads the day",
        arguments: [
            "UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati",
            "Pacific/Pago_Pago", "Asia/Kathmandu", nil,
        ], [1, 30, 90, 365])
    func silent(zone: String?, days: Int) throws {
        let windowStart = Self.now - .days(days)
        let query = CandidateQuery(
            quietSince: windowStart, reach: nil, renewBefore: Self.now - .days(7), retryBefore: Self.now - .days(1))
        var plan = SettlePlan(query: query, since: windowStart, zone: ProfileZone(identifier: zone))
        _ = plan.next()
        plan.listed([Candidate(account: PlanWorld.account(1), last: nil)], end: nil)
        guard case .seek(let probe, _) = plan.next(),
            case .proof(let proof, PlanWorld.account(1)) = plan.found(0, for: probe, now: Self.now).first
        else {
            Issue.record("nothing is proven of the only person")
            return
        }
        // Nothing has been read yet: Jira's word is all there is of the window.
        let coverage = Coverage(
            completeSince: Self.now, completeUntil: Self.now, reachesBeginning: false, isBackfilling: true,
            confirmedUntil: Self.now)
        let verdict = Verdict(
            lastActivity: nil, thresholdDays: days, asOf: Self.now, coverage: coverage, demand: .proof(proof))
        #expect(verdict.state == .inactive)
    }
}
