import ControlProtocol
import Testing
import UsageModel

@testable import UsageDaemon

@Suite("The line for systemctl status")
struct StatusLineTests {
    private func site(_ name: String, phase: String? = nil, isComplete: Bool = true) -> StatusReport.Site {
        let instant = Instant("2026-11-23T15:00:00Z")
        return StatusReport.Site(
            cloudId: CloudID(rawValue: name), name: name, url: "https://\(name).atlassian.net",
            auth: AuthState(
                state: .valid, account: ConsentingAccount(accountId: nil, displayName: "Ada Lovelace"), scopes: [],
                expiresAt: nil),
            sync: SyncState(
                state: phase == nil ? .idle : .running, phase: phase, startedAt: nil, lastCompletedAt: nil,
                progress: .init(done: 12, total: 40), eta: nil, lastError: nil, points: nil, waitingFor: nil,
                concurrency: nil),
            coverage: CoverageState(
                completeSince: isComplete ? instant.map { $0 - .days(90) } : nil,
                completeUntil: isComplete ? instant : nil, holes: []),
            counts: .init(users: 0, issues: 0, activities: 0))
    }

    private func line(_ problems: [String], _ sites: [StatusReport.Site]) -> String {
        StatusReport(
            version: "1", state: .ready, health: problems.isEmpty ? .ok : .failing,
            problems: problems.map { .init(kind: "k", message: $0, hint: "h") }, sites: sites
        ).line
    }

    @Test("says what is done, and for which time the answers are complete")
    func healthy() {
        #expect(
            line([], [site("a")]) == "a: idle, complete from 2026-08-25 15:00 UTC to 2026-11-23 15:00 UTC")
        #expect(
            line([], [site("a", phase: "issues", isComplete: false)])
                == "a: reading issues, 12 of 40, not complete for any time yet")
    }

    @Test("puts what is wrong first, and stays a line however much there is")
    func problems() {
        #expect(line(["no Jira site is connected"], []) == "failing: no Jira site is connected")
        let long = line(["one", "two", "three"], (1...9).map { site("s\($0)", isComplete: false) })
        #expect(long.hasPrefix("failing: one; 2 more problems, see jirausagectl status; s1: idle"))
        #expect(long.hasSuffix("; 9 sites in all"))
        #expect(!long.contains("s4") && !long.contains("\n"))
    }

    @Test("tells nothing of anybody")
    func impersonal() {
        #expect(!line(["one"], [site("a")]).contains("Ada"))
    }
}
