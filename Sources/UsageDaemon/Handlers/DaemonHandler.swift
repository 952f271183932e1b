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
    /// What is wrong with the configuration from the start; told with each status.
    let startProblems: [StatusReport.Problem]
    /// After this long without a complete pass the answers count as stale.
    let staleAfter: Duration
    let now: @Sendable () -> Instant

    func status() async throws(ControlError) -> StatusReport {
        let grants = await auth.vault.grants()
        var problems = startProblems
        var reports: [StatusReport.Site] = []
        let sites: [Site]
        do {
            sites = try await store.sites()
        } catch {
            throw ControlError(error)
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
            reports.append(
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
            sites: reports)
    }
}

extension StatusReport.Problem {
    static let notConnected = StatusReport.Problem(
        kind: "notConnected", message: "no Jira site is connected", hint: "Connect one: jirausagectl auth login")
}

extension StatusReport.Health {
    /// The daemon still answers with some problems; with others it cannot do what it is for.
    init(_ problems: [StatusReport.Problem]) {
        let fatal: Set = ["notConnected", "reauthorise", "vaultLocked", "badConfiguration", "misconfigured", "storage"]
        if problems.isEmpty {
            self = .ok
        } else {
            self = problems.contains { fatal.contains($0.kind) } ? .failing : .degraded
        }
    }
}
