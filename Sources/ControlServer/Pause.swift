import NIOCore

/// Keeps a handler from asking for more until a while has passed, so that the loop can look at its other connections.
///
/// Only of use on the event loop.
final class Pause {
    private let length: TimeAmount
    private var isDue = false
    private var timer: Scheduled<Void>?

    init(_ length: TimeAmount) {
        self.length = length
    }

    /// From now on the next read waits.
    func begin() {
        isDue = true
    }

    /// Reads, at once or when the pause is over.
    func read(_ context: ChannelHandlerContext) {
        guard isDue else { return context.read() }
        guard timer == nil else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: length) {
            self.timer = nil
            self.isDue = false
            context.read()
        }
    }

    func cancel() {
        timer?.cancel()
    }
}
