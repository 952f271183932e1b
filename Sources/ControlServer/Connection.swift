import ControlProtocol
import Glibc
import Logging
import NIOCore
import Synchronization

/// One caller's connection, from its first line to its last reply.
struct Connection: Sendable {
    /// A connection's channel with who is at the other end.
    struct Transport: Sendable {
        let channel: NIOAsyncChannel<LineSplitter.Line, Never>
        let peer: Peer?

        /// Called on the channel's event loop.
        init(_ channel: any Channel, limits: ControlServer.Limits) throws {
            let pipeline = channel.pipeline.syncOperations
            peer = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
                Peer(descriptor: descriptor)
            }.flatMap(\.self)
            try pipeline.addHandlers(StallHandler(limit: limits.stall), LineHandler())
            self.channel = try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(
                    backPressureStrategy: .init(lowWatermark: 1, highWatermark: limits.requestsInFlight)))
        }
    }

    private let transport: Transport
    private let limits: ControlServer.Limits
    private let logger: Logger
    private let handler: ControlServer.Handler
    private let output: Output

    init(
        transport: Transport, limits: ControlServer.Limits, logger: Logger, handler: @escaping ControlServer.Handler
    ) {
        self.transport = transport
        self.limits = limits
        self.logger = logger
        self.handler = handler
        output = Output(channel: transport.channel.channel, limit: limits.bufferedOutput)
    }

    /// Says why, and closes.
    func refuse(_ error: ControlError) async {
        await withChannel { _ in await output.send(ControlReply(id: .null, error: error)) }
    }

    /// Answers until the caller has no more requests or has gone.
    func serve(_ peer: Peer) async {
        await withTaskGroup { group in
            group.addTask {
                await withChannel { lines in try await answer(lines, peer) }
            }
            // A caller who has gone does not want the reply that is being waited for.
            group.addTask { [channel = transport.channel.channel] in try? await channel.closeFuture.get() }
            await group.next()
            group.cancelAll()
        }
    }

    private func withChannel(
        _ body: (NIOAsyncChannelInboundStream<LineSplitter.Line>) async throws -> Void
    ) async {
        do {
            try await transport.channel.executeThenClose { lines in
                try await body(lines)
                await output.drain()
            }
        } catch {
            // The caller has closed its end, which is its right: there is nobody left to tell.
            logger.debug("A control connection ended early.", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ lines: NIOAsyncChannelInboundStream<LineSplitter.Line>, _ peer: Peer) async throws {
        let places = Places(limits.requestsInFlight)
        try await withThrowingDiscardingTaskGroup { group in
            for try await line in lines {
                switch Self.read(line) {
                case .blank: continue
                case .refused(let reply): await output.send(reply)
                case .request(let request):
                    if request.runsAside, places.take() {
                        group.addTask {
                            await output.send(await handler(request, peer))
                            places.giveBack()
                        }
                    } else {
                        await output.send(await handler(request, peer))
                    }
                }
            }
        }
    }

    private enum Reading {
        case blank
        case refused(ControlReply)
        case request(ControlRequest)
    }

    /// A line without anything on it is no request: a person at a terminal types some.
    private static func read(_ line: LineSplitter.Line) -> Reading {
        switch line {
        case .tooLong: return .refused(RefusedRequest.tooLong.reply)
        case .line(let bytes):
            guard bytes.contains(where: { $0 > 0x20 }) else { return .blank }
            do {
                return .request(try ControlRequest(line: bytes))
            } catch {
                return .refused(error.reply)
            }
        }
    }
}

/// How many more requests of a connection may run aside.
private final class Places: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func giveBack() {
        free.withLock { $0 += 1 }
    }
}

/// Writes replies, and makes whoever has more of them wait for a reader who is slow.
private final class Output: Sendable {
    private struct State {
        var waiting = 0
        var last: EventLoopFuture<Void>?
    }

    private let channel: any Channel
    private let limit: Int
    private let state = Mutex(State())

    init(channel: any Channel, limit: Int) {
        self.channel = channel
        self.limit = limit
    }

    /// Returns at once while little waits to be read, otherwise when the reader has taken this reply.
    func send(_ reply: ControlReply) async {
        let line = reply.line
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let written = promise.futureResult
        let isFull = state.withLock { state in
            state.waiting += line.count
            state.last = written
            return state.waiting > limit
        }
        channel.writeAndFlush(ByteBuffer(bytes: line), promise: promise)
        written.whenComplete { _ in self.state.withLock { $0.waiting -= line.count } }
        // A reply that can no longer be written has nobody to go to; the connection's end says so to its loop.
        if isFull { try? await written.get() }
    }

    /// Returns when everything has been taken, or the connection has ended.
    func drain() async {
        let last = state.withLock { $0.last }
        try? await last?.get()
    }
}
