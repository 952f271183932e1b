import ControlProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ControlServer

@Suite("Reading turns")
struct TurnHandlerTests {
    /// Counts how often the transport is asked to read.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
        }
    }

    @Test(
        "After nothing but nonsense the next read waits a moment, and after a request it does not",
        arguments: [(["nonsense", "{}"], false), (["nonsense", #"{"method":"ping"}"#], true), (["", " "], true)])
    func pace(lines: [String], readsOn: Bool) throws {
        let channel = EmbeddedChannel()
        let reads = Reads()
        try channel.pipeline.syncOperations.addHandlers(
            reads,
            TurnHandler(
                peer: nil, handler: Scripted(answer: echo), output: Output(channel: channel, limit: 1024),
                requests: RequestsInFlight(limit: 16)))
        try channel.writeInbound(lines.map { LineSplitter.Line.line(Array($0.utf8)) })
        channel.read()
        #expect(reads.count == (readsOn ? 1 : 0))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(reads.count == 1)
        channel.read()
        #expect(reads.count == 2)
        _ = try? channel.finish()
    }
}
