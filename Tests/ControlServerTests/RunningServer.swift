import ControlProtocol
import ControlServer
import Logging
import TestSupport

/// Runs a server on a socket of its own while `body` runs, and stops it afterwards.
func withServer<Value: Sendable>(
    limits: ControlServer.Limits = .init(), handler: @escaping Scripted.Answer,
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let path = directory + "/control.sock"
        let server = ControlServer(
            socket: try ListeningSocket(path: path), limits: limits, logger: Logger(label: "test"),
            handler: Scripted(answer: handler))
        return try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            defer { server.stop() }
            return try await body(path)
        }
    }
}

/// Answers as a test says; the method `ping`, and no other, at once, by its name.
struct Scripted: RequestHandler {
    typealias Answer = @Sendable (ControlRequest, Peer, RequestNotices) async -> ControlReply

    let answer: Answer

    func immediateReplies(to requests: ArraySlice<ControlRequest>, from peer: Peer) -> [ControlReply] {
        requests.prefix { $0.method == "ping" }
            .map { ControlReply(id: $0.id, outcome: .success(.string($0.method))) }
    }

    func reply(to request: ControlRequest, from peer: Peer, _ notices: RequestNotices) async -> ControlReply {
        if let reply = immediateReplies(to: [request], from: peer).first { return reply }
        return await answer(request, peer, notices)
    }
}

/// Answers with what it was asked: `"ping"`.
let echo: Scripted.Answer = { request, _, _ in
    ControlReply(id: request.id, outcome: .success(.string(request.method)))
}

/// The reply that ``echo`` gives.
func echoed(_ id: String, _ method: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"result":"\#(method)"}"#
}

/// A gate that tests open: whoever waits before it goes on only then.
struct Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func open() { continuation.finish() }

    /// Returns when the gate is open; throws where the task was cancelled before.
    func pass() async throws {
        for await _ in stream {}
        try Task.checkCancellation()
    }
}
