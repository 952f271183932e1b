import Synchronization

/// A clock that stands still until it is told to move.
package final class ManualClock: Clock {
    package struct Instant: InstantProtocol {
        let offset: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct Sleeper {
        let id: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextID = 0
        var sleepers: [Sleeper] = []
    }

    private let state = Mutex(State())
    private let announcement: AsyncStream<Duration>.Continuation
    /// How long each sleep is to last, told once it has begun. For one reader.
    package let sleeps: AsyncStream<Duration>

    package init() {
        (sleeps, announcement) = AsyncStream.makeStream()
    }

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .zero }

    /// Moves on and wakes everybody whose time has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let hasSlept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                lieDown(Sleeper(id: id, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            wake(id)
        }
        guard hasSlept else { throw CancellationError() }
    }

    private func lieDown(_ sleeper: Sleeper) {
        let outcome: Bool? = state.withLock { state in
            // A cancellation before this point found nobody to wake; one after it will.
            if Task.isCancelled { return false }
            if sleeper.deadline <= state.now { return true }
            state.sleepers.append(sleeper)
            announcement.yield(state.now.duration(to: sleeper.deadline))
            return nil
        }
        if let outcome { sleeper.continuation.resume(returning: outcome) }
    }

    private func wake(_ id: Int) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
        }
        sleeper?.continuation.resume(returning: false)
    }
}
