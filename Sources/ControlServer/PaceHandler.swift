import NIOCore

/// Passes on what arrives when it is asked for, a piece at a time, and holds the rest as the bytes that they are: when a
/// caller has closed its end, all that it sent arrives at once, whether it was asked for or not.
final class PaceHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// Long enough for the loop to look at its other connections.
    static let breath = TimeAmount.microseconds(100)

    private var waiting = CircularBuffer<ByteBuffer>()
    /// Whether whoever comes behind has asked for more, and got nothing since.
    private var isAsked = false
    /// Whether nothing will come behind what waits.
    private var isEnded = false
    private var timer: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        if isAsked, timer == nil { passOn(context: context) }
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
        guard !waiting.isEmpty else {
            if !isEnded { context.read() }
            return
        }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.breath) {
            self.timer = nil
            self.passOn(context: context)
            context.fireChannelReadComplete()
            context.channel.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        forget()
    }

    private func passOn(context: ChannelHandlerContext) {
        isAsked = false
        context.fireChannelRead(wrapInboundOut(waiting.removeFirst()))
        if isEnded, waiting.isEmpty { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    private func forget() {
        timer?.cancel()
        waiting.removeAll()
    }
}
