import UsageModel

/// How the service manager sees the daemon, of what `systemctl show` prints.
struct ServiceState: Hashable {
    static let unit = "jira-usaged.service"

    /// Instants as ``init(_:)`` reads them: in UTC, with microseconds.
    static let command = [
        "show", "--timestamp=us+utc", "--property=LoadState,ActiveState,UnitFileState,NeedDaemonReload",
        "--property=ExecMainStartTimestamp,ExecMainStatus,ExecStart", unit,
    ]

    var load = ""
    var active = ""
    var unitFile = ""
    var needsReload = false
    /// When the running daemon was started; `nil` where that is not told.
    var startedAt: Instant?
    /// What the daemon, or who prepared its start, ended with.
    var exitStatus = 0
    /// The daemon's program.
    var program: String?

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "LoadState": load = parts[1]
            case "ActiveState": active = parts[1]
            case "UnitFileState": unitFile = parts[1]
            case "NeedDaemonReload": needsReload = parts[1] == "yes"
            case "ExecStart":
                // For example: { path=/usr/sbin/jira-usaged ; argv[]=/usr/sbin/jira-usaged ; ignore_errors=no ; …
                program = parts[1].split(separator: " ").first { $0.hasPrefix("path=") }.map { String($0.dropFirst(5)) }
            case "ExecMainStatus": exitStatus = Int(parts[1]) ?? 0
            case "ExecMainStartTimestamp":
                // For example: Fri 2026-11-27 18:03:12.123456 UTC
                let words = parts[1].split(separator: " ")
                if words.count == 4, words[3] == "UTC" { startedAt = Instant("\(words[1])T\(words[2])Z") }
            default: break
            }
        }
    }

    /// What is wrong with the unit; `nil` where it can be started.
    var refusal: SetupFailure? {
        switch load {
        case "masked": .masked
        case "not-found": .notInstalled
        default: nil
        }
    }

    var isActive: Bool { active == "active" || active == "reloading" }

    /// What the service manager is to be told, so that the daemon runs, by what is there, and does so after a boot.
    ///
    /// - Parameter changedAt: when the last of the files was changed that the daemon reads as it starts.
    func commands(changedAt: Instant) -> [ServiceCommand] {
        var commands: [ServiceCommand] = []
        if unitFile != "enabled" { commands.append(.enable) }
        // Whoever failed too often is not started again before this.
        if active == "failed" { commands.append(.forgetFailure) }
        if !isActive {
            commands.append(.start)
        } else if startedAt.map({ $0 < changedAt }) ?? true {
            // Told by the files, not by what this run changed: the one before may have been stopped in between.
            // Only a reload asks it within the unit's confines whether it would start again.
            commands += [.reload, .restart]
        }
        return commands
    }
}

enum ServiceCommand: Hashable {
    case enable, forgetFailure, start, reload, restart

    /// For systemctl(1).
    var words: [String] {
        switch self {
        case .enable: ["enable", ServiceState.unit]
        case .forgetFailure: ["reset-failed", ServiceState.unit]
        case .start: ["start", ServiceState.unit]
        case .reload: ["reload", ServiceState.unit]
        case .restart: ["restart", ServiceState.unit]
        }
    }
}
