import ControlProtocol
import NIOCore

/// Cuts what arrives into lines, and takes no more from a connection on which a line was begun and is not gone on with.
///
/// There is a timer only while more of an unfinished line is asked for, so that idle connections cost nothing, and nobody
/// is blamed for what the server does not read.
final class LineHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    /// What arrived at once.
    typealias InboundOut = [LineSplitter.Line]
    typealias OutboundIn = ByteBuffer

    private let patience: TimeAmount
    private var splitter = LineSplitter(limit: LineSplitter.longestRequest)
    private var timer: Scheduled<Void>?

    /// - Parameter patience: how long a line may stand unfinished without another byte of it.
    init(patience: Duration) {
        self.patience = TimeAmount(patience)
    }

    func read(context: ChannelHandlerContext) {
        if splitter.isInsideLine, timer == nil {
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
                // As if the caller had ended there: what is under way is answered, and what was begun refused.
                context.close(mode: .input, promise: nil)
            }
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        timer?.cancel()
        timer = nil
        context.fireChannelRead(wrapInboundOut(splitter.append(unwrapInboundIn(data).readableBytesView)))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { finish(context: context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context: context)
        context.fireChannelInactive()
    }

    /// A last line without a line feed is a line too: an object says itself where it ends.
    private func finish(context: ChannelHandlerContext) {
        timer?.cancel()
        guard let line = splitter.finish() else { return }
        context.fireChannelRead(wrapInboundOut([line]))
        context.fireChannelReadComplete()
    }
}

/// Closes a connection whose reader leaves replies waiting and takes nothing for a while.
///
/// There is a timer only while something waits, so that idle connections cost nothing.
final class StallHandler: ChannelOutboundHandler, ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// How many looks without progress make the limit: a stall is noticed at most a quarter of it too late.
    private static let looks = 4

    private let interval: TimeAmount
    private var sent = 0
    private var taken = 0
    private var looksWithoutProgress = 0
    private var timer: Scheduled<Void>?

    init(limit: Duration) {
        interval = TimeAmount(limit / Self.looks)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        sent += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
        if timer == nil { look(later: context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    private func look(later context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.look(context: context) }
    }

    private func look(context: ChannelHandlerContext) {
        timer = nil
        // Cannot fail on a socket channel; without the figure there is nothing to judge by.
        guard let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        let takenNow = sent - waiting
        looksWithoutProgress = takenNow == taken ? looksWithoutProgress + 1 : 0
        taken = takenNow
        if waiting == 0 { return }
        if looksWithoutProgress >= Self.looks {
            context.close(promise: nil)
        } else {
            look(later: context)
        }
    }
}
