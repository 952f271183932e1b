import Synchronization

/// Wakes the one loop that waits. Ringing before it waits is not lost; ringing twice is ringing once.
final class Doorbell: Sendable {
    private enum State {
        case quiet
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .awaited(let waiter) = state else {
                state = .rung
                return nil
            }
            state = .quiet
            return waiter
        }
        waiter?.resume()
    }

    /// Forgets a ring that nobody has waited for.
    func silence() {
        state.withLock { state in
            if case .rung = state { state = .quiet }
        }
    }

    /// Returns when the bell rings, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state -> Bool in
                    if case .rung = state {
                        state = .quiet
                        return true
                    }
                    state = .awaited(continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }

    /// Returns when the bell rings, when `duration` has passed, or when the task is cancelled.
    func wait(atMost duration: Duration, clock: any Clock<Duration>) async {
        await withTaskGroup { group in
            group.addTask { await self.wait() }
            // Cancelled when the bell was first.
            group.addTask { try? await clock.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }
}
