package import ControlProtocol
import NIOCore
import Synchronization

/// Writes lines to a connection, and makes whoever has more of them wait for a reader who is slow.
final class Output: Sendable {
    private struct State {
        var waiting = 0
        var last: EventLoopFuture<Void>?
        /// Whether lines have been handed over that are still to be sent.
        var isFlushDue = false
    }

    /// How many times the loop goes on with other tasks before it sends what may be joined by another line.
    private static let patience = 8
    /// Bytes from which on there is nothing to be gained by joining.
    private static let enough = 32 * 1024

    private let channel: any Channel
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes that may wait for the reader before a writer has to.
    init(channel: any Channel, limit: Int) {
        self.channel = channel
        self.limit = limit
    }

    /// Returns at once while little waits to be read, otherwise when the reader has taken this line.
    ///
    /// - Parameter isJoined: whether another line is likely to follow within microseconds: then it is sent together with
    ///   that one, since to send costs more than most answers do. It waits for no handler.
    func send(_ line: [UInt8], isJoined: Bool = false) async {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let written = promise.futureResult
        let (isFull, isFirst) = state.withLock { state in
            state.waiting += line.count
            state.last = written
            defer { state.isFlushDue = true }
            return (state.waiting > limit, !state.isFlushDue)
        }
        written.whenComplete { _ in self.state.withLock { $0.waiting -= line.count } }
        channel.write(ByteBuffer(bytes: line), promise: promise)
        if !isJoined || isFull {
            flush()
        } else if isFirst {
            flushSoon(Self.patience)
        }
        // A line that can no longer be written has nobody to go to; the connection's end says so to its loop.
        if isFull { try? await written.get() }
    }

    private func flush() {
        state.withLock { $0.isFlushDue = false }
        channel.flush()
    }

    private func flushSoon(_ patience: Int) {
        channel.eventLoop.execute {
            let (isDue, waiting) = self.state.withLock { ($0.isFlushDue, $0.waiting) }
            guard isDue else { return }
            if patience == 0 || waiting > Self.enough { self.flush() } else { self.flushSoon(patience - 1) }
        }
    }

    /// Whether there may be somebody left to read.
    var isOpen: Bool { channel.isActive }

    /// Returns when everything has been taken, or the connection has ended.
    func drain() async {
        let last = state.withLock { $0.last }
        try? await last?.get()
    }
}

/// What a handler may say of its request before the one reply.
package struct RequestNotices: Sendable {
    private let id: RequestID
    private let output: Output

    init(id: RequestID, output: Output) {
        self.id = id
        self.output = output
    }

    /// Returns when there is room for more.
    ///
    /// - Throws: where the request has been cancelled, its deadline is over, or its caller has gone.
    package func send(_ kind: ControlNotification.Kind, _ value: JSON) async throws(CancellationError) {
        if !Task.isCancelled { await output.send(ControlNotification(id: id, kind: kind, value: value).line) }
        // Whoever has much to say must not keep those from their turn who share its thread: a cancel among them.
        await Task.yield()
        if Task.isCancelled || !output.isOpen { throw CancellationError() }
    }
}
