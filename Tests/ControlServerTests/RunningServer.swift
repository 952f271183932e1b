import ControlProtocol
import ControlServer
import Logging
import TestSupport

/// Runs a server on a socket of its own while `body` runs, and stops it afterwards.
func withServer<Value: Sendable>(
    limits: ControlServer.Limits = .init(), handler: @escaping ControlServer.Handler,
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let path = directory + "/control.sock"
        let server = ControlServer(
            socket: try ListeningSocket(path: path), limits: limits, logger: Logger(label: "test"), handler: handler)
        return try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            defer { server.stop() }
            return try await body(path)
        }
    }
}

/// Answers with what it was asked: `"ping"`.
let echo: ControlServer.Handler = { request, _, _ in
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
