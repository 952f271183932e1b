import Synchronization

/// Makes passes one after the other: one now, and then one whenever the pause is over or somebody asks.
///
/// One pass at a time, by construction: `run` is the only place that makes them. To be called once.
final class PassLoop: Sendable {
    private let bell = Doorbell()
    private let waiters = PassWaiters()
    /// How often somebody has asked. The bell is rung and silenced under its lock, so that no ring is left over of somebody
    /// whom a pass has served.
    private let requested = Mutex(0)

    /// Asks for a pass that begins after this call.
    func request() {
        _ = ask()
    }

    /// Asks for a pass and returns when one that began after this call has ended.
    ///
    /// - Returns: what ended it early; `nil` where it came to its end. `stopping` where the caller is cancelled, which does
    ///   not cancel the pass.
    func outcome() async -> SyncFailure? {
        await waiters.wait(for: ask())
    }

    private func ask() -> Int {
        requested.withLock { requested in
            requested += 1
            bell.ring()
            return requested
        }
    }

    /// Makes passes until the task is cancelled.
    ///
    /// - Parameters:
    ///   - attempt: one pass; says what ended it early.
    ///   - pause: how long until the next one, where nobody asks.
    func run(
        clock: any Clock<Duration>, attempt: (_ isRequested: Bool) async -> SyncFailure?,
        pause: (_ failure: SyncFailure?) async -> Duration
    ) async {
        var served = 0
        while !Task.isCancelled {
            // Whoever rang until here is served by this pass.
            let ticket = requested.withLock { requested in
                bell.silence()
                return requested
            }
            let failure = await attempt(ticket > served)
            served = ticket
            waiters.answer(upTo: ticket, with: failure)
            guard requested.withLock({ $0 }) == ticket else { continue }
            await bell.wait(atMost: await pause(failure), clock: clock)
        }
        waiters.close()
    }
}
