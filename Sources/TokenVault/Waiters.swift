import Synchronization
import UsageModel

/// Callers that wait for a token, each resumed exactly once: by the refresh, by its own cancellation, or by the end.
final class Waiters: Sendable {
    typealias Answer = Result<Secret, VaultError>

    private struct Waiter {
        let account: AccountID
        let continuation: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var next = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// - Parameter registered: called once the waiter cannot miss an answer any more.
    func wait(for account: AccountID, registered: () -> Void) async -> Answer {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let refusal: VaultError? = state.withLock { state in
                    if state.isClosed { return .stopped }
                    if state.waiters.count >= limit { return .busy }
                    state.waiters[id] = Waiter(account: account, continuation: continuation)
                    return nil
                }
                if let refusal {
                    continuation.resume(returning: .failure(refusal))
                } else if Task.isCancelled {
                    // The handler below may have run before there was a waiter.
                    cancel(id)
                } else {
                    registered()
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    func contains(_ account: AccountID) -> Bool {
        state.withLock { $0.waiters.values.contains { $0.account == account } }
    }

    func resume(_ account: AccountID, with answer: Answer) {
        let due = state.withLock { state in
            let due = state.waiters.filter { $0.value.account == account }
            for id in due.keys { state.waiters[id] = nil }
            return due
        }
        for waiter in due.values { waiter.continuation.resume(returning: answer) }
    }

    /// Ends every wait, and each that would begin later.
    func close() {
        let due = state.withLock { state in
            defer { state.waiters = [:] }
            state.isClosed = true
            return state.waiters
        }
        for waiter in due.values { waiter.continuation.resume(returning: .failure(.stopped)) }
    }

    private func cancel(_ id: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: .failure(.cancelled))
    }
}
