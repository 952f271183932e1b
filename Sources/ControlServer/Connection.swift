import ControlProtocol
import Glibc
import Logging
import NIOCore

/// One caller's connection, from its first line to its last reply.
struct Connection: Sendable {
    /// A connection's channel with who is at the other end.
    struct Transport: Sendable {
        let channel: NIOAsyncChannel<Turn, Never>
        let peer: Peer?
        fileprivate let output: Output
        fileprivate let requests: RequestsInFlight

        /// As if the caller had sent all that they have to send: what the kernel holds already is read and answered, and what
        /// waits for something itself is given up. To close the input would leave unread what was sent, and the caller
        /// with a reset connection.
        func stop() {
            requests.stop()
            let channel = channel.channel
            channel.eventLoop.execute {
                _ = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                    shutdown($0, CInt(SHUT_RD))
                }
            }
        }

        /// Turns that are read ahead of those under way. Each may be as long as a line may be, so there are few.
        private static let turnsAhead = 4

        /// Called on the channel's event loop.
        init(_ channel: any Channel, limits: ControlServer.Limits, handler: any RequestHandler) throws {
            let pipeline = channel.pipeline.syncOperations
            peer = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
                Peer(descriptor: descriptor)
            }.flatMap(\.self)
            output = Output(channel: channel, limit: limits.bufferedOutput)
            requests = RequestsInFlight(limit: limits.requestsInFlight)
            try pipeline.addHandlers(
                StallHandler(limit: limits.stall), PaceHandler(), LineHandler(patience: limits.stall),
                TurnHandler(peer: peer, handler: handler, output: output, requests: requests))
            self.channel = try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: Self.turnsAhead)))
        }
    }

    private let transport: Transport
    private let logger: Logger
    private let handler: any RequestHandler

    init(transport: Transport, logger: Logger, handler: any RequestHandler) {
        self.transport = transport
        self.logger = logger
        self.handler = handler
    }

    private var output: Output { transport.output }
    private var requests: RequestsInFlight { transport.requests }

    /// Says why, and closes.
    func refuse(_ error: ControlError) async {
        await withChannel { _ in await output.send(ControlReply(id: .null, error: error).line) }
    }

    /// Answers until the caller has no more requests or has gone.
    ///
    /// - Parameter onBusy: told when the first of its requests comes, and when the last one is answered; of those answered
    ///   at once only the latter.
    func serve(_ peer: Peer, onBusy: @escaping @Sendable (_ isBusy: Bool) -> Void) async {
        requests.open(onBusy: onBusy)
        await withTaskGroup { group in
            group.addTask {
                await withChannel { turns in try await answer(turns, peer) }
            }
            // A caller who has gone does not want the reply that is being waited for.
            group.addTask { [channel = transport.channel.channel] in try? await channel.closeFuture.get() }
            await group.next()
            group.cancelAll()
        }
    }

    private func withChannel(
        _ body: (NIOAsyncChannelInboundStream<Turn>) async throws -> Void
    ) async {
        do {
            try await transport.channel.executeThenClose { turns in
                try await body(turns)
                await output.drain()
            }
        } catch {
            // The caller has closed its end, which is its right: there is nobody left to tell.
            logger.debug("A control connection ended early.", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Requests

    private func answer(_ turns: NIOAsyncChannelInboundStream<Turn>, _ peer: Peer) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            // Bounded by the requests that may be in flight.
            let (entered, queue) = AsyncStream<(Int, Turn)>.makeStream()
            group.addTask {
                for await (number, turn) in entered { await take(turn, number, peer) }
                // Cancelled, this ends before the queue does: whoever waits behind it would wait for ever.
                requests.close()
            }
            defer { queue.finish() }
            for try await turn in turns {
                switch turn {
                case .refused(let reply): queue.yield((await requests.enter(reply.id, on: eventLoop), turn))
                case .request(let request) where request.method == CancelRequest.method: await cancel(request)
                case .request(let request):
                    let timeout = request.meta.timeoutMilliseconds.map { TimeAmount.milliseconds(Int64($0)) }
                    let runsAside = request.runsAside
                    let number = await requests.enter(
                        request.id, runsAside: runsAside, timeout: timeout, on: eventLoop)
                    if runsAside {
                        group.addTask { await take(turn, number, peer) }
                    } else {
                        queue.yield((number, turn))
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
            let reply = await requests.perform(number, request) {
                await handler.reply(to: request, from: peer, notices)
            }
            await output.send(reply.line)
        }
        requests.leave(number)
    }

    /// Not in turn: the request that it is about may be the one whose turn it is.
    private func cancel(_ request: ControlRequest) async {
        let reply = await request.reply(to: CancelRequest.self) { call in
            CancelRequest.Result(isCancelled: requests.cancel(call.request))
        }
        await output.send(reply.line)
        requests.withdraw()
    }
}
