import JiraCloud
import Logging
import Synchronization
import TestSupport
import Testing
import UsageModel

/// A site, a clock that leaps and a log, before a scripted server.
struct ScriptedSite: Sendable {
    let site: JiraSite
    let oauth: OAuthClient
    let personalData: PersonalDataAPI
    let transport: HTTPTransport
    let server: ScriptedServer
    let clock: LeapingClock
    let log: RecordedLog
    let tokens: TokenCounter

    static let midnight = Instant(milliseconds: 1_800_000_000_000)

    /// - Parameters:
    ///   - base: where the site is, if not at the scripted server.
    ///   - proxy: through what it is asked.
    ///   - deadline: measures how long a request may take; one that stands still has patience with a busy machine.
    static func run(
        base: String? = nil, proxy: ((ScriptedServer) -> String)? = nil,
        deadline: any Clock<Duration> = ManualClock(), bodyLimit: Int = 1 << 20, concurrency: Int = 8,
        _ reply: @escaping @Sendable (ReceivedRequest) async -> Reply,
        _ body: (ScriptedSite) async throws -> Void
    ) async throws {
        try await ScriptedServer.run(reply) { server in
            let base = base ?? server.baseURL
            let proxy = try proxy.map { try #require(ProxyAddress($0(server))) }
            let transport = HTTPTransport(
                try JiraConfiguration(
                    authorizationServer: base, apiBase: base, proxy: proxy, clientID: "client",
                    clientSecret: Secret("client-secret"), redirectURI: "http://127.0.0.1:8736/callback",
                    userAgent: "tests/1", bodyLimit: bodyLimit, concurrency: concurrency), clock: deadline)
            let (clock, log, tokens) = (LeapingClock(), RecordedLog(), TokenCounter())
            let now: @Sendable () -> Instant = { midnight + clock.elapsed }
            let scripted = ScriptedSite(
                site: JiraSite(
                    cloudID: CloudID(rawValue: "cloud"), transport: transport, clock: clock,
                    generator: SplitMix64(seed: 1), now: now, logger: log.logger,
                    accessToken: { rejected in tokens.token(rejected: rejected) }),
                oauth: OAuthClient(
                    transport: transport, clock: clock, generator: SplitMix64(seed: 1), now: now, logger: log.logger),
                personalData: PersonalDataAPI(
                    transport: transport, clock: clock, generator: SplitMix64(seed: 1), now: now, logger: log.logger,
                    accessToken: { rejected in tokens.token(rejected: rejected) }),
                transport: transport, server: server, clock: clock, log: log, tokens: tokens)
            do {
                try await body(scripted)
                try await transport.shutdown()
            } catch {
                try await transport.shutdown()
                throw error
            }
        }
    }
}

/// What comes of `body`, with the type of its error.
func outcome<Value, Failure: Error>(
    _ body: () async throws(Failure) -> Value
) async -> Result<Value, Failure> {
    do throws(Failure) {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}

/// Gives `token-1` until that is rejected, then `token-2`, and so on.
final class TokenCounter: Sendable {
    private let generation = Mutex(1)

    var rejections: Int { generation.withLock { $0 - 1 } }

    func token(rejected: Secret?) -> Secret {
        generation.withLock { generation in
            if let rejected, rejected.matches(Secret("token-\(generation)")) { generation += 1 }
            return Secret("token-\(generation)")
        }
    }
}

/// Everything that was logged, as lines with their metadata.
final class RecordedLog: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }
    var logger: Logger { Logger(label: "tests") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let facts = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            log.state.withLock { $0.append("\(event.level) \(event.message) \(facts)") }
        }
    }
}
