package import ControlProtocol
import Glibc
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Knows what a method means. Nothing is thrown: every failure is a reply.
package protocol RequestHandler: Sendable {
    /// The reply to any request, which may be waited for.
    func reply(to request: ControlRequest, from peer: Peer, _ notices: RequestNotices) async -> ControlReply
    /// The same replies to the first of some requests, as far as each takes microseconds and waits for nothing.
    func immediateReplies(to requests: ArraySlice<ControlRequest>, from peer: Peer) -> [ControlReply]
}

/// Answers requests on a Unix socket: connections, lines and replies, but not what a method means.
///
/// The requests of one connection are handled in turn and answered in order, except those that say they run aside
/// (``ControlProtocol/ControlRequest/runsAside``): they are answered whenever they are done. Requests are handled on the
/// thread of the event loop, of which there is one: a handler that computes for long has to go elsewhere.
package final class ControlServer: Sendable {
    /// What keeps one caller from using up what all share.
    package struct Limits: Sendable {
        package var connections = 64
        /// Of `connections`: an administrator gets in when everybody else fills the rest.
        package var connectionsKeptForRoot = 8
        /// For each user but root.
        package var connectionsPerUser = 16
        /// Requests of one connection without a reply; then nothing more is read from it.
        package var requestsInFlight = 16
        /// Bytes of replies that wait for one reader; then its requests wait.
        package var bufferedOutput = 256 * 1024
        /// How long a reader may leave replies waiting without taking a byte before its connection is closed.
        /// The same for a line that was begun: so long it may stand without another byte.
        package var stall: Duration = .seconds(30)
        /// How long a connection must have had no request under way before it may be closed for a new one.
        package var idle: Duration = .seconds(60)

        package init() {}
    }

    private struct State {
        var admission: Admission
        var isStopping = false
        /// What is to be told when the server stops; there from when it serves on.
        var listener: (any Channel)?
        var connections: [Admission.ConnectionID: Connection.Transport] = [:]
    }

    /// Some ten requests of a usual length. They are answered before the loop looks at its other connections.
    private static let bytesAtOnce = 1024

    private let socket: ListeningSocket
    private let limits: Limits
    private let logger: Logger
    private let handler: any RequestHandler
    private let state: Mutex<State>

    /// - Parameters:
    ///   - socket: taken over: `run()` closes it and removes its file.
    ///   - handler: asked for the requests of each connection one after the other, and beside them for those that run
    ///     aside.
    package init(socket: ListeningSocket, limits: Limits = Limits(), logger: Logger, handler: any RequestHandler) {
        self.socket = socket
        self.limits = limits
        self.logger = logger
        self.handler = handler
        state = Mutex(State(admission: Admission(limits: limits)))
    }

    /// Serves until ``stop()`` is called or the task is cancelled; called once.
    ///
    /// ``stop()`` ends it in order: no new connection is taken, and of the others nothing that was not sent yet; what was sent
    /// is answered, and then it returns. Cancellation does not wait so long: nothing more is read, and the handlers, which
    /// it reaches, should hurry.
    ///
    /// - Parameter whenServing: called when callers are being answered, once.
    /// - Throws: what keeps the socket from being served at all.
    package func run(whenServing: @Sendable () -> Void = {}) async throws {
        defer { socket.removeFile() }
        // One thread, so that neither a new connection nor its first request wakes another one.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let executor = EventLoopTaskExecutor(group.next())
            try await withTaskExecutorPreference(executor) { try await run(on: group, whenServing) }
        } catch {
            try? await group.shutdownGracefully()  // What went wrong before is what is told.
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func run(on eventLoops: MultiThreadedEventLoopGroup, _ whenServing: () -> Void) async throws {
        let listener = try await ServerBootstrap(group: eventLoops)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptHandler())
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.bytesAtOnce)
            )
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .bind(socket.descriptor) { [limits, handler] channel in
                channel.eventLoop.makeCompletedFuture {
                    defer { channel.parent?.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.settled) }
                    return try Connection.Transport(channel, limits: limits, handler: handler)
                }
            }
        let isStopping = state.withLock { state in
            state.listener = listener.channel
            return state.isStopping
        }
        // The event loop ends soon after, and would answer nobody.
        defer { state.withLock { $0.listener = nil } }
        whenServing()
        if isStopping { stop() }
        try await withTaskCancellationHandler {
            try await listener.executeThenClose { accepted in
                try await withThrowingDiscardingTaskGroup { group in
                    do {
                        for try await transport in accepted {
                            group.addTask { await self.serve(transport) }
                        }
                    } catch is CancellationError {
                        // A clean end: what is in hand is finished.
                    }
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Makes ``run()`` return once what was sent is answered; what runs aside is given up. Harmless when repeated.
    package func stop() {
        let (listener, connections) = state.withLock { state in
            state.isStopping = true
            return (state.listener, Array(state.connections.values))
        }
        listener?.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.stop)
        for connection in connections { connection.stop() }
    }

    /// Goes once through the event loop and the handler, as a caller's request would: for the watchdog and the self-test at
    /// start.
    ///
    /// Not over a connection: where callers take all there are, the daemon is busy and not dead.
    ///
    /// - Parameter request: one that is answered at once.
    /// - Throws: ``NotServing``.
    package func checkAlive(with request: ControlRequest) async throws {
        guard let loop = state.withLock({ $0.listener?.eventLoop }) else { throw NotServing() }
        let peer = Peer(uid: geteuid(), gid: getegid(), pid: getpid(), groups: [])
        let replies = try await loop.submit { [handler] in
            handler.immediateReplies(to: [request], from: peer)
        }.get()
        guard case .success? = replies.first?.outcome else { throw NotServing() }
    }

    /// The server cannot answer.
    package struct NotServing: Error, CustomStringConvertible {
        package var description: String { "the control socket is not served" }
    }

    private func serve(_ transport: Connection.Transport) async {
        let place = transport.peer.map { admit($0, transport) }
        let connection = Connection(transport: transport, logger: logger, handler: handler)
        switch (transport.peer, place) {
        case (let peer?, .admitted(let id, let evicted)?):
            evicted?.channel.channel.close(promise: nil)
            // Accepted just before the end: what was sent until now is answered.
            if state.withLock({ $0.isStopping }) { transport.stop() }
            await connection.serve(peer) { isBusy in
                self.state.withLock { $0.admission.note(id, isBusy: isBusy, at: Self.now()) }
            }
            state.withLock { state in
                state.connections[id] = nil
                state.admission.release(id)
            }
        case (_?, _): await connection.refuse(.noRoom)
        case (nil, _): await connection.refuse(.unknownPeer)
        }
    }

    private enum Place {
        case admitted(Admission.ConnectionID, evicting: Connection.Transport?)
        case refused
    }

    private func admit(_ peer: Peer, _ transport: Connection.Transport) -> Place {
        state.withLock { state in
            switch state.admission.admit(uid: peer.uid, at: Self.now()) {
            case .admitted(let id, let evicted):
                state.connections[id] = transport
                return .admitted(id, evicting: evicted.flatMap { state.connections[$0] })
            case .refused: return .refused
            }
        }
    }

    private static func now() -> Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }
}

extension ControlError {
    fileprivate static let unknownPeer = ControlError(
        .notPermitted, "the system does not say who is calling", hint: "Connect through the Unix socket.")
    fileprivate static let noRoom = ControlError(
        .tooManyConnections, "there are too many connections", hint: "Close some, or try again in a moment.")
}
