import Synchronization

/// Those who wait for a pass that began after they asked.
final class PassWaiters: Sendable {
    private struct State {
        var waiting: [Int: (ticket: Int, continuation: CheckedContinuation<SyncFailure?, Never>)] = [:]
        var cancelled: Set<Int> = []
        /// The newest answer, for who asked before it and comes to wait after it.
        var answered: (ticket: Int, failure: SyncFailure?)?
        var count = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Returns what ended the first pass with at least this ticket; `stopping` where the waiter is cancelled, or the
    /// sync has ended.
    func wait(for ticket: Int) async -> SyncFailure? {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: SyncFailure?? = state.withLock { state in
                    // Cancelled before it could wait.
                    if state.cancelled.remove(number) != nil || state.isClosed { return .some(.stopping) }
                    if let answered = state.answered, answered.ticket >= ticket { return .some(answered.failure) }
                    state.waiting[number] = (ticket, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiting.removeValue(forKey: number)
                if waiter == nil { state.cancelled.insert(number) }
                return waiter
            }
            waiter?.continuation.resume(returning: .stopping)
        }
    }

    func answer(upTo ticket: Int, with failure: SyncFailure?) {
        let served = state.withLock { state in
            state.answered = (ticket, failure)
            let served = state.waiting.filter { $0.value.ticket <= ticket }
            for number in served.keys { state.waiting[number] = nil }
            return served.values
        }
        for waiter in served { waiter.continuation.resume(returning: failure) }
    }

    /// Answers everybody, and whoever comes later, that the sync has ended.
    func close() {
        state.withLock { $0.isClosed = true }
        answer(upTo: .max, with: .stopping)
    }
}
