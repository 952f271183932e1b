import Synchronization

/// Lets at most so many tasks through at once, in the order in which they came. A waiting task may be cancelled.
///
/// How many is the limit's decision, which learns from each task that leaves. Where it falls, nobody is thrown out:
/// those inside leave one by one, and nobody follows until there is room.
package final class ConcurrencyGate: Sendable {
    private struct Permit {
        /// What the limit had been through when the permit was given.
        let falls: Int
        let admission: UInt64
        let isFirstInside: Bool
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Permit?, Never>
    }

    private struct State {
        var limit: AdaptiveLimit
        var inside = 0
        var admissions: UInt64 = 0
        var nextTicket: UInt64 = 0
        var waiters: [Waiter] = []

        mutating func permit() -> Permit? {
            guard inside < limit.limit else { return nil }
            inside += 1
            admissions += 1
            return Permit(falls: limit.falls, admission: admissions, isFirstInside: inside == 1)
        }

        mutating func leave(_ permit: Permit, _ sign: AdaptiveLimit.Sign) {
            let isAlone = permit.isFirstInside && permit.admission == admissions
            limit.take(sign, falls: permit.falls, isAlone: isAlone)
            inside -= 1
        }
    }

    private let state: Mutex<State>

    package init(_ limit: AdaptiveLimit) {
        state = Mutex(State(limit: limit))
    }

    /// How many may be inside now.
    package var limit: Int { state.withLock { $0.limit.limit } }
    /// How many are inside. More than `limit` for a while after that has fallen.
    package var inside: Int { state.withLock { $0.inside } }
    /// How many wait for their turn.
    package var waiting: Int { state.withLock { $0.waiters.count } }

    /// Runs `body` while holding a permit, and gives it back whatever happens.
    ///
    /// - Parameter sign: what the limit is to learn from the result.
    package func withPermit<Value>(
        sign: (Value) -> AdaptiveLimit.Sign = { _ in .nothing }, _ body: () async -> Value
    ) async throws(CancellationError) -> Value {
        let permit = try await acquire()
        let value = await body()
        release(permit, sign(value))
        return value
    }

    private func acquire() async throws(CancellationError) -> Permit {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        let permit = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enqueue(Waiter(ticket: ticket, continuation: continuation))
            }
        } onCancel: {
            cancel(ticket)
        }
        guard let permit else { throw CancellationError() }
        return permit
    }

    private func enqueue(_ waiter: Waiter) {
        let answer: Permit?? = state.withLock { state in
            // A cancellation before this point found no waiter to remove; one after it will.
            if Task.isCancelled { return .some(nil) }
            if state.waiters.isEmpty, let permit = state.permit() { return permit }
            state.waiters.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func cancel(_ ticket: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    private func release(_ permit: Permit, _ sign: AdaptiveLimit.Sign) {
        let admitted = state.withLock { state -> [(Waiter, Permit)] in
            state.leave(permit, sign)
            var admitted: [(Waiter, Permit)] = []
            while let next = state.waiters.first, let permit = state.permit() {
                state.waiters.removeFirst()
                admitted.append((next, permit))
            }
            return admitted
        }
        for (waiter, permit) in admitted { waiter.continuation.resume(returning: permit) }
    }
}
