import NIOCore
import NIOPosix
import Synchronization

/// A request as it arrived.
struct ReceivedRequest: Sendable {
    /// Counted from 0 over the whole life of the server.
    let number: Int
    let method: String
    /// With its query.
    let target: String
    /// Names in lower case.
    let headers: [String: String]
    let body: String

    /// Without its query.
    var path: String { String(target.prefix { $0 != "?" }) }
}

enum Reply: Sendable {
    case answer(Int, headers: [(String, String)] = [], String)
    /// A head that promises more than comes before the connection ends.
    case cut(String)
    /// The start of a body, and then nothing until the other side gives up.
    case drip
    case hangUp
    /// Opens the way to a port of this machine, as a proxy does for CONNECT.
    case tunnel(port: Int)

    static func ok(_ body: String) -> Reply { .answer(200, body) }
}

/// A server on a loopback port that says whatever a test wants to hear an HTTP server say, also what no good one would.
final class ScriptedServer: Sendable {
    let baseURL: String
    /// Tells each time that a dripping body has begun.
    let drips: AsyncStream<Void>
    private let dripped: AsyncStream<Void>.Continuation
    private let received = Mutex<[ReceivedRequest]>([])
    private let passed = Mutex<[UInt8]>([])

    private init(port: Int) {
        baseURL = "http://127.0.0.1:\(port)"
        (drips, dripped) = AsyncStream.makeStream()
    }

    var requests: [ReceivedRequest] { received.withLock { $0 } }

    /// What clients have sent through the ways that were opened for them.
    var passedOn: [UInt8] { passed.withLock { $0 } }

    static func run(
        _ reply: @escaping @Sendable (ReceivedRequest) async -> Reply,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { await server.serve(connection, reply) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            try await body(server)
        }
    }

    /// A connection that fails concerns the client that it belongs to; the test sees it there.
    private func serve(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ reply: @Sendable (ReceivedRequest) async -> Reply
    ) async {
        try? await connection.executeThenClose { inbound, outbound in
            var buffer = ByteBuffer()
            var bytes = inbound.makeAsyncIterator()
            while true {
                while let request = parse(&buffer) {
                    switch await reply(request) {
                    case .answer(let status, let headers, let body):
                        try await outbound.write(Self.head(status, headers, length: body.utf8.count, body))
                    case .cut(let body):
                        try await outbound.write(Self.head(200, [], length: body.utf8.count + 1, body))
                        return
                    case .drip:
                        try await outbound.write(Self.head(200, [], length: 1000, "["))
                        dripped.yield()
                    case .hangUp:
                        return
                    case .tunnel(let port):
                        try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
                        try await pass(&bytes, to: port, answers: outbound)
                        return
                    }
                }
                guard var more = try await bytes.next() else { return }
                buffer.writeBuffer(&more)
            }
        }
    }

    private func pass(
        _ bytes: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, to port: Int,
        answers: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        let target = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await target.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await chunk in inbound { try await answers.write(chunk) }
                }
                while let chunk = try await bytes.next() {
                    passed.withLock { $0 += chunk.readableBytesView }
                    try await outbound.write(chunk)
                }
                group.cancelAll()
            }
        }
    }

    private func parse(_ buffer: inout ByteBuffer) -> ReceivedRequest? {
        let text = String(buffer: buffer)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        let headers = lines.dropFirst().reduce(into: [String: String]()) { headers, line in
            let name = line.prefix { $0 != ":" }
            headers[name.lowercased()] = String(line.dropFirst(name.count + 1).drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        let body = text[end.upperBound...].utf8.prefix(length)
        guard body.count == length else { return nil }
        buffer.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count + length)
        return received.withLock { requests in
            let request = ReceivedRequest(
                number: requests.count, method: String(words[0]), target: String(words[1]), headers: headers,
                body: String(body) ?? "")
            requests.append(request)
            return request
        }
    }

    private static func head(
        _ status: Int, _ headers: [(String, String)], length: Int, _ body: String
    ) -> ByteBuffer {
        let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        return ByteBuffer(string: "HTTP/1.1 \(status) Status\r\nContent-Length: \(length)\r\n\(lines)\r\n\(body)")
    }
}
