import ControlProtocol
import Logging
import NIOCore

/// One caller's connection, from its first line to its last reply.
struct Connection: Sendable {
    /// A connection's channel with who is at the other end.
    struct Transport: Sendable {
        let channel: NIOAsyncChannel<LineSplitter.Line, Never>
        let peer: Peer?

        /// Lines that are read ahead of those under way. Each may be as long as a line may be, so there are few.
        private static let linesAhead = 4

        /// Called on the channel's event loop.
        init(_ channel: any Channel, limits: ControlServer.Limits) throws {
            let pipeline = channel.pipeline.syncOperations
            peer = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
                Peer(descriptor: descriptor)
            }.flatMap(\.self)
            try pipeline.addHandlers(StallHandler(limit: limits.stall), LineHandler(patience: limits.stall))
            self.channel = try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: Self.linesAhead)))
        }
    }

    private let transport: Transport
    private let logger: Logger
    private let handler: ControlServer.Handler
    private let output: Output
    private let requests: RequestsInFlight

    /// - Parameter onBusy: told when the first of its requests comes, and when the last one is answered.
    init(
        transport: Transport, limits: ControlServer.Limits, logger: Logger, handler: @escaping ControlServer.Handler,
        onBusy: @escaping @Sendable (_ isBusy: Bool) -> Void
    ) {
        self.transport = transport
        self.logger = logger
        self.handler = handler
        output = Output(channel: transport.channel.channel, limit: limits.bufferedOutput)
        requests = RequestsInFlight(limit: limits.requestsInFlight, onBusy: onBusy)
    }

    /// Says why, and closes.
    func refuse(_ error: ControlError) async {
        await withChannel { _ in await output.send(ControlReply(id: .null, error: error).line) }
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

    // MARK: - Requests

    /// What is answered in the order in which it came.
    private enum Turn: Sendable {
        case refused(ControlReply)
        case request(ControlRequest)
    }

    private func answer(_ lines: NIOAsyncChannelInboundStream<LineSplitter.Line>, _ peer: Peer) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            // Bounded by the requests that may be in flight.
            let (turns, queue) = AsyncStream<(Int, Turn)>.makeStream()
            group.addTask {
                for await (number, turn) in turns { await take(turn, number, peer) }
                // Cancelled, this ends before the queue does: whoever waits behind it would wait for ever.
                requests.close()
            }
            defer { queue.finish() }
            for try await line in lines {
                switch Self.read(line) {
                case nil: continue
                case .refused(let reply)?:
                    queue.yield((await requests.enter(reply.id, on: eventLoop), .refused(reply)))
                case .request(let request)? where request.method == CancelRequest.method: await cancel(request)
                case .request(let request)?:
                    let timeout = request.meta.timeoutMilliseconds.map { TimeAmount.milliseconds(Int64($0)) }
                    let number = await requests.enter(request.id, timeout: timeout, on: eventLoop)
                    if request.runsAside {
                        group.addTask { await take(.request(request), number, peer) }
                    } else {
                        queue.yield((number, .request(request)))
                    }
                }
            }
        }
    }

    private var eventLoop: any EventLoop { transport.channel.channel.eventLoop }

    private func take(_ turn: Turn, _ number: Int, _ peer: Peer) async {
        switch turn {
        case .refused(let reply): await output.send(reply.line)
        case .request(let request):
            let notices = RequestNotices(id: request.id, output: output)
            let reply = await requests.perform(number, request) { await handler(request, peer, notices) }
            await output.send(reply.line, isJoined: requests.hasOthers)
        }
        requests.leave(number)
    }

    /// Not in turn: the request that it is about may be the one whose turn it is.
    private func cancel(_ request: ControlRequest) async {
        let reply = await request.reply(to: CancelRequest.self) { call in
            CancelRequest.Result(isCancelled: requests.cancel(call.request))
        }
        await output.send(reply.line)
    }

    /// A line without anything on it is no request: a person at a terminal types some.
    private static func read(_ line: LineSplitter.Line) -> Turn? {
        switch line {
        case .tooLong: return .refused(RefusedRequest.tooLong.reply)
        case .line(let bytes):
            guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
            do {
                return .request(try ControlRequest(line: bytes))
            } catch {
                return .refused(error.reply)
            }
        }
    }
}
