package import ControlProtocol
import NIOCore
import Synchronization

/// Writes lines to a connection, and makes whoever has more of them wait for a reader who is slow.
final class Output: Sendable {
    private struct State {
        /// Bytes that were handed over and that the reader has not taken.
        var waiting = 0
        /// Lines for the next write. It costs more than most answers do, so those of one turn of the loop share one.
        var gathered = ByteBuffer()
        /// When everything that was written before is taken.
        var last: EventLoopFuture<Void>?
    }

    private let channel: any Channel
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes that may wait for the reader before a writer has to.
    init(channel: any Channel, limit: Int) {
        self.channel = channel
        self.limit = limit
    }

    /// Returns at once while little waits to be read, otherwise when the reader has taken this line.
    func send(_ line: [UInt8]) async {
        let (isFirst, isFull) = gather(line)
        if isFirst { channel.eventLoop.execute { self.flush() } }
        if isFull { await drain() }
    }

    /// Whether so much waits that nobody should have more to say.
    var isFull: Bool { state.withLock { $0.waiting > limit } }

    /// Takes a line for the next ``flush()``.
    ///
    /// - Returns: whether it is the first one, and whether so much waits now that nobody should have more to say.
    @discardableResult
    func gather(_ line: [UInt8]) -> (isFirst: Bool, isFull: Bool) {
        state.withLock { state in
            let isFirst = state.gathered.readableBytes == 0
            state.gathered.writeBytes(line)
            state.waiting += line.count
            return (isFirst, state.waiting > limit)
        }
    }

    /// Writes what was gathered. Only on the event loop, so that what was gathered first is written first.
    func flush() {
        let lines = state.withLock { state in
            defer { if state.gathered.readableBytes > 0 { state.gathered = ByteBuffer() } }
            return state.gathered
        }
        guard lines.readableBytes > 0 else { return }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        state.withLock { $0.last = promise.futureResult }
        // A line that can no longer be written has nobody to go to; the connection's end says so to its loop.
        promise.futureResult.whenComplete { _ in self.state.withLock { $0.waiting -= lines.readableBytes } }
        channel.writeAndFlush(lines, promise: promise)
    }

    /// Whether there may be somebody left to read.
    var isOpen: Bool { channel.isActive }

    /// Returns when everything has been taken, or the connection has ended.
    func drain() async {
        let last = channel.eventLoop.submit {
            self.flush()
            return self.state.withLock { $0.last }
        }
        try? await last.get()?.get()
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
        // Whoever has much to say must not keep the tasks from their turn that share its thread.
        await Task.yield()
        if Task.isCancelled || !output.isOpen { throw CancellationError() }
    }
}
