import ControlProtocol
import NIOCore

/// What takes its turn: a request, or what is said of a line that is none.
enum Turn: Sendable {
    case refused(ControlReply)
    case request(ControlRequest)

    var request: ControlRequest? {
        if case .request(let request) = self { request } else { nil }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// `nil` for a line with nothing on it but what JSON takes for blank, which is no request: a person at a terminal types
    /// some.
    init?(_ line: LineSplitter.Line) {
        switch line {
        case .tooLong: self = .refused(RefusedRequest.tooLong.reply)
        case .line(let bytes):
            guard !bytes.allSatisfy(Self.isBlank) else { return nil }
            do {
                self = .request(try ControlRequest(line: bytes))
            } catch {
                self = .refused(error.reply)
            }
        }
    }
}

/// Reads requests, and answers at once what needs no waiting where nothing before it does: to hand it to a task would
/// take longer than the answer. Everything else is passed on.
final class TurnHandler: ChannelDuplexHandler {
    typealias InboundIn = [LineSplitter.Line]
    typealias InboundOut = Turn
    typealias OutboundIn = ByteBuffer

    private let peer: Peer?
    private let handler: any RequestHandler
    private let output: Output
    private let requests: RequestsInFlight

    /// To say what is no request costs the others time: no more is asked for in a while then.
    private let pause = Pause(.milliseconds(1))

    /// - Parameter peer: `nil` where it is not known, and nothing may be answered.
    init(peer: Peer?, handler: any RequestHandler, output: Output, requests: RequestsInFlight) {
        self.peer = peer
        self.handler = handler
        self.output = output
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let turns = unwrapInboundIn(data).compactMap { Turn($0) }
        if turns.contains(where: { $0.request == nil }) { pause.begin() }
        for turn in turns.dropFirst(answerAtOnce(turns)) {
            requests.announce()
            context.fireChannelRead(wrapInboundOut(turn))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        output.flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        pause.read(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pause.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pause.cancel()
    }

    /// - Returns: how many of the first ones have been.
    private func answerAtOnce(_ turns: [Turn]) -> Int {
        guard let peer, requests.isNextTurn else { return 0 }
        var count = 0
        while count < turns.count, !output.isFull {
            let replies: [ControlReply]
            if case .refused(let reply) = turns[count] {
                replies = [reply]
            } else {
                let asked = turns[count...].prefix { $0.request != nil }.compactMap(\.request)
                replies = handler.immediateReplies(to: asked[...], from: peer)
            }
            for reply in replies { output.gather(reply.line) }
            if replies.isEmpty { break }
            count += replies.count
        }
        if count > 0 { requests.noteAnswers() }
        return count
    }
}
