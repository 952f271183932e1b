package import ControlProtocol
import NIOCore
import Synchronization

/// Writes lines to a connection, and makes whoever has more of them wait for a reader who is slow.
final class Output: Sendable {
    private struct State {
        var waiting = 0
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
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let written = promise.futureResult
        let isFull = state.withLock { state in
            state.waiting += line.count
            state.last = written
            return state.waiting > limit
        }
        written.whenComplete { _ in self.state.withLock { $0.waiting -= line.count } }
        channel.writeAndFlush(ByteBuffer(bytes: line), promise: promise)
        // A line that can no longer be written has nobody to go to; the connection's end says so to its loop.
        if isFull { try? await written.get() }
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
    private let output: Output?

    init(id: RequestID, output: Output) {
        self.id = id
        self.output = output
    }

    /// Says nothing to anybody, for whoever calls a handler without a connection.
    package init(discarding id: RequestID) {
        self.id = id
        output = nil
    }

    /// Returns when there is room for more.
    ///
    /// - Throws: where the request has been cancelled, its deadline is over, or its caller has gone.
    package func send(_ kind: ControlNotification.Kind, _ value: JSON) async throws(CancellationError) {
        if !Task.isCancelled { await output?.send(ControlNotification(id: id, kind: kind, value: value).line) }
        // Whoever has much to say must not keep those from their turn who share its thread: a cancel among them.
        await Task.yield()
        if Task.isCancelled || output?.isOpen == false { throw CancellationError() }
    }
}
