import ControlProtocol
import NIOCore

extension LineSplitter.Line {
    /// In bytes, as far as they were kept.
    fileprivate var count: Int {
        if case .line(let bytes) = self { bytes.count } else { 0 }
    }
}

/// What takes its turn: a request, or what is said of a line that is none.
enum Turn: Sendable {
    case refused(ControlReply)
    case request(ControlRequest)

    var request: ControlRequest? {
        if case .request(let request) = self { request } else { nil }
    }

    /// `nil` for a line without anything on it, which is no request: a person at a terminal types some.
    init?(_ line: LineSplitter.Line) {
        switch line {
        case .tooLong: self = .refused(RefusedRequest.tooLong.reply)
        case .line(let bytes):
            guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
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
///
/// So that nobody is kept waiting for one caller, it takes a few lines at a time and then lets the loop look at its other
/// connections; where some of them were no requests, for longer.
final class TurnHandler: ChannelDuplexHandler {
    typealias InboundIn = [LineSplitter.Line]
    typealias InboundOut = Turn
    typealias OutboundIn = ByteBuffer

    /// Some ten requests of a usual length. That is also what is read at once.
    static let bytesAtOnce = 1024
    private static let linesAtOnce = 64
    /// To say what is no request costs the others time too.
    private static let pause = TimeAmount.milliseconds(1)

    private let peer: Peer?
    private let handler: any RequestHandler
    private let output: Output
    private let requests: RequestsInFlight

    private var waiting: ArraySlice<LineSplitter.Line> = []
    /// Whether whoever comes behind has asked for more, and got nothing since.
    private var isAsked = false
    /// Whether nothing will come behind what waits.
    private var isEnded = false
    private var isPausing = false
    private var timer: Scheduled<Void>?

    /// - Parameter peer: `nil` where it is not known, and nothing may be answered.
    init(peer: Peer?, handler: any RequestHandler, output: Output, requests: RequestsInFlight) {
        self.peer = peer
        self.handler = handler
        self.output = output
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting += unwrapInboundIn(data)
        if isAsked { takeSome(context: context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        output.flush()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent, !waiting.isEmpty {
            isEnded = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func read(context: ChannelHandlerContext) {
        isAsked = true
        guard timer == nil else { return }
        if isPausing {
            goOn(in: Self.pause, context: context)
        } else if !waiting.isEmpty {
            goOn(in: PaceHandler.breath, context: context)
        } else if !isEnded {
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    private func goOn(in time: TimeAmount, context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.timer = nil
            self.isPausing = false
            if self.waiting.isEmpty {
                context.read()
            } else {
                self.takeSome(context: context)
                self.channelReadComplete(context: context)
                context.channel.read()
            }
        }
    }

    private func takeSome(context: ChannelHandlerContext) {
        isAsked = false
        var bytes = 0
        let lines = waiting.prefix(Self.linesAtOnce).prefix { line in
            defer { bytes += line.count }
            return bytes < Self.bytesAtOnce
        }
        waiting = lines.endIndex == waiting.endIndex ? [] : waiting[lines.endIndex...]
        let turns = lines.compactMap { Turn($0) }
        isPausing = turns.contains { $0.request == nil }
        for turn in turns.dropFirst(answerAtOnce(turns)) {
            requests.announce()
            context.fireChannelRead(wrapInboundOut(turn))
        }
        if isEnded, waiting.isEmpty { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
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
