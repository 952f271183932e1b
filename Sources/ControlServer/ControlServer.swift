package import ControlProtocol
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Answers requests on a Unix socket: connections, lines and replies, but not what a method means.
///
/// The requests of one connection are handled in turn and answered in order, except those that say they run aside
/// (``ControlProtocol/ControlRequest/runsAside``): they are answered whenever they are done.
package final class ControlServer: Sendable {
    /// What keeps one caller from using up what all share.
    package struct Limits: Sendable {
        package var connections = 64
        /// Of `connections`: an administrator gets in when everybody else fills the rest.
        package var connectionsKeptForRoot = 8
        /// For each user but root.
        package var connectionsPerUser = 16
        /// Requests of one connection that run aside or wait for their turn; then nothing more is read from it.
        package var requestsInFlight = 16
        /// Bytes of replies that wait for one reader; then its requests wait.
        package var bufferedOutput = 256 * 1024
        /// How long a reader may leave replies waiting without taking a byte before its connection is closed.
        package var stall: Duration = .seconds(30)

        package init() {}
    }

    /// Answers one request. It cannot throw: every failure is a reply.
    package typealias Handler = @Sendable (ControlRequest, Peer) async -> ControlReply

    private struct State {
        var admission: Admission
        var isStopping = false
        /// What is to be told when the server stops.
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    private let socket: ListeningSocket
    private let limits: Limits
    private let logger: Logger
    private let handler: Handler
    private let state: Mutex<State>

    /// - Parameters:
    ///   - socket: taken over: `run()` closes it and removes its file.
    ///   - handler: called for one request at a time on each connection, and for those that run aside beside it.
    package init(socket: ListeningSocket, limits: Limits = Limits(), logger: Logger, handler: @escaping Handler) {
        self.socket = socket
        self.limits = limits
        self.logger = logger
        self.handler = handler
        state = Mutex(State(admission: Admission(limits: limits)))
    }

    /// Serves until ``stop()`` is called or the task is cancelled; called once.
    ///
    /// Both end it in order: no new connection and no new request is taken, the replies to those in hand are
    /// written, and then it returns. Cancellation also reaches the handlers, which should hurry then.
    ///
    /// - Throws: what keeps the socket from being served at all.
    package func run() async throws {
        defer { socket.removeFile() }
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { [limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    try Connection.Transport(channel, limits: limits)
                }
            }
        let isStopping = state.withLock { state in
            state.listener = listener.channel
            return state.isStopping
        }
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

    /// Makes ``run()`` return once the requests in hand are answered. Harmless when repeated.
    package func stop() {
        let channels = state.withLock { state in
            state.isStopping = true
            return (state.listener, Array(state.connections.values))
        }
        channels.0?.close(promise: nil)
        for channel in channels.1 { channel.close(mode: .input, promise: nil) }
    }

    private func serve(_ transport: Connection.Transport) async {
        let connection = Connection(transport: transport, limits: limits, logger: logger, handler: handler)
        guard let peer = transport.peer else { return await connection.refuse(.unknownPeer) }
        let channel = transport.channel.channel
        let isAdmitted = state.withLock { state in
            guard !state.isStopping, state.admission.admit(uid: peer.uid) else { return false }
            state.connections[ObjectIdentifier(channel)] = channel
            return true
        }
        guard isAdmitted else { return await connection.refuse(.noRoom) }
        await connection.serve(peer)
        state.withLock { state in
            state.connections[ObjectIdentifier(channel)] = nil
            state.admission.release(uid: peer.uid)
        }
    }
}

extension ControlError {
    fileprivate static let unknownPeer = ControlError(
        .notPermitted, "the system does not say who is calling", hint: "Connect through the Unix socket.")
    fileprivate static let noRoom = ControlError(
        .tooManyConnections, "there are too many connections", hint: "Close some, or try again in a moment.")
}
