import NIOCore

/// Passes on what arrives when it is asked for, in portions of a few lines, and holds the rest as the bytes that they are.
///
/// So nobody is kept waiting for one caller: what is read at once can be hundreds of lines, and when a caller has closed its
/// end, all that it sent arrives whether it was asked for or not.
final class PaceHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private static let linesAtOnce = 64
    /// Long enough for the loop to look at its other connections.
    private static let breath = TimeAmount.microseconds(100)

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
        context.fireChannelRead(wrapInboundOut(nextPortion()))
        if isEnded, waiting.isEmpty { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    /// Taken from what waits, which is something.
    private func nextPortion() -> ByteBuffer {
        var piece = waiting.removeFirst()
        let portion = piece.readSlice(length: Self.portionLength(of: piece.readableBytesView)) ?? piece
        if piece.readableBytes > 0 { waiting.prepend(piece) }
        return portion
    }

    private static func portionLength(of bytes: ByteBufferView) -> Int {
        var lines = 0
        let end = bytes.firstIndex { byte in
            if byte == UInt8(ascii: "\n") { lines += 1 }
            return lines == linesAtOnce
        }
        return end.map { bytes.distance(from: bytes.startIndex, to: $0) + 1 } ?? bytes.count
    }

    private func forget() {
        timer?.cancel()
        waiting.removeAll()
    }
}
