import NIOCore

/// Accepts a connection and then lets the loop look at the others: somebody who connects again and again takes more of its
/// time than anybody who asks.
///
/// It also ends accepting in order. A connection that has been accepted is made ready in a later turn of the loop, and one
/// that becomes so when the listener is closed is dropped, with all that was sent on it. So nothing more is accepted first, and
/// the listener is closed when the last connection is ready.
final class AcceptHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    /// What it is told, by events of the listener's pipeline.
    enum Event {
        /// An accepted connection is ready, or never will be.
        case settled
        /// Nothing more is to be accepted.
        case stop
    }

    /// Some four times what it takes to accept a connection and to close it.
    private let pause = Pause(.microseconds(500))
    /// A connection that never settles must not keep the listener open.
    private static let patience = TimeAmount.milliseconds(100)

    private var unsettled = 0
    private var isStopping = false
    private var timer: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pause.begin()
        unsettled += 1
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !isStopping { pause.read(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? Event {
        case .settled?:
            unsettled -= 1
            closeIfDone(context)
        case .stop? where !isStopping:
            isStopping = true
            pause.cancel()
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { context.close(promise: nil) }
            closeIfDone(context)
        case .stop?: break
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard isStopping, unsettled == 0 else { return }
        // The one that has just settled is handed on behind this.
        context.eventLoop.assumeIsolated().execute { context.close(promise: nil) }
    }

    private func end() {
        pause.cancel()
        timer?.cancel()
    }
}
