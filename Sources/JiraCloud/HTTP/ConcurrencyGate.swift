import Synchronization

/// Lets at most so many tasks through at once, in the order in which they came. A waiting task may be cancelled.
final class ConcurrencyGate: Sendable {
    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var permits: Int
        var nextTicket: UInt64 = 0
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    init(permits: Int) {
        precondition(permits > 0, "a gate without permits would never open")
        state = Mutex(State(permits: permits))
    }

    /// Runs `body` while holding a permit, and gives it back whatever happens.
    func withPermit<Value>(_ body: () async -> Value) async throws(CancellationError) -> Value {
        try await acquire()
        defer { release() }
        return await body()
    }

    private func acquire() async throws(CancellationError) {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        let isAdmitted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enqueue(Waiter(ticket: ticket, continuation: continuation))
            }
        } onCancel: {
            cancel(ticket)
        }
        guard isAdmitted else { throw CancellationError() }
    }

    private func enqueue(_ waiter: Waiter) {
        let isAdmitted: Bool? = state.withLock { state in
            // A cancellation before this point found no waiter to remove; one after it will.
            if Task.isCancelled { return false }
            if state.permits > 0 {
                state.permits -= 1
                return true
            }
            state.waiters.append(waiter)
            return nil
        }
        if let isAdmitted { waiter.continuation.resume(returning: isAdmitted) }
    }

    private func cancel(_ ticket: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func release() {
        let next = state.withLock { state -> Waiter? in
            guard !state.waiters.isEmpty else {
                state.permits += 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
