import Synchronization
import UsageModel

/// Time that passes when a test says so, for waits and for the wall.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct State {
        var offset: Duration = .zero
        var next = 0
        var sleepers: [Int: (deadline: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let state = Mutex(State())

    var now: Instant { Instant(offset: state.withLock { $0.offset }) }
    var minimumResolution: Duration { .zero }
    /// The wall's time: 2026-11-24 at the start.
    var wall: UsageModel.Instant { UsageModel.Instant(milliseconds: 1_795_478_400_000) + now.offset }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if deadline.offset <= state.offset { return true }
                    state.sleepers[id] = (deadline.offset, continuation)
                    return false
                }
                if isOver { continuation.resume() } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// How many sleep.
    var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Whether somebody sleeps who is to wake after exactly this long.
    func hasSleeper(for duration: Duration) -> Bool {
        state.withLock { state in state.sleepers.values.contains { $0.deadline == state.offset + duration } }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.offset += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.offset }
            for id in due.keys { state.sleepers[id] = nil }
            return due
        }
        for sleeper in due.values { sleeper.continuation.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}

/// Lets others run until `condition` holds. The test's time limit ends a wait in vain.
func eventually(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
}
