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
    let settings: LiveSettings
    let now: @Sendable () -> Instant

    /// What the store knows of one site.
    private struct Facts: Sendable {
        let site: Site
        let state: SiteState
        let counts: (users: Int, issues: Int, activities: Int)
        let pending: (issues: Int, until: Instant)?
        let disagreements: Int
        /// Of the account that consented.
        let consenterName: String?
    }

    func status() async throws(ControlError) -> StatusReport {
        let grants = await auth.vault.grants()
        let (facts, reports) = try await facts()
        var problems = startProblems + settings.problems
        if let problem = StatusReport.Problem(
            overdue: reports, failure: keeper.lastFailure, erasedAfter: settings.retention.unreported, now: now())
        {
            problems.append(problem)
        }
        if let file = store.setAside { problems.append(.storeSetAside(file)) }
        if let file = store.lostErasures { problems.append(.erasuresLost(file)) }
        if facts.isEmpty, startProblems.isEmpty { problems.append(.notConnected) }
        var sites: [StatusReport.Site] = []
        for facts in facts {
            let sync = await service.sync(of: facts.site.cloudID)
            problems += siteProblems(facts, grant: grants[facts.site.grantAccount], sync?.progress)
            sites.append(report(on: facts, grants: grants, sync))
        }
        return StatusReport(
            version: programVersion, state: .ready, health: StatusReport.Health(problems), problems: problems,
            vault: try await auth.vaultState(), sites: sites, change: Int(store.change.value))
    }

    private func facts() async throws(ControlError) -> ([Facts], OverdueReports) {
        do {
            return try await store.snapshot { reader in
                let facts = try reader.sitesWithStates().map { site, state in
                    Facts(
                        site: site, state: state, counts: try reader.counts(of: site.key),
                        pending: try reader.pendingReads(on: site.key),
                        disagreements: try reader.disagreements(on: site.key),
                        consenterName: try reader.displayName(of: site.grantAccount, on: site.key))
                }
                return (facts, try reader.overdueReports(at: now()))
            }
        } catch {
            throw ControlError(reading: error)
        }
    }

    private func siteProblems(
        _ facts: Facts, grant: GrantStatus?, _ progress: SyncProgress?
    ) -> [StatusReport.Problem] {
        // Without a vault nothing is known of consents, and that is told once, for all sites.
        let isVaultLocked = if case .locked = auth.vault { true } else { false }
        return SiteProblems(
            site: facts.site, state: facts.state, progress: progress ?? SyncProgress(), grant: grant,
            disagreements: facts.disagreements, isVaultLocked: isVaultLocked, now: now() + facts.state.clockOffset,
            staleAfter: settings.staleAfter
        ).all
    }

    private func report(
        on facts: Facts, grants: [AccountID: GrantStatus], _ sync: SiteSync?
    ) -> StatusReport.Site {
        let (site, counts) = (facts.site, facts.counts)
        let progress = sync?.progress ?? SyncProgress()
        return StatusReport.Site(
            cloudId: site.cloudID, name: site.name, url: site.url,
            auth: AuthState(of: site, grants: grants, accountName: facts.consenterName),
            sync: ControlProtocol.SyncState(
                SyncView(
                    progress: progress.counting(storedIssues: counts.issues), state: facts.state,
                    concurrency: sync?.concurrencyLimit,
                    points: SharedPoints(budget, for: site.cloudID, now: now()), now: now())),
            coverage: CoverageState(
                of: facts.state, pending: facts.pending, now: now() + facts.state.clockOffset,
                staleAfter: settings.staleAfter),
            counts: StatusReport.Counts(users: counts.users, issues: counts.issues, activities: counts.activities))
    }
}

extension StatusReport.Problem {
    static let notConnected = StatusReport.Problem(
        kind: "notConnected", message: "no Jira site is connected", hint: "Connect one: jirausagectl auth login")

    /// - Parameter file: the damaged database.
    fileprivate static func storeSetAside(_ file: String) -> Self {
        .init(
            kind: "storeSetAside",
            message: """
                the database was damaged, and was begun anew: what Jira cannot tell again is lost, above all who had which seat \
                before
                """,
            hint: """
                If you have a backup, put it back: see BACKUP AND RESTORE in jira-usaged(8). Then, or when nothing of the \
                damaged file is needed: rm \(file.shellWord)*. After a week it is deleted
                """)
    }

    /// - Parameter file: what says so, until somebody removes it.
    fileprivate static func erasuresLost(_ file: String) -> Self {
        .init(
            kind: "erasuresLost",
            message: """
                the database was lost or damaged, and with it, at least in part, who had been erased: they may be back
                """,
            hint: """
                Erase again whoever was (jirausagectl privacy erase ACCOUNT --force), and then: rm \(file.shellWord)
                """)
    }
}

extension StatusReport.Problem {
    /// Stored accounts that should have been reported to Atlassian a seventh of a cycle ago; `nil` where there are none.
    fileprivate init?(overdue reports: OverdueReports, failure: SyncFailure?, erasedAfter: Duration, now: Instant) {
        guard let dueAt = reports.firstDueAt, now.duration(since: dueAt) > reports.cycle / 7 else { return nil }
        self.init(
            kind: "personalDataOverdue",
            message: """
                stored accounts (\(reports.count)) could not be reported to Atlassian since \(dueAt), as its rules on \
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
