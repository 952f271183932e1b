import ControlProtocol
import TokenVault
import UsageModel
import UsageStore
import UsageSync

/// `status`: is it healthy, connected, synced, and since when is the answer complete.
struct DaemonHandler: Sendable {
    let store: UsageStore
    let service: SyncService
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
            do {
                state = try await store.siteState(of: site.key)
                counts = try await store.counts(of: site.key)
            } catch {
                throw ControlError(error)
            }
            let progress = await service.sync(of: site.cloudID)?.progress ?? SyncProgress()
            let authState = try await auth.authState(of: site, grants: grants)
            // Without a vault nothing is known of consents, and that is told once, for all sites.
            let isVaultLocked = if case .locked = auth.vault { true } else { false }
            let found = SiteProblems(
                site: site, state: state, progress: progress, grant: grants[site.grantAccount],
                isVaultLocked: isVaultLocked, now: now() + state.clockOffset, staleAfter: staleAfter)
            problems += found.all
            reports.append(
                StatusReport.Site(
                    cloudId: site.cloudID, name: site.name, url: site.url, auth: authState,
                    sync: ControlProtocol.SyncState(progress, state: state, now: now()),
                    coverage: CoverageState(
                        completeSince: state.completeSince, completeUntil: state.completeUntil),
                    counts: StatusReport.Counts(
                        users: counts.users, issues: counts.issues, activities: counts.activities)))
        }
        return StatusReport(
            version: programVersion, state: .ready, health: StatusReport.Health(problems), problems: problems,
            sites: reports)
    }
}

/// What is wrong with one site, for the one who must act.
struct SiteProblems {
    let site: Site
    let state: SiteState
    let progress: SyncProgress
    let grant: GrantStatus?
    let isVaultLocked: Bool
    let now: Instant
    let staleAfter: Duration

    var all: [StatusReport.Problem] {
        permissions + [consent, failure, staleness].compactMap { $0 }
    }

    private var permissions: [StatusReport.Problem] {
        state.missingPermissions.map { key in
            switch key {
            case "USER_PICKER":
                StatusReport.Problem(
                    kind: "permissionMissing",
                    message: """
                        \(site.name): the connected account lacks the global permission "Browse users and groups" \
                        (USER_PICKER); who holds which seat cannot be known without it
                        """,
                    hint: "Grant it in Jira's settings, System, Global permissions; then: jirausagectl sync run")
            default:
                StatusReport.Problem(
                    kind: "permissionMissing",
                    message: """
                        \(site.name): the connected account lacks the permission "Browse projects" (\(key)); who did \
                        what cannot be known without it, and every verdict on absence is unknown
                        """,
                    hint: "Grant it in every project's permission scheme; then: jirausagectl sync run")
            }
        }
    }

    private var consent: StatusReport.Problem? {
        switch (grant?.state, grant?.warning(at: now)) {
        case (nil, _) where isVaultLocked: nil
        case (nil, _), (.reauthorise?, _):
            StatusReport.Problem(
                kind: "reauthorise", message: "\(site.name): nobody's consent is valid any more; nothing new is read",
                hint: "Consent again: jirausagectl auth login")
        case (_?, let warning?):
            StatusReport.Problem(
                kind: "consentExpires", message: "\(site.name): the consent ends within \(warning.rawValue) days",
                hint: "Renew it before: jirausagectl auth login")
        case (_?, nil): nil
        }
    }

    private var failure: StatusReport.Problem? {
        guard let failure = progress.lastError, failure.kind != .stopping else { return nil }
        return StatusReport.Problem(
            kind: failure.kind.rawValue, message: "\(site.name): \(failure.message)",
            hint: failure.retryAt.map { "The sync goes on by itself at \($0)." })
    }

    private var staleness: StatusReport.Problem? {
        guard let until = state.completeUntil, now.duration(since: until) > staleAfter else { return nil }
        return StatusReport.Problem(
            kind: "stale",
            message: "\(site.name): the record is complete up to \(until) only; absence since then is unknown",
            hint: "See what holds it up: jirausagectl sync status")
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
