import ControlProtocol
import TokenVault
import UsageModel
import UsageStore
import UsageSync

/// What is wrong with one site, for the one who must act.
struct SiteProblems {
    let site: Site
    let state: SiteState
    let progress: SyncProgress
    let grant: GrantStatus?
    /// Of how many people Jira's search says something else than the record.
    let disagreements: Int
    let isVaultLocked: Bool
    let now: Instant
    let staleAfter: Duration

    var all: [StatusReport.Problem] {
        if let leftAt = site.leftAt { return [departure(leftAt)] }
        return permissions + [consent, failure, staleness, disagreement].compactMap { $0 }
    }

    private func departure(_ leftAt: Instant) -> StatusReport.Problem {
        StatusReport.Problem(
            kind: "disconnected",
            message: "\(site.name): disconnected at \(leftAt); what was collected is kept, and nothing new is read",
            hint: "Connect it again: jirausagectl auth login; or erase it: jirausagectl auth logout \(site.url) --erase"
        )
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
        case (.reauthorise?, _) where grant?.isOlderCopy == true:
            StatusReport.Problem(
                kind: "reauthorise",
                message: """
                    \(site.name): vault.db is an older copy, whose tokens were replaced since; to send them would end the \
                    consent, so nothing new is read
                    """,
                hint: """
                    Stop jira-usaged, put the newer vault.db back, and start it; or consent again: jirausagectl auth login
                    """)
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
        // A consent that ended is told once.
        if failure.kind == .reauthorise, consent?.kind == failure.kind.rawValue { return nil }
        return StatusReport.Problem(
            kind: failure.kind.rawValue, message: "\(site.name): \(failure.message)",
            hint: failure.retryAt.map { "The sync goes on by itself at \($0)." })
    }

    private var staleness: StatusReport.Problem? {
        guard let until = state.coverage.completeUntil ?? state.completeUntil, now.duration(since: until) > staleAfter
        else { return nil }
        return StatusReport.Problem(
            kind: "stale",
            message: "\(site.name): the record is complete up to \(until) only; absence since then is unknown",
            hint: "See what holds it up: jirausagectl sync status")
    }

    private var disagreement: StatusReport.Problem? {
        guard disagreements > 0 else { return nil }
        let whose = disagreements == 1 ? "1 user" : "\(disagreements) users"
        return StatusReport.Problem(
            kind: "proofDisagrees",
            message: """
                \(site.name): Jira's search says of \(whose) that they did something, and reading the issues that it \
                names did not show what; absence is unknown there
                """,
            // Whoever was silent for two weeks is asked about, whatever the threshold of a verdict.
            hint: """
                It is looked into again every day. See whom it concerns: \
                jirausagectl users --verdict unknown --inactive 14d
                """)
    }
}
