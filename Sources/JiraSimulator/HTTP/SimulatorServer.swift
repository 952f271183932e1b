import FoundationEssentials
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// A simulator that accepts connections.
package struct RunningSimulator: Sendable {
    package let simulator: JiraSimulator
    /// `http://127.0.0.1:PORT`, for what auth.atlassian.com and api.atlassian.com serve alike.
    package let baseURL: String
}

/// Serves a simulated Jira Cloud on a loopback port while `body` runs, and stops it afterwards.
///
/// - Throws: what `body` throws, `SimulatorError` or `RecordingError` for a configuration that cannot be used, or an error
///   of the system if the port cannot be had.
package func withJiraSimulator<Result: Sendable>(
    _ configuration: SimulatorConfiguration = SimulatorConfiguration(), logger: Logger = quietLogger,
    _ body: (RunningSimulator) async throws -> Result
) async throws -> Result {
    let simulator = try JiraSimulator(configuration)
    let (ports, port) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingOldest(1))
    let application = makeApplication(simulator, logger: logger) { port.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            // Without a port there is nothing to wait for.
            defer { port.finish() }
            do {
                try await application.run()
            } catch is CancellationError {
                return
            }
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.waitForAll()
            throw SimulatorError(reason: "The simulator ended before it accepted connections.")
        }
        let running = RunningSimulator(simulator: simulator, baseURL: configuration.origin(port: port))
        do {
            let result = try await body(running)
            group.cancelAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

/// Serves a simulated Jira Cloud until the process is told to end by SIGTERM or SIGINT.
///
/// - Parameter onReady: called once connections are accepted.
package func serveJiraSimulator(
    _ configuration: SimulatorConfiguration, logger: Logger = quietLogger,
    onReady: @escaping @Sendable (RunningSimulator) async -> Void
) async throws {
    let simulator = try JiraSimulator(configuration)
    let application = makeApplication(simulator, logger: logger) { port in
        await onReady(RunningSimulator(simulator: simulator, baseURL: configuration.origin(port: port)))
    }
    try await application.runService()
}

/// Says nothing but what is fatal, and that on standard error.
package let quietLogger: Logger = {
    var logger = Logger(label: "jira-sim", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .critical
    return logger
}()

private func makeApplication(
    _ simulator: JiraSimulator, logger: Logger, onPort: @escaping @Sendable (Int) async -> Void
) -> some ApplicationProtocol {
    let configuration = simulator.configuration
    let responder = SimulatorResponder(pipeline: RequestPipeline(simulator), latency: configuration.latency)
    return Application(
        responder: responder,
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port), serverName: "AtlassianEdge"),
        onServerRunning: { channel in
            if let port = channel.localAddress?.port { await onPort(port) }
        },
        logger: logger)
}

extension SimulatorConfiguration {
    fileprivate func origin(port: Int) -> String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }
}

/// Turns HTTP requests into calls and replies into HTTP responses.
private struct SimulatorResponder: HTTPResponder {
    let pipeline: RequestPipeline
    let latency: Duration

    /// Larger than anything that Jira takes.
    private static let maximumBody = 8 << 20

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let call = try await call(request)
        let match = pipeline.match(call)
        let fault = pipeline.fault(for: call, match)
        if !call.path.hasPrefix(SimulatorRoutes.prefix), latency > .zero { try await hold(for: latency) }
        if let delay = fault?.delayMilliseconds { try await hold(for: .milliseconds(delay)) }
        return response(pipeline.answer(call, match, fault: fault), fault)
    }

    private func call(_ request: Request) async throws -> Call {
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let body = try await request.body.collect(upTo: Self.maximumBody)
        let authorization = request.headers[.authorization] ?? ""
        let words = authorization.split(separator: " ")
        let isBearer = words.count == 2 && words[0].lowercased() == "bearer"
        return Call(
            method: request.method, path: String(parts[0]),
            query: parts.count > 1 ? PercentEncoding.parameters(parts[1]) : [],
            body: Data(body.readableBytesView), bearer: isBearer ? String(words[1]) : nil)
    }

    private func response(_ reply: Reply, _ fault: FaultRule?) -> Response {
        var headers = HTTPFields()
        for (name, value) in reply.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        if !reply.body.isEmpty, headers[.contentType] == nil {
            headers[.contentType] = "application/json;charset=UTF-8"
        }
        let buffer = ByteBuffer(string: reply.body)
        let body = fault.flatMap { SpoiltBody(buffer, $0)?.body } ?? ResponseBody(byteBuffer: buffer)
        return Response(status: HTTPResponse.Status(code: reply.status), headers: headers, body: body)
    }
}

/// Holds an answer back; given up when the simulator ends, which otherwise waited for it.
private func hold(for time: Duration) async throws {
    try await cancelWhenGracefulShutdown { try await Task.sleep(for: time) }
}

/// A body that is sent as a fault wants it.
private struct SpoiltBody {
    private let buffer: ByteBuffer
    private let fault: FaultRule

    /// The connection is closed in the middle of a body.
    private struct Cut: Error {}

    init?(_ buffer: ByteBuffer, _ fault: FaultRule) {
        guard fault.cutAfterBytes != nil || fault.stallMilliseconds != nil || fault.dripMilliseconds != nil else {
            return nil
        }
        self.buffer = buffer
        self.fault = fault
    }

    var body: ResponseBody {
        let (buffer, fault) = (buffer, fault)
        return ResponseBody(contentLength: buffer.readableBytes) { writer in
            var rest = buffer
            if let cut = fault.cutAfterBytes {
                if let part = rest.readSlice(length: min(cut, rest.readableBytes)) { try await writer.write(part) }
                throw Cut()
            }
            let size = fault.dripMilliseconds == nil ? max(rest.readableBytes / 2, 1) : max(fault.dripBytes ?? 1, 1)
            let pause = Duration.milliseconds(fault.stallMilliseconds ?? fault.dripMilliseconds ?? 0)
            while let part = rest.readSlice(length: min(size, rest.readableBytes)), part.readableBytes > 0 {
                try await writer.write(part)
                if rest.readableBytes > 0 { try await hold(for: pause) }
            }
            try await writer.finish(nil)
        }
    }
}
