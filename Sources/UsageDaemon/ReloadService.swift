import Logging
import ServiceLifecycle
import Systemd
import UnixSignals
import UsageModel
import UsageSync

/// Reads the configuration anew at each SIGHUP, which is what `systemctl reload` sends.
struct ReloadService: Service {
    /// Trapped before the daemon is ready, for one may come from then on.
    let hangups: UnixSignalsSequence
    let settings: LiveSettings
    /// Reads the configuration as at the start.
    let read: @Sendable () throws(SettingsError) -> DaemonSettings
    let syncs: SyncService
    let notifier: Notifier
    let logger: Logger

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            _ = notifier.send(.reloading)
            await reload()
            _ = notifier.send(.ready)
        }
    }

    private func reload() async {
        do throws(SettingsError) {
            let reload = settings.take(try read())
            logger.notice(
                "The configuration was read anew",
                metadata: .event(
                    .configurationTaken,
                    [
                        "settings.taken": "\(reload.taken.joined(separator: ","))",
                        "settings.waiting": "\(reload.waiting.joined(separator: ","))",
                    ]))
            // A shorter interval would otherwise be in force only after a longer one.
            if reload.taken.contains(where: { $0.hasPrefix("sync.") }) {
                for sync in await syncs.syncs { await sync.request() }
            }
        } catch {
            settings.refuse(error)
            logger.error(
                "The configuration was not taken; what held goes on",
                metadata: .event(.configurationRefused, ["error": "\(error)"]))
        }
    }
}
