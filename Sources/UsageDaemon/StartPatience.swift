import Synchronization
import Systemd

/// Asks the service manager for more time while a start that takes long goes on, and says so.
///
/// Only where the work itself calls: one that hangs gets no more time.
final class StartPatience: Sendable {
    /// How much longer each time, and how often that is said.
    private static let moreTime = Duration.seconds(30)
    private static let interval = Duration.seconds(2)

    private let notifier: Notifier
    private let clock = ContinuousClock()
    private let lastAsked = Mutex<ContinuousClock.Instant?>(nil)

    init(notifier: Notifier) {
        self.notifier = notifier
    }

    func ask() {
        let isDue = lastAsked.withLock { last in
            guard last.map({ clock.now - $0 >= Self.interval }) ?? true else { return false }
            last = clock.now
            return true
        }
        guard isDue else { return }
        notifier.send(.extendTimeout(Self.moreTime), .status("copying, testing or migrating the database"))
    }
}
