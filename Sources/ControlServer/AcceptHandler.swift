import NIOCore

/// Accepts a connection and then lets the loop look at the others: somebody who connects again and again takes more of its
/// time than anybody who asks.
final class AcceptHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    /// Some three times what it takes to accept a connection and to close it.
    private let pause = Pause(.microseconds(250))

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pause.begin()
        context.fireChannelRead(data)
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
}
