import ControlProtocol
import UsageModel

extension StatusReport {
    private static let mostSites = 3

    /// All of it in a line, for `systemctl status`. Everybody may read that, so nothing of it is personal.
    var line: String {
        var parts: [String] = []
        if let first = problems.first {
            parts.append("\(health.rawValue): \(first.message)")
            if problems.count > 1 { parts.append("\(problems.count - 1) more problems, see jirausagectl status") }
        }
        parts += sites.prefix(Self.mostSites).map(\.line)
        if sites.count > Self.mostSites { parts.append("\(sites.count) sites in all") }
        return parts.joined(separator: "; ")
    }
}

extension StatusReport.Site {
    fileprivate var line: String { "\(name): \(sync.line), \(coverage.line)" }
}

extension SyncState {
    fileprivate var line: String {
        guard state == .running, let phase else { return state.rawValue }
        return "reading \(phase), \(progress.done)" + (progress.total.map { " of \($0)" } ?? "")
    }
}

extension CoverageState {
    fileprivate var line: String {
        guard let completeSince, let completeUntil else { return "not complete for any time yet" }
        return "complete from \(completeSince.minute) to \(completeUntil.minute)"
    }
}
