import ControlProtocol
import Synchronization
import UsageModel
import UsageSync

/// The settings that hold at this moment.
///
/// What the daemon is built around (its files, its app at Atlassian, how much it may ask) holds from its start to its end.
/// Whatever else there is, is asked for each time it is needed, and changes with a reload.
final class LiveSettings: Sendable {
    private struct State {
        var settings: DaemonSettings
        /// Changed in the configuration, and not taken before the next start.
        var waiting: [String] = []
        /// Why the daemon would not start again with these.
        var obstacle: DaemonFailure?
        /// Why the configuration was not taken at the last reload.
        var fault: String?
    }

    /// What came of a reload: keys of the configuration.
    struct Reload: Hashable, Sendable {
        let taken: [String]
        let waiting: [String]
    }

    private let state: Mutex<State>

    init(_ settings: DaemonSettings) {
        state = Mutex(State(settings: settings))
    }

    var access: DaemonSettings.Access { state.withLock { $0.settings.access } }
    var sync: DaemonSettings.Sync { state.withLock { $0.settings.sync } }
    var retention: DaemonSettings.Retention { state.withLock { $0.settings.retention } }
    var thresholdDays: Int { state.withLock { $0.settings.sync.thresholdDays } }
    /// After this long without a complete pass the answers count as stale.
    var staleAfter: Duration { max(sync.interval * 4, .seconds(3600)) }

    /// Takes what of `next` takes effect while the daemon runs.
    func take(_ next: DaemonSettings) -> Reload {
        state.withLock { state in
            let before = state.settings
            var after = before
            after.access = next.access
            after.retention = next.retention
            after.sync = next.sync
            after.sync.concurrency = before.sync.concurrency
            after.sync.pointsPerHour = before.sync.pointsPerHour
            after.origins = next.origins
            state = State(settings: after, waiting: after.changes(to: next), obstacle: next.obstacle)
            return Reload(taken: before.changes(to: after), waiting: state.waiting)
        }
    }

    /// Notes that the configuration cannot be taken; what held goes on.
    func refuse(_ error: SettingsError) {
        state.withLock { $0.fault = error.description.split(separator: "\n").joined(separator: "; ") }
    }

    /// What `status` tells of the last reload.
    var problems: [StatusReport.Problem] {
        let (fault, waiting, obstacle, service) = state.withLock {
            ($0.fault, $0.waiting, $0.obstacle, $0.settings.systemctl)
        }
        var problems: [StatusReport.Problem] = []
        if let fault {
            problems.append(
                .init(
                    kind: "configurationNotTaken",
                    message: "the configuration was not taken, and what held before goes on: \(fault)",
                    hint: "Mend it, then: \(service) reload jira-usaged"))
        }
        if !waiting.isEmpty {
            problems.append(
                .init(
                    kind: "restartNeeded",
                    message: "changed in the configuration, and not in force before a restart: "
                        + waiting.joined(separator: ", "),
                    hint: fault == nil && obstacle == nil
                        ? "Restart it, which refuses nobody: \(service) restart jira-usaged"
                        : "Not as it is now, with which the daemon would not start"
                            + (obstacle.map { ": \($0)" } ?? "; mend the configuration first")))
        }
        return problems
    }
}

extension DaemonSettings {
    fileprivate var obstacle: DaemonFailure? {
        do throws(DaemonFailure) {
            try checkDirectories()
            return nil
        } catch {
            return error
        }
    }

    /// The keys that have another value in `other`, in the order of the manual.
    func changes(to other: DaemonSettings) -> [String] {
        Setting.all.filter { $0.written(self) != $0.written(other) }.map(\.path)
    }
}

extension DaemonSettings.Sync {
    func configuration(keeping retention: DaemonSettings.Retention) -> SyncConfiguration {
        SyncConfiguration(
            interval: interval, history: history.duration, threshold: .days(thresholdDays), concurrency: concurrency,
            pointsPerHour: pointsPerHour, retention: retention.activity.duration)
    }
}

extension DaemonSettings.History {
    /// `nil` for everything.
    var duration: Duration? {
        switch self {
        case .last(let duration): duration
        case .all: nil
        }
    }
}
