import Synchronization

/// A number that only grows, and whoever waits for a greater one: how one task tells many that there is something new.
package final class RisingNumber: Sendable {
    private struct State {
        var value: Int64
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state: Mutex<State>

    package init(_ value: Int64) {
        state = Mutex(State(value: value))
    }

    package var value: Int64 { state.withLock { $0.value } }

    /// Nothing where the number is as great already.
    package func rise(to value: Int64) {
        let waiters = state.withLock { state in
            guard value > state.value else { return Dictionary<Int, CheckedContinuation<Void, Never>>().values }
            state.value = value
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns the number once it is greater than `bound`.
    ///
    /// - Throws: where the task is cancelled before.
    package func wait(above bound: Int64) async throws(CancellationError) -> Int64 {
        while true {
            let value = value
            if value > bound { return value }
            if Task.isCancelled { throw CancellationError() }
            await waitForNext(after: value)
        }
    }

    private func waitForNext(after value: Int64) async {
        let key = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.value != value || Task.isCancelled { return true }
                    state.waiters[key] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
        }
    }
}
