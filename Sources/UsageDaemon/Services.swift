import ControlProtocol
import ControlServer
import Logging
import ServiceLifecycle
import Systemd
import TokenVault
import UsageModel
import UsageStore
import UsageSync

/// Something that runs until it is cancelled, as a service: a graceful stop cancels it, and its end is then no error.
struct CancelledService: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await body() }
        } catch is CancellationError {
            // The usual end.
        }
    }
}

/// Answers on the control socket. A graceful stop answers what was sent before it.
struct ControlService: Service {
    let control: ControlServer
    let whenServing: @Sendable () -> Void

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await control.run(whenServing: whenServing)
        } onGracefulShutdown: {
            control.stop()
        }
    }
}

/// Refreshes tokens. A graceful stop lets an exchange under way end, for its answer is the only copy of the next
/// refresh token.
struct VaultService: Service {
    let vault: VaultAccess
    let store: UsageStore
    let logger: Logger

    func run() async throws {
        guard case .open(let vault) = vault else { return try await gracefulShutdown() }
        await withGracefulShutdownHandler {
            await vault.run { account, generation in
                do {
                    try await store.noteGeneration(generation, of: account)
                } catch {
                    // Told again at the next start; until then an older copy of the vault might not be noticed.
                    logger.warning("A generation of tokens could not be noted", metadata: ["error": "\(error)"])
                }
            }
        } onGracefulShutdown: {
            vault.stop()
        }
    }
}

/// Tells the service manager when the daemon is ready, that it is alive, and when it stops.
///
/// Each sign of life has just been through the store's writer, one of its readers, the vault, and the event loop with the
/// dispatcher: a daemon that hangs in one of them is restarted, where a bare timer would go on saying that all is well.
struct NotifierService: Service {
    let notifier: Notifier
    let store: UsageStore
    let vault: VaultAccess
    let control: ControlServer
    /// Ends when the socket is served.
    let serving: AsyncStream<Void>
    let whenReady: @Sendable () -> Void
    let clock: any Clock<Duration>
    let logger: Logger
    /// Where there is no watchdog, signs of life are still taken for the log.
    private static let usualInterval = Duration.seconds(60)

    func run() async throws {
        for await _ in serving {}
        try await checkAlive()
        _ = notifier.send(.ready, .status("ready"))
        logger.notice("Ready", metadata: .event(.ready, ["version": "\(programVersion)"]))
        whenReady()
        let interval = (notifier.watchdogInterval ?? Self.usualInterval) / 2
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await clock.sleep(for: interval)
                    await giveSign()
                }
            }
        } catch is CancellationError {
            // The usual end.
        }
        _ = notifier.send(.stopping, .status("stopping"))
        logger.notice("Stopping", metadata: .event(.stopping))
    }

    private func giveSign() async {
        do {
            try await checkAlive()
            _ = notifier.send(.watchdog)
            await store.restAfterLookups()
        } catch {
            // A full disk passes; a store that stays unusable is for the service manager to restart.
            logger.error("The self-test failed", metadata: .event(.selfTestFailed, ["error": "\(error)"]))
        }
    }

    private func checkAlive() async throws {
        try await store.checkAlive()
        if case .open(let vault) = vault { try await vault.checkAlive() }
        try await control.checkAlive(with: ControlRequest(id: .null, call: Ping()))
    }
}
