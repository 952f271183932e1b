import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import UsageModel

/// The one HTTP client of the program: HTTP/1.1, no redirects, a deadline round each request and its body.
///
/// Whoever makes it owns it and calls `shutdown()` when everything that uses it has ended.
package final class HTTPTransport: Sendable {
    package let configuration: JiraConfiguration
    /// For https: through the proxy, where the settings name one.
    private let client: HTTPClient
    /// For http, which only this machine's own addresses may have: what is not encrypted must not leave by a proxy.
    private let plainClient: HTTPClient
    private let clock: any Clock<Duration>
    private let gate: ConcurrencyGate
    private let counts = Mutex(WireCounts())
    private let lastProxyFault = Mutex<ProxyFault?>(nil)

    /// - Parameter clock: measures the deadline of each request; `nil` for the system's.
    package init(_ configuration: JiraConfiguration, clock: (any Clock<Duration>)? = nil) {
        self.configuration = configuration
        gate = ConcurrencyGate(AdaptiveLimit(fixed: configuration.concurrency))
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        settings.timeout.connect = .seconds(10)
        // Below what servers and proxies usually keep, so that they seldom close a connection under a request.
        settings.connectionPool.idleTimeout = .seconds(20)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.concurrency
        // Trying again is decided where it is known what may be tried again, and how often.
        settings.connectionPool.retryConnectionEstablishment = false
        plainClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        settings.proxy = configuration.proxy.map { .server(host: $0.host, port: $0.port) }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        self.clock = clock ?? EventLoopClock(eventLoop: client.eventLoopGroup.any())
    }

    /// What has gone over the wire since the transport was made.
    package var wireCounts: WireCounts { counts.withLock { $0 } }

    /// Why the proxy did not let the last request through; `nil` where it did, and without a proxy.
    var proxyFault: ProxyFault? { lastProxyFault.withLock { $0 } }

    /// Closes all connections. Requests in flight fail.
    package func shutdown() async throws {
        try await client.shutdown()
        try await plainClient.shutdown()
    }

    /// Sends a request once its turn has come among those in flight, and reads the whole answer.
    ///
    /// - Parameter elapsed: a clock of the caller's.
    /// - Returns: the answer, and how long it took by that clock once its turn had come.
    func gatedExchange(
        _ request: HTTPRequest, bearer: Secret, elapsed: @Sendable () -> Duration
    ) async throws(TransportError) -> (HTTPAnswer, took: Duration) {
        do {
            return try await gate.withPermit {
                let start = elapsed()
                return await self.boundedExchange(request, bearer: bearer).map { ($0, took: elapsed() - start) }
            }.get()
        } catch let error as TransportError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    /// Sends a request at once and reads the whole answer.
    func exchange(_ request: HTTPRequest) async throws(TransportError) -> HTTPAnswer {
        try await boundedExchange(request, bearer: nil).get()
    }

    /// The client's own timeout ends with the answer's head; a body that drips would hold us for good.
    private func boundedExchange(_ request: HTTPRequest, bearer: Secret?) async -> Result<HTTPAnswer, TransportError> {
        await withTaskGroup(of: Result<HTTPAnswer, TransportError>.self) { [clock, configuration] group in
            group.addTask {
                do throws(TransportError) {
                    return .success(try await self.send(request, bearer: bearer))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do {
                    try await clock.sleep(for: configuration.requestDeadline)
                    return .failure(.timedOut)
                } catch {
                    return .failure(.cancelled)
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
    }

    private func send(_ request: HTTPRequest, bearer: Secret?) async throws(TransportError) -> HTTPAnswer {
        counts.withLock { $0.requests += 1 }
        let message = request.message(userAgent: configuration.userAgent, bearer: bearer)
        let isPlain = request.url.hasPrefix("http://")
        do {
            let response = try await (isPlain ? plainClient : client).execute(message, deadline: .distantFuture)
            let body = try await collect(response.body)
            if !isPlain { lastProxyFault.withLock { $0 = nil } }
            return HTTPAnswer(status: Int(response.status.code), headers: response.headers, body: body)
        } catch let error as TransportError {
            throw error
        } catch is CancellationError {
            throw .cancelled
        } catch let error where Self.isAboutCertificate(error) {
            // Only a way that is open leads to a certificate.
            lastProxyFault.withLock { $0 = nil }
            throw .untrusted
        } catch let error as HTTPClientError where error == .cancelled {
            throw .cancelled
        } catch {
            let word = (error as? HTTPClientError)?.shortDescription ?? String(describing: type(of: error))
            guard !isPlain, let proxy = configuration.proxy else { throw .network(word) }
            let fault = ProxyFault(proxy, error: error, word: word)
            lastProxyFault.withLock { $0 = fault }
            throw .proxy(fault)
        }
    }

    /// Whether the other side is not whom it has to be, or nobody vouches for it.
    private static func isAboutCertificate(_ error: any Error) -> Bool {
        switch error {
        // With a certificate that is not trusted, BoringSSL ends the handshake. It fails for hardly any other reason,
        // and what to look at is the same.
        case NIOSSLError.handshakeFailed(.sslError), NIOSSLError.unableToValidateCertificate: true
        case let error as NIOSSLExtraError: error == .failedToValidateHostname
        default: false
        }
    }

    private func collect(_ body: HTTPClientResponse.Body) async throws -> Data {
        var collected = Data()
        for try await chunk in body {
            counts.withLock { $0.bytesReceived += chunk.readableBytes }
            guard collected.count + chunk.readableBytes <= configuration.bodyLimit else {
                throw TransportError.bodyTooLarge(limit: configuration.bodyLimit)
            }
            collected.append(contentsOf: chunk.readableBytesView)
        }
        return collected
    }
}

/// What has gone over the wire.
package struct WireCounts: Hashable, Sendable {
    /// Requests sent, each try by itself.
    package internal(set) var requests = 0
    /// Bytes of answers' bodies.
    package internal(set) var bytesReceived = 0
}
