import ControlProtocol
import NIOCore
import Synchronization

/// The requests of one connection that have no reply yet: how many there may be, and how one of them is given up.
final class RequestsInFlight: Sendable {
    /// Why a request was given up before its handler was done.
    enum End: Sendable {
        case cancelled
        case deadline
        /// The server stops, and does not wait for what waits itself.
        case stopping
    }

    private struct Entry {
        let id: RequestID
        let runsAside: Bool
        /// The task that performs it; `nil` while its turn has not come.
        var task: RunningTask?
        var timer: Scheduled<Void>?
        var end: End?
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        /// Read, but not yet with a place.
        var announced = 0
        var last = 0
        /// Whoever waits for a place: only the one that reads requests ever does.
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
        var isStopping = false
        /// `nil` until the connection is admitted.
        var onBusy: (@Sendable (_ isBusy: Bool) -> Void)?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// From now on requests are answered, for the connection is admitted.
    ///
    /// - Parameter onBusy: told whenever the first request comes, and when the last one is answered; of those answered
    ///   at once only the latter.
    func open(onBusy: @escaping @Sendable (_ isBusy: Bool) -> Void) {
        state.withLock { $0.onBusy = onBusy }
    }

    /// Whether a request may be answered at once: with none before it that is still to be answered, it is its turn.
    var isNextTurn: Bool {
        state.withLock { $0.onBusy != nil && $0.announced == 0 && $0.entries.isEmpty }
    }

    /// Some were answered at once, and took no place.
    func noteAnswers() {
        state.withLock { $0.onBusy }?(false)
    }

    /// Something was read that takes its turn from now on, and will either ``enter(_:timeout:on:)`` or ``withdraw()``.
    func announce() {
        state.withLock { $0.announced += 1 }
    }

    /// What was announced takes no place.
    func withdraw() {
        state.withLock { $0.announced -= 1 }
    }

    /// Takes a place for a request that was announced, once there is one.
    ///
    /// - Parameters:
    ///   - runsAside: whether it may wait for something itself, for which a server that stops does not wait.
    ///   - timeout: after which it is given up, told by `eventLoop`; `nil` for none.
    /// - Returns: the number by which this object knows it.
    func enter(
        _ id: RequestID, runsAside: Bool = false, timeout: TimeAmount? = nil, on eventLoop: any EventLoop
    ) async -> Int {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isClosed || state.entries.count < limit { return true }
                state.waiter = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
        let (number, onBusy) = state.withLock { state in
            state.announced -= 1
            state.last += 1
            state.entries[state.last] = Entry(
                id: id, runsAside: runsAside, end: runsAside && state.isStopping ? .stopping : nil)
            return (state.last, state.entries.count == 1 ? state.onBusy : nil)
        }
        onBusy?(true)
        if let timeout {
            let timer = eventLoop.scheduleTask(in: timeout) { self.end(number, .deadline) }
            state.withLock { $0.entries[number]?.timer = timer }
        }
        return number
    }

    /// Gives the place back: the reply is on its way.
    func leave(_ number: Int) {
        let (timer, waiter, onBusy) = state.withLock { state in
            let timer = state.entries.removeValue(forKey: number)?.timer
            defer { state.waiter = nil }
            return (timer, state.waiter, state.entries.isEmpty ? state.onBusy : nil)
        }
        timer?.cancel()
        onBusy?(false)
        waiter?.resume()
    }

    /// Lets nobody wait for a place any more: nothing is answered from now on.
    func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Gives up every request of that id.
    ///
    /// - Returns: whether there was any.
    func cancel(_ id: RequestID) -> Bool {
        let numbers = state.withLock { $0.entries.filter { $0.value.id == id && $0.value.end == nil }.map(\.key) }
        for number in numbers { end(number, .cancelled) }
        return !numbers.isEmpty
    }

    /// Gives up what runs aside, now and from now on. What takes its turn is answered.
    func stop() {
        let numbers = state.withLock { state in
            state.isStopping = true
            return state.entries.filter { $0.value.runsAside && $0.value.end == nil }.map(\.key)
        }
        for number in numbers { end(number, .stopping) }
    }

    /// Gives a request up; nothing where it has been already, or has its reply.
    func end(_ number: Int, _ end: End) {
        state.withLock { state in
            guard state.entries[number]?.end == nil else { return }
            state.entries[number]?.end = end
            state.entries[number]?.task?.cancel()
        }
    }

    /// Performs a request in a task of its own, which `end(_:_:)` can cancel.
    ///
    /// - Returns: the reply; where the request was given up, that is said, unless it was done all the same.
    func perform(
        _ number: Int, _ request: ControlRequest, _ body: @escaping @Sendable () async -> ControlReply
    ) async -> ControlReply {
        let reply = await withTaskGroup(of: ControlReply?.self) { group in
            group.addTask {
                await withUnsafeCurrentTask { task in
                    guard self.begin(number, task.map(RunningTask.init)) else { return nil }
                    let reply = await body()
                    self.state.withLock { $0.entries[number]?.task = nil }
                    return reply
                }
            }
            return await group.next() ?? nil
        }
        let end = state.withLock { $0.entries[number]?.end }
        switch (reply, end) {
        case (let reply?, nil): return reply
        case (let reply?, _?) where reply.isSuccess: return reply
        case (_, .deadline?): return ControlReply(id: request.id, error: .deadline(request.meta.timeoutMilliseconds))
        case (_, .stopping?): return ControlReply(id: request.id, error: .stopping)
        case (_, .cancelled?), (nil, nil): return ControlReply(id: request.id, error: .cancelled)
        }
    }

    /// `false` where the request was given up before its turn came.
    private func begin(_ number: Int, _ task: RunningTask?) -> Bool {
        state.withLock { state in
            guard state.entries[number]?.end == nil else { return false }
            state.entries[number]?.task = task
            return true
        }
    }
}

/// A task that runs, for as long as it is registered.
///
/// Unchecked, because it is only ever used to cancel, which is safe from any thread while the task runs; and it is taken
/// out under the same lock before its task ends.
private struct RunningTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    func cancel() { task.cancel() }
}

extension ControlReply {
    fileprivate var isSuccess: Bool {
        if case .success = outcome { true } else { false }
    }
}

extension ControlError {
    fileprivate static let cancelled = ControlError(.cancelled, "the request was cancelled")
    fileprivate static let stopping = ControlError(
        .shuttingDown, "jira-usaged is shutting down", hint: "Ask again when it has been started again.")

    fileprivate static func deadline(_ milliseconds: Int?) -> ControlError {
        ControlError(
            .deadline, "the request's deadline is over\(milliseconds.map { " (\($0) ms)" } ?? "")",
            hint: "Try again with a longer one, or with none.")
    }
}
