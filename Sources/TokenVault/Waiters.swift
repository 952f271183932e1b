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

    /// Waits without leaving `vault` first, so that what its caller has just decided there still holds.
    ///
    /// - Parameter registered: called once the waiter cannot miss an answer any more.
    func wait(for account: AccountID, on vault: isolated any Actor, registered: () -> Void) async -> Answer {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        // Told by name: in a `nonisolated(nonsending)` function the handler's default would run the operation elsewhere,
        // and a refresh could end between the decision to wait for it and the wait.
        return await withTaskCancellationHandler(
            operation: {
                await withCheckedContinuation(isolation: vault) { continuation in
                    vault.assertIsolated()
                    register(id, account, continuation, registered)
                }
            },
            onCancel: { cancel(id) },
            isolation: vault)
    }

    private func register(
        _ id: Int, _ account: AccountID, _ continuation: CheckedContinuation<Answer, Never>, _ registered: () -> Void
    ) {
        let refusal: VaultError? = state.withLock { state in
            if state.isClosed { return .stopped }
            if state.waiters.count >= limit { return .busy }
            state.waiters[id] = Waiter(account: account, continuation: continuation)
            return nil
        }
        if let refusal {
            continuation.resume(returning: .failure(refusal))
        } else if Task.isCancelled {
            // The handler may have run before there was a waiter.
            cancel(id)
        } else {
            registered()
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
