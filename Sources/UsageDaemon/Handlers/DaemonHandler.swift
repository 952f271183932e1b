import ControlProtocol
import TokenVault
import UsageModel
import UsageStore
import UsageSync

/// `status`: is it healthy, connected, synced, and since when is the answer complete.
struct DaemonHandler: Sendable {
    let store: UsageStore
    let service: SyncService
    let budget: PointsBudget
    let auth: AuthHandler
    let keeper: PersonalDataKeeper
    /// What is wrong with the configuration from the start; told with each status.
    let startProblems: [StatusReport.Problem]
    /// Names and addresses that could not be reported for so long are erased.
    let unreportedFor: Duration
    /// After this long without a complete pass the answers count as stale.
    let staleAfter: Duration
    let now: @Sendable () -> Instant

    func status() async throws(ControlError) -> StatusReport {
        let grants = await auth.vault.grants()
        var problems = startProblems
        var siteReports: [StatusReport.Site] = []
        let sites: [Site]
        let reports: AccountReportState
        do {
            sites = try await store.sites()
            reports = try await store.accountReportState(at: now())
        } catch {
            throw ControlError(error)
        }
        if let problem = StatusReport.Problem(
            overdue: reports, failure: keeper.lastFailure, erasedAfter: unreportedFor, now: now())
        {
            problems.append(problem)
        }
        if sites.isEmpty, startProblems.isEmpty { problems.append(.notConnected) }
        for site in sites {
            let state: SiteState
            let counts: (users: Int, issues: Int, activities: Int)
            let pending: (issues: Int, until: Instant)?
            let disagreements: Int
            do {
                state = try await store.siteState(of: site.key)
                counts = try await store.counts(of: site.key)
                pending = try await store.pendingReads(on: site.key)
                disagreements = try await store.disagreements(on: site.key)
            } catch {
                throw ControlError(error)
            }
            let sync = await service.sync(of: site.cloudID)
            let progress = sync?.progress ?? SyncProgress()
            let authState = try await auth.authState(of: site, grants: grants)
            // Without a vault nothing is known of consents, and that is told once, for all sites.
            let isVaultLocked = if case .locked = auth.vault { true } else { false }
            let found = SiteProblems(
                site: site, state: state, progress: progress, grant: grants[site.grantAccount],
                disagreements: disagreements, isVaultLocked: isVaultLocked, now: now() + state.clockOffset,
                staleAfter: staleAfter)
            problems += found.all
            siteReports.append(
                StatusReport.Site(
                    cloudId: site.cloudID, name: site.name, url: site.url, auth: authState,
                    sync: ControlProtocol.SyncState(
                        SyncView(
                            progress: progress.counting(storedIssues: counts.issues), state: state,
                            concurrency: sync?.concurrencyLimit,
                            points: SharedPoints(budget, for: site.cloudID, now: now()), now: now())),
                    coverage: CoverageState(
                        of: state, pending: pending, now: now() + state.clockOffset, staleAfter: staleAfter),
                    counts: StatusReport.Counts(
                        users: counts.users, issues: counts.issues, activities: counts.activities)))
        }
        return StatusReport(
            version: programVersion, state: .ready, health: StatusReport.Health(problems), problems: problems,
            vault: try await auth.vaultState(), sites: siteReports)
    }
}

extension StatusReport.Problem {
    static let notConnected = StatusReport.Problem(
        kind: "notConnected", message: "no Jira site is connected", hint: "Connect one: jirausagectl auth login")
}

extension StatusReport.Problem {
    /// Stored accounts that should have been reported to Atlassian a seventh of a cycle ago; `nil` where there are none.
    fileprivate init?(overdue reports: AccountReportState, failure: SyncFailure?, erasedAfter: Duration, now: Instant) {
        guard let dueAt = reports.nextDueAt, now.duration(since: dueAt) > reports.cycle / 7 else { return nil }
        self.init(
            kind: "personalDataOverdue",
            message: """
                stored accounts (\(reports.overdue)) could not be reported to Atlassian since \(dueAt), as its rules on \
                personal data demand\(failure.map { ": \($0.message)" } ?? "")
                """,
            hint: """
                Connect a site again (jirausagectl auth login), or erase what is kept of one that was left \
                (jirausagectl auth logout SITE --erase). Names not reported by \(dueAt + erasedAfter) are erased.
                """)
    }
}

extension StatusReport.Health {
    /// The daemon still answers with some problems; with others it cannot do what it is for.
    init(_ problems: [StatusReport.Problem]) {
        let fatal: Set = [
            "notConnected", "reauthorise", "siteNotCovered", "vaultLocked", "badConfiguration", "misconfigured",
            "storage",
        ]
        if problems.isEmpty {
            self = .ok
        } else {
            self = problems.contains { fatal.contains($0.kind) } ? .failing : .degraded
        }
    }
}
