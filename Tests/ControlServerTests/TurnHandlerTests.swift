import ControlProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ControlServer

/// A handler between a transport that counts how often it is asked to read, and whoever takes turns.
private struct Bench {
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
        }
    }

    private final class End: ChannelInboundHandler {
        typealias InboundIn = Turn
        var hasCome = false

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            hasCome = hasCome || event as? ChannelEvent == .inputClosed
        }
    }

    let channel = EmbeddedChannel()
    private let reads = Reads()
    private let end = End()

    /// - Parameter isAdmitted: whether anything may be answered.
    init(isAdmitted: Bool) throws {
        let requests = RequestsInFlight(limit: 16)
        if isAdmitted { requests.open { _ in } }
        try channel.pipeline.syncOperations.addHandlers(
            reads,
            TurnHandler(
                peer: Peer(uid: 1, gid: 1, pid: 1, groups: []), handler: Scripted(answer: echo),
                output: Output(channel: channel, limit: 1024 * 1024), requests: requests), end)
    }

    var readCount: Int { reads.count }
    var hasEnded: Bool { end.hasCome }

    func receive(_ lines: [String]) throws {
        try channel.writeInbound(lines.map { LineSplitter.Line.line(Array($0.utf8)) })
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// How many turns have been passed on since this was last asked.
    func passedOn() throws -> Int {
        var count = 0
        while try channel.readInbound(as: Turn.self) != nil { count += 1 }
        return count
    }

    /// What has been written since this was last asked.
    func written() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func close() { _ = try? channel.finish() }
}

@Suite("Reading turns")
struct TurnHandlerTests {
    private let ping = #"{"method":"ping"}"#

    @Test(
        "After something that is no request the next read waits for a moment, and after requests alone it does not",
        arguments: [
            (["nonsense", #"{"method":"ping"}"#], false), (["{}"], false), ([#"{"method":"ping"}"#], true),
            (["", " "], true),
        ])
    func pace(lines: [String], readsOn: Bool) throws {
        let bench = try Bench(isAdmitted: true)
        defer { bench.close() }
        bench.channel.read()
        try bench.receive(lines)
        bench.channel.read()
        #expect(bench.readCount == (readsOn ? 2 : 1))
        bench.pass(.milliseconds(1))
        #expect(bench.readCount == 2)
    }

    @Test("Of what arrives at once, asked for or not, some is taken at a time; its end comes last")
    func portions() throws {
        let bench = try Bench(isAdmitted: true)
        defer { bench.close() }
        bench.channel.read()
        try bench.receive(Array(repeating: #"{"method":"a"}"#, count: 100))
        try bench.receive(Array(repeating: #"{"method":"a"}"#, count: 100))
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try bench.passedOn() == 64)
        // Nobody behind has asked for more.
        bench.pass(.seconds(1))
        #expect(try bench.passedOn() == 0)
        bench.channel.read()
        #expect(try bench.passedOn() == 0)
        bench.pass(.microseconds(100))
        #expect(try bench.passedOn() == 64)
        bench.pass(.microseconds(100))
        #expect(try bench.passedOn() == 64)
        #expect(!bench.hasEnded)
        bench.pass(.microseconds(100))
        #expect(try bench.passedOn() == 8)
        #expect(bench.hasEnded)
        #expect(bench.readCount == 1, "there is nothing more to be read")
    }

    @Test("Long lines count for more")
    func bytes() throws {
        let bench = try Bench(isAdmitted: true)
        defer { bench.close() }
        bench.channel.read()
        let long = #"{"method":"a","params":{"x":""# + String(repeating: "x", count: 2000) + #""}}"#
        try bench.receive([long, long, ping])
        #expect(try bench.passedOn() == 1)
    }

    @Test("Nothing is answered before the connection is admitted, and at once then", arguments: [false, true])
    func admission(isAdmitted: Bool) throws {
        let bench = try Bench(isAdmitted: isAdmitted)
        defer { bench.close() }
        bench.channel.read()
        try bench.receive([ping, ping])
        #expect(
            try bench.written() == (isAdmitted ? (echoed("null", "ping") + "\n") + (echoed("null", "ping") + "\n") : "")
        )
        #expect(try bench.passedOn() == (isAdmitted ? 0 : 2))
    }

    @Test("What could be answered at once is passed on behind what could not")
    func order() throws {
        let bench = try Bench(isAdmitted: true)
        defer { bench.close() }
        bench.channel.read()
        try bench.receive(["nonsense", ping, #"{"method":"a"}"#, ping])
        #expect(try bench.written().split(separator: "\n").count == 2)
        #expect(try bench.passedOn() == 2)
        bench.channel.read()
        bench.pass(.milliseconds(1))
        try bench.receive([ping])
        #expect(try bench.written() == "")
        #expect(try bench.passedOn() == 1)
    }
}

@Suite("Reading at a pace")
struct PaceTests {
    private final class Pieces: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var texts: [String] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            texts.append(String(buffer: unwrapInboundIn(data)))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { texts.append("the end") }
        }
    }

    @Test("What arrives unasked is held, comes piece by piece as it is asked for, and the end behind it")
    func pace() throws {
        let channel = EmbeddedChannel()
        let pieces = Pieces()
        try channel.pipeline.syncOperations.addHandlers(PaceHandler(), pieces)
        defer { _ = try? channel.finish() }
        channel.read()
        for text in ["a", "b", "c"] { try channel.writeInbound(ByteBuffer(string: text)) }
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(pieces.texts == ["a"])
        channel.read()
        #expect(pieces.texts == ["a"], "others have their turn before")
        channel.embeddedEventLoop.advanceTime(by: .microseconds(100))
        #expect(pieces.texts == ["a", "b"])
        channel.embeddedEventLoop.advanceTime(by: .microseconds(100))
        #expect(pieces.texts == ["a", "b", "c", "the end"])
    }
}
