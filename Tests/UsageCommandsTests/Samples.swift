import ControlProtocol
import Testing
import UsageModel

func moment(_ text: String) throws -> Instant { try #require(Instant(text)) }

let example = CloudID(rawValue: "c1")

/// Somebody for whom everything is known.
func ann(seatHistory: [SeatStretch]? = nil) throws -> UserReport {
    let lastAt = try moment("2026-11-20T09:30:00Z")
    return UserReport(
        accountId: try #require(AccountID(rawValue: "5b10a")), displayName: "Ann Müller", email: "ann@example.com",
        accountType: .atlassian, enabled: true, site: example,
        applicationRoles: [ApplicationRole(key: "jira-software", name: "Jira Software")],
        groups: [
            GroupMembership(id: "g1", name: "jira-users", grants: ["jira-software"]),
            GroupMembership(id: "g2", name: "staff, \"all\"", grants: []),
        ], seat: true, accessReadAt: try moment("2026-11-23T11:40:00Z"), seatHistory: seatHistory,
        lastActivity: LastActivity(at: lastAt, kind: .edited, issue: IssueID(rawValue: 10001), issueKey: "ABC-1"),
        activity: ActivityCounts([
            .edited: ActivityTally(count: 1234, lastAt: lastAt),
            .commented: ActivityTally(count: 5, lastAt: try moment("2026-10-01T08:00:00Z")),
        ]),
        verdict: try verdict(.active))
}

/// Somebody who has not been seen, or of whom nothing can be said.
func bo(_ verdict: VerdictReport, lastAt: Instant? = nil) throws -> UserReport {
    UserReport(
        accountId: try #require(AccountID(rawValue: "712020:b0")), displayName: "王小明 \u{1B}[31m", email: nil,
        accountType: .atlassian, enabled: true, site: example,
        applicationRoles: [ApplicationRole(key: "jira-software", name: "Jira Software")], groups: [], seat: true,
        accessReadAt: try moment("2026-11-23T11:40:00Z"),
        lastActivity: lastAt.map {
            LastActivity(at: $0, kind: .commented, issue: IssueID(rawValue: 7), issueKey: nil)
        }, activity: ActivityCounts([:]), verdict: verdict)
}

func verdict(_ state: VerdictState, reason: CoverageCause? = nil, proof: Proof? = nil) throws -> VerdictReport {
    VerdictReport(
        state: state, thresholdDays: 90, asOf: try moment("2026-11-23T12:00:00Z"),
        completeSince: try moment("2025-10-20T00:00:00Z"), completeUntil: try moment("2026-11-23T12:00:00Z"),
        reason: reason, proof: proof)
}

/// A sync that has nothing to do.
func idleSync() throws -> SyncState {
    SyncState(
        state: .idle, phase: nil, startedAt: nil, lastCompletedAt: try moment("2026-11-23T11:45:00Z"),
        progress: .init(done: 0, total: nil), eta: nil, lastError: nil,
        points: .init(used: 12345, limit: 65000, resetsAt: try moment("2026-11-23T12:00:00Z")), waitingFor: nil,
        concurrency: 8)
}

/// A first sync that has spent the hour's points.
func waitingSync() throws -> SyncState {
    SyncState(
        state: .waiting, phase: "history", startedAt: try moment("2026-11-23T11:00:00Z"), lastCompletedAt: nil,
        progress: .init(done: 30000, total: 120_000), eta: try moment("2026-11-23T14:40:00Z"),
        lastError: "the hour's points are spent",
        points: .init(used: 64987, limit: 65000, resetsAt: try moment("2026-11-23T12:00:00Z")),
        waitingFor: .init(reason: .quota, until: try moment("2026-11-23T12:00:00Z")), concurrency: 6)
}

func status(
    _ health: StatusReport.Health = .ok, problems: [StatusReport.Problem] = [], sync: SyncState? = nil,
    holes: [CoverageState.Hole] = []
) throws -> StatusReport {
    let idle = try idleSync()
    let auth = AuthState(
        state: .valid, account: ConsentingAccount(accountId: AccountID(rawValue: "5b1"), displayName: "Usage Reader"),
        scopes: ["offline_access", "read:jira-user"], expiresAt: try moment("2027-11-01T00:00:00Z"))
    return StatusReport(
        version: "0.1.0", state: .ready, health: health, problems: problems,
        sites: [
            .init(
                cloudId: example, name: "Example", url: "https://example.atlassian.net", auth: auth, sync: sync ?? idle,
                coverage: CoverageState(
                    completeSince: try moment("2025-10-20T00:00:00Z"),
                    completeUntil: try moment("2026-11-23T11:45:00Z"), holes: holes),
                counts: .init(users: 2000, issues: 20000, activities: 1))
        ])
}
