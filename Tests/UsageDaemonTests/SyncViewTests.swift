import ControlProtocol
import Testing
import UsageModel
import UsageStore
import UsageSync

@testable import UsageDaemon

@Suite("What status tells of a sync")
struct SyncViewTests {
    private let now: Instant
    private let fullHour: Instant

    init() throws {
        now = try #require(Instant("2026-11-24T10:20:00Z"))
        fullHour = try #require(Instant("2026-11-24T11:00:00Z"))
    }

    private func view(
        _ kind: SyncFailure.Kind?, _ activity: SyncProgress.Activity, until: Instant? = nil, isQuota: Bool = false
    ) -> SyncView {
        var progress = SyncProgress()
        progress.activity = activity
        progress.lastError = kind.map { SyncFailure(kind: $0, message: "m", retryAt: until, isQuota: isQuota) }
        progress.resumesAt = until
        return SyncView(
            progress: progress, state: SiteState(), concurrency: 8,
            points: SharedPoints(used: 600, limit: 1100, resetsAt: fullHour, left: 500), now: now)
    }

    @Test("points are told from a pause that Jira asks for")
    func quota() {
        let quota = view(.rateLimited, .waiting, until: fullHour, isQuota: true)
        #expect(quota.waitingFor == .init(reason: .quota, until: fullHour))
        let soon = now + .seconds(30)
        #expect(view(.rateLimited, .waiting, until: soon).waitingFor == .init(reason: .rateLimit, until: soon))
    }

    @Test("what runs waits for nothing, whatever ended the pass before")
    func running() {
        #expect(view(.rateLimited, .running).waitingFor == nil)
        #expect(view(nil, .idle).waitingFor == nil)
        #expect(view(.stopping, .failed).waitingFor == nil)
    }

    @Test(
        "whoever must act is told",
        arguments: [
            (.reauthorise, .reauthorise), (.forbidden, .permission), (.misconfigured, .configuration),
            (.unavailable, .unavailable), (.protocolViolated, .retry), (.storage, .retry),
        ] as [(SyncFailure.Kind, ControlProtocol.SyncState.Waiting.Reason)])
    func reasons(kind: SyncFailure.Kind, reason: ControlProtocol.SyncState.Waiting.Reason) {
        #expect(view(kind, .paused).waitingFor == .init(reason: reason, until: nil))
    }

    @Test("the points of the hour are those that all sites have spent")
    func points() throws {
        let budget = PointsBudget(perHour: 1000)
        let (here, there) = (CloudID(rawValue: "c1"), CloudID(rawValue: "c2"))
        guard case .granted(let reservation) = budget.reserve(100, for: there, now: now) else {
            Issue.record("nothing was granted")
            return
        }
        budget.settle(reservation, actual: 300, now: now)
        let points = SharedPoints(budget, for: here, now: now)
        #expect(points == SharedPoints(used: 300, limit: 1000, resetsAt: fullHour, left: 700))
        let state = ControlProtocol.SyncState(
            SyncView(progress: SyncProgress(), state: SiteState(), concurrency: nil, points: points, now: now))
        #expect(state.points == .init(used: 300, limit: 1000, resetsAt: fullHour))
        #expect(state.concurrency == nil)
    }
}

@Suite("What a site's record lacks")
struct CoverageReportTests {
    private let until = Instant(milliseconds: 1_800_000_000_000)

    private func report(
        _ state: SiteState, pending: (issues: Int, until: Instant)? = nil, at now: Instant? = nil
    ) -> CoverageState {
        CoverageState(of: state, pending: pending, now: now ?? until + .seconds(60), staleAfter: .seconds(3600))
    }

    private var complete: SiteState { SiteState(completeSince: until - .days(400), until: until) }

    @Test("a record that is complete and fresh has no hole")
    func whole() {
        #expect(report(complete) == CoverageState(completeSince: until - .days(400), completeUntil: until, holes: []))
    }

    @Test("a site that was never read lacks everything")
    func nothing() {
        #expect(report(SiteState()).holes == [.init(from: nil, until: nil, reason: .neverSynced)])
    }

    @Test("a first reading under way lacks what lies between its goal and what is complete")
    func backfill() {
        var state = complete
        state.backfill = SiteState.Backfill(
            startedAt: until, floor: until - .days(900), frontier: until - .days(500), total: 10,
            reachesSiteStart: false)
        #expect(
            report(state).holes
                == [.init(from: until - .days(900), until: until - .days(400), reason: .backfill)])
        (state.completeSince, state.completeUntil) = (nil, nil)
        #expect(report(state).holes == [.init(from: until - .days(900), until: nil, reason: .backfill)])
    }

    @Test("while worklogs of earlier are not read, the record is no longer than they are")
    func worklogs() {
        var state = complete
        state.worklogsReadFrom = until - .days(90)
        let report = report(state)
        #expect(report.completeSince == until - .days(90) && report.completeUntil == until)
        #expect(
            report.holes == [.init(from: until - .days(400), until: until - .days(90), reason: .backfill)])
    }

    @Test("a record grows stale when no pass has been completed for long, and not before")
    func stale() {
        #expect(report(complete, at: until + .seconds(3600)).holes.isEmpty)
        #expect(
            report(complete, at: until + .seconds(3601)).holes == [.init(from: until, until: nil, reason: .notSynced)])
    }

    @Test("what is to be read again once a permission is back is laid to the permission")
    func distrusted() {
        var state = complete
        state.missingPermissions = ["BROWSE_PROJECTS"]
        (state.worklogsReadFrom, state.worklogsCheckedAt) = (nil, nil)
        #expect(report(state).holes == [.init(from: nil, until: nil, reason: .browseProjectsMissing)])
        state.missingPermissions = []
        #expect(report(state).holes == [.init(from: until - .days(400), until: nil, reason: .backfill)])
    }

    @Test("missing permissions come first, and issues that are still to be read are counted")
    func causes() {
        var state = complete
        state.missingPermissions = ["BROWSE_PROJECTS", "USER_PICKER"]
        #expect(
            report(state, pending: (issues: 7, until: until - .seconds(5))).holes == [
                .init(from: nil, until: nil, reason: .browseProjectsMissing),
                .init(from: nil, until: nil, reason: .userPickerMissing),
                .init(from: nil, until: until - .seconds(5), reason: .issuesPending, issues: 7),
            ])
    }
}

@Suite("The problems of a site")
struct SiteProblemsTests {
    private func kinds(disagreements: Int) throws -> [StatusReport.Problem] {
        let now = Instant(milliseconds: 1_800_000_000_000)
        let state = SiteState(completeSince: now - .days(400), until: now)
        let site = Site(
            key: SiteKey(rawValue: 1), cloudID: CloudID(rawValue: "c"), name: "Site",
            url: "https://site.atlassian.net", grantAccount: try #require(AccountID(rawValue: "a")), connectedAt: now)
        return SiteProblems(
            site: site, state: state, progress: SyncProgress(), grant: nil, disagreements: disagreements,
            isVaultLocked: true, now: now, staleAfter: .seconds(3600)
        ).all
    }

    @Test("where Jira's search says something else than the record, status is degraded and says of how many")
    func disagreements() throws {
        #expect(try kinds(disagreements: 0).isEmpty)
        let problems = try kinds(disagreements: 3)
        #expect(problems.map(\.kind) == ["proofDisagrees"])
        #expect(problems.first?.message.contains("3 users") == true)
        #expect(StatusReport.Health(problems) == .degraded)
    }
}
