import ControlProtocol
import UsageModel

extension StatusReport {
    func text(_ style: Style) -> String {
        var text = printable("jira-usaged \(version): ") + style.apply(health.emphasis, to: health.words)
        text += state == .ready ? "\n" : " (\(state.rawValue))\n"
        for problem in problems {
            text += style.folded(printable(problem.message), lead: "  ! ", emphasis: health.emphasis)
            if let hint = problem.hint { text += style.folded(printable(hint), lead: "    ") }
        }
        let isVaultLocked = problems.contains { $0.kind == ControlError.Kind.vaultLocked.rawValue }
        if sites.isEmpty, !isVaultLocked { text += "No site is connected. Connect one: jirausagectl auth login\n" }
        for site in sites { text += "\n" + site.text(style, isVaultLocked: isVaultLocked) }
        // As it should be, it is not worth a line.
        if let vault, vault.keyPlace == .file || vault.isRekeyed { text += "\n" + vault.text }
        return text
    }
}

extension StatusReport.Health {
    fileprivate var words: String {
        switch self {
        case .ok: "healthy"
        case .degraded: "working, with problems"
        case .failing: "not working"
        }
    }

    fileprivate var emphasis: Style.Emphasis {
        switch self {
        case .ok: .good
        case .degraded: .warning
        case .failing: .bad
        }
    }
}

extension StatusReport.Site {
    fileprivate func text(_ style: Style, isVaultLocked: Bool) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["connected", .init(auth.words(isVaultLocked: isVaultLocked))])
        table.append(["sync", .init(sync.words)])
        if let waitingFor = sync.waitingFor { table.append(["waits", .init("for \(waitingFor.words)")]) }
        if let points = sync.points { table.append(["points", .init(points.words)]) }
        table.append(["answers", .init(coverage.words)])
        for hole in coverage.holes { table.append(["", .init(hole.words)]) }
        let activities = counted(counts.activities, "activity", plural: "activities")
        table.append([
            "read", .init("\(counted(counts.users, "user")), \(counted(counts.issues, "issue")), \(activities)"),
        ])
        return style.apply(.heading, to: printable("\(name) (\(url))")) + "\n" + table.text(style, indent: "  ")
    }
}

extension CoverageState {
    fileprivate var words: String {
        guard let completeSince, let completeUntil else { return "the answer is not complete for any time yet" }
        return "the answer is complete from \(completeSince.minute) to \(completeUntil.minute)"
    }
}

extension CoverageState.Hole {
    fileprivate var words: String {
        let stretch =
            switch (from, until) {
            case (let from?, let until?): "not from \(from.minute) to \(until.minute)"
            case (let from?, nil): "not since \(from.minute)"
            case (nil, let until?): "not before \(until.minute)"
            case (nil, nil): "not for any time"
            }
        return "\(stretch): \(reason.words(issues: issues))"
    }
}

extension AuthState {
    /// - Parameter isVaultLocked: then no consent can be given before the vault is open.
    func words(isVaultLocked: Bool) -> String {
        let account = account?.displayName.map { " as \($0)" } ?? ""
        switch state {
        case .valid: return "yes\(account)" + (expiresAt.map { ", until \($0.day)" } ?? "")
        case .refreshing: return "yes\(account), renewing the token"
        case .reauthorise where reason == .olderCopy:
            return "no: vault.db is an older copy: put the newer one back, or consent again: jirausagectl auth login"
        case .reauthorise: return "no: consent must be given again: jirausagectl auth login"
        case .none where isVaultLocked: return "no: the vault is locked"
        case .none: return "no: jirausagectl auth login"
        }
    }
}

extension SyncState {
    fileprivate var progressWords: String {
        if let waitingFor { return "waits for \(waitingFor.words)" }
        let done = progress.total.map { "\(grouped(progress.done)) of \(grouped($0))" } ?? grouped(progress.done)
        let end = eta.map { ", done about \($0.minute.dropFirst(11))" } ?? ""
        return "reading\(phase.map { " \($0)" } ?? ""), \(done)\(end)"
    }

    var words: String {
        var parts = [state.rawValue]
        if let phase { parts[0] += ", reading \(phase)" }
        if phase != nil || state == .running {
            parts.append(progress.total.map { "\(grouped(progress.done)) of \(grouped($0))" } ?? grouped(progress.done))
        }
        if let eta { parts.append("this done about \(eta.minute)") }
        parts.append(lastCompletedAt.map { "last complete \($0.minute)" } ?? "never complete yet")
        if let lastError { parts.append("last error: \(lastError)") }
        return parts.joined(separator: ", ")
    }
}

extension SyncState.Points {
    /// The hour in which they are, and when it ends; an hour has no date.
    fileprivate var words: String {
        "\(grouped(used)) of \(grouped(limit)) this hour, new ones at \(resetsAt.minute.dropFirst(11))"
    }
}

extension SyncState.Waiting {
    fileprivate var words: String {
        let what =
            switch reason {
            case .quota: "the next hour's points"
            case .rateLimit: "Jira, which asks for a pause"
            case .reauthorise: "a new consent: jirausagectl auth login"
            case .permission: "a permission of the connected account"
            case .configuration: "an administrator: the app's registration, or the vault"
            case .unavailable: "Atlassian to be reached again"
            case .retry: "the next try"
            }
        return what + (until.map { ", until \($0.minute)" } ?? "")
    }
}

extension SyncReport {
    /// How far the sites that are being read are, in one line.
    var progress: String {
        let sites = sites.filter { $0.sync.state != .idle }
        return sites.isEmpty
            ? "waiting for a pass" : sites.map { "\($0.name): \($0.sync.progressWords)" }.joined(separator: "; ")
    }

    func text(_ style: Style) -> String {
        guard !sites.isEmpty else { return "No site is connected. Connect one: jirausagectl auth login\n" }
        var table = TextTable([("", .left), ("", .left)])
        for site in sites {
            table.append([.init(site.name), .init(site.sync.words)])
            if let waitingFor = site.sync.waitingFor { table.append(["", .init("waits for \(waitingFor.words)")]) }
            if let points = site.sync.points { table.append(["", .init("points: \(points.words)")]) }
            if let requests = site.sync.concurrency {
                table.append(["", .init("at most \(counted(requests, "request")) at once")])
            }
        }
        return table.text(style)
    }
}
