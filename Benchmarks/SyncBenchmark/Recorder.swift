import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// A request to Jira's API as it was sent.
struct RecordedRequest: Sendable {
    let method: HTTPMethod
    /// Path and query, as in the request's first line.
    let target: String
    let contentType: String?
    let body: ByteBuffer

    var path: Substring { target.prefix { $0 != "?" } }
}

/// Stands between a daemon and a simulator and keeps what is asked of Jira's API, in order.
final class Recorder: HTTPResponder {
    private let upstream: String
    /// A consent's answer is a redirect to where a browser would go on, not we.
    private let client = HTTPClient(configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
    private let log = Mutex([RecordedRequest]())

    private init(upstream: String) {
        self.upstream = upstream
    }

    var requests: [RecordedRequest] { log.withLock { $0 } }

    /// Runs `body` while one listens on a loopback port.
    static func with<Value>(upstream: String, _ body: (_ baseURL: String, Recorder) async throws -> Value)
        async throws -> Value
    {
        let recorder = Recorder(upstream: upstream)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: recorder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "recorder") { _ in SwiftLogNoOpLogHandler() })
        do {
            let value = try await withThrowingTaskGroup { group in
                group.addTask {
                    defer { port.finish() }
                    try await application.run()
                }
                guard let number = await ports.first(where: { _ in true }) else {
                    try await group.waitForAll()
                    throw SimulatorCalls.Refused(description: "the recorder did not start")
                }
                let value = try await body("http://127.0.0.1:\(number)", recorder)
                group.cancelAll()
                return value
            }
            try await recorder.client.shutdown()
            return value
        } catch {
            try await recorder.client.shutdown()
            throw error
        }
    }

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let target = request.head.path ?? "/"
        let body = try await request.body.collect(upTo: 8 << 20)
        let method = HTTPMethod(rawValue: request.method.rawValue)
        if target.hasPrefix("/ex/jira/") {
            log.withLock {
                $0.append(
                    RecordedRequest(
                        method: method, target: target, contentType: request.headers[.contentType], body: body))
            }
        }
        var forwarded = HTTPClientRequest(url: upstream + target)
        forwarded.method = method
        for name in [HTTPField.Name.authorization, .contentType, .accept] {
            if let value = request.headers[name] {
                forwarded.headers.add(name: name.rawName, value: value)
            }
        }
        if body.readableBytes > 0 { forwarded.body = .bytes(body) }
        let answer = try await client.execute(forwarded, deadline: .now() + .minutes(10))
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name), name != .contentLength, name != .transferEncoding,
                name != .connection
            else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        let content = try await answer.body.collect(upTo: 256 << 20)
        return Response(
            status: HTTPResponse.Status(code: Int(answer.status.code)), headers: headers,
            body: ResponseBody(byteBuffer: content))
    }
}
