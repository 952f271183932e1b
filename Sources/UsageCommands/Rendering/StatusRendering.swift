import ControlProtocol
import UsageModel

extension StatusReport {
    func text(_ style: Style) -> String {
        var text = printable("jira-usaged \(version): ") + style.apply(health.emphasis, to: health.words)
        text += state == .ready ? "\n" : " (\(state.rawValue))\n"
        for problem in problems {
            text += style.apply(health.emphasis, to: "  ! ") + printable(problem.message) + "\n"
            if let hint = problem.hint { text += "    " + printable(hint) + "\n" }
        }
        if sites.isEmpty { text += "No site is connected. Connect one: jirausagectl auth login\n" }
        for site in sites { text += "\n" + site.text(style) }
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
    fileprivate func text(_ style: Style) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["connected", .init(auth.words)])
        table.append(["sync", .init(sync.words)])
        table.append(["answers", .init(coverage.words)])
        for hole in coverage.holes {
            table.append(["", .init("but not from \(hole.from.minute) to \(hole.until.minute): \(hole.reason.words)")])
        }
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

extension AuthState {
    var words: String {
        let account = account?.displayName.map { " as \($0)" } ?? ""
        switch state {
        case .valid: return "yes\(account)" + (expiresAt.map { ", until \($0.day)" } ?? "")
        case .refreshing: return "yes\(account), renewing the token"
        case .reauthorise: return "no: consent must be given again: jirausagectl auth login"
        case .none: return "no: jirausagectl auth login"
        }
    }
}

extension SyncState {
    var words: String {
        var parts = [state.rawValue]
        if let phase { parts[0] += ", reading \(phase)" }
        if phase != nil || state == .running {
            parts.append(progress.total.map { "\(grouped(progress.done)) of \(grouped($0))" } ?? grouped(progress.done))
        }
        if let eta { parts.append("done about \(eta.minute)") }
        parts.append(lastCompletedAt.map { "last complete \($0.minute)" } ?? "never complete yet")
        if let lastError { parts.append("last error: \(lastError)") }
        return parts.joined(separator: ", ")
    }
}

extension SyncReport {
    func text(_ style: Style) -> String {
        guard !sites.isEmpty else { return "No site is connected. Connect one: jirausagectl auth login\n" }
        var table = TextTable([("", .left), ("", .left)])
        for site in sites { table.append([.init(site.name), .init(site.sync.words)]) }
        return table.text(style)
    }
}
