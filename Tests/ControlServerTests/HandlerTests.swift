import ControlProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ControlServer

/// Stands for a transport that is asked to read.
private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
    }
}

/// A handler before a transport that counts how often it is asked to read.
private struct Bench {
    let channel = EmbeddedChannel()
    private let reads = Reads()

    /// - Parameter isAdmitted: whether anything may be answered.
    init(isAdmitted: Bool) throws {
        let requests = RequestsInFlight(limit: 16)
        if isAdmitted { requests.open { _ in } }
        try channel.pipeline.syncOperations.addHandlers(
            reads,
            TurnHandler(
                peer: Peer(uid: 1, gid: 1, pid: 1, groups: []), handler: Scripted(answer: echo),
                output: Output(channel: channel, limit: 1024 * 1024), requests: requests))
    }

    var readCount: Int { reads.count }

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

    @Test("Of many lines at once sixty-four are passed on at a time, and what an unfinished line adds")
    func portions() throws {
        let channel = EmbeddedChannel()
        let pieces = Pieces()
        try channel.pipeline.syncOperations.addHandlers(PaceHandler(), pieces)
        defer { _ = try? channel.finish() }
        let portion = String(repeating: "1\n", count: 64)
        channel.read()
        try channel.writeInbound(ByteBuffer(string: portion + portion + "\n2"))
        #expect(pieces.texts == [portion])
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(pieces.texts == [portion], "nobody behind has asked for more")
        channel.read()
        #expect(pieces.texts == [portion], "others have their turn before")
        channel.embeddedEventLoop.advanceTime(by: .microseconds(200))
        #expect(pieces.texts == [portion, portion, "\n2"])
        try channel.writeInbound(ByteBuffer(string: portion))
        #expect(pieces.texts.last == portion, "what ends where a portion does is not held up")
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

@Suite("Accepting connections")
struct AcceptHandlerTests {
    @Test("After a connection the next one waits for a moment")
    func pace() throws {
        let channel = EmbeddedChannel()
        let reads = Reads()
        try channel.pipeline.syncOperations.addHandlers(reads, AcceptHandler())
        defer { _ = try? channel.finish() }
        channel.read()
        #expect(reads.count == 1)
        try channel.writeInbound(EmbeddedChannel() as any Channel)
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .microseconds(499))
        #expect(reads.count == 1)
        channel.embeddedEventLoop.advanceTime(by: .microseconds(1))
        #expect(reads.count == 2)
        channel.read()
        #expect(reads.count == 3)
    }

    @Test("A stop accepts nothing more, and closes the listener when the last connection is ready")
    func stop() throws {
        let channel = EmbeddedChannel()
        let reads = Reads()
        try channel.pipeline.syncOperations.addHandlers(reads, AcceptHandler())
        defer { _ = try? channel.finish() }
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/s")).wait()
        try channel.writeInbound(EmbeddedChannel() as any Channel)
        try channel.writeInbound(EmbeddedChannel() as any Channel)
        channel.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.settled)
        channel.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.stop)
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(99))
        #expect(reads.count == 0)
        #expect(channel.isActive)
        channel.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.settled)
        #expect(channel.isActive)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    @Test("A connection that never becomes ready does not keep the listener open")
    func stopAtLast() throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(AcceptHandler())
        defer { _ = try? channel.finish() }
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/s")).wait()
        try channel.writeInbound(EmbeddedChannel() as any Channel)
        channel.pipeline.fireUserInboundEventTriggered(AcceptHandler.Event.stop)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(!channel.isActive)
    }
}

@Suite("Cutting into lines")
struct LineHandlerTests {
    private final class Closings: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            if mode == .input { count += 1 } else { context.close(mode: mode, promise: promise) }
        }

        func read(context: ChannelHandlerContext) {}
    }

    @Test("A line that stands unfinished is given up, but not while nobody asks for the rest of it")
    func patience() throws {
        let channel = EmbeddedChannel()
        let closings = Closings()
        try channel.pipeline.syncOperations.addHandlers(closings, LineHandler(patience: .seconds(30)))
        defer { _ = try? channel.finish() }
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(31))
        #expect(closings.count == 0, "no line was begun")
        try channel.writeInbound(ByteBuffer(string: "{"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(31))
        #expect(closings.count == 0, "nobody asked")
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        try channel.writeInbound(ByteBuffer(string: "}"))
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(closings.count == 0, "each byte gives it new time")
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(closings.count == 1)
    }
}
