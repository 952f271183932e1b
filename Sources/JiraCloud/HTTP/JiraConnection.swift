import FoundationEssentials
import Logging
import UsageModel

/// Asks Atlassian's API one thing at a time: with a token, as often as the retry policy allows, and no faster than it
/// is asked to.
struct JiraConnection: Sendable {
    /// Gives a token to ask with; after a 401, one that is not the rejected one, or `nil` where there is no other.
    typealias AccessTokenSource = @Sendable (_ rejected: Secret?) async throws(AccessTokenError) -> Secret?

    private let transport: HTTPTransport
    /// What comes before each path, without a slash at its end.
    private let base: String
    private let timing: Timing
    private let logger: Logger
    private let accessToken: AccessTokenSource
    let state: ConnectionState

    init(
        transport: HTTPTransport, base: String, timing: Timing, logger: Logger,
        accessToken: @escaping AccessTokenSource
    ) {
        self.transport = transport
        self.base = base
        self.timing = timing
        self.logger = logger
        self.accessToken = accessToken
        state = ConnectionState(concurrency: transport.configuration.concurrency)
    }

    var usage: SiteUsage { state.usage }

    func get<Value: Decodable>(
        _ type: Value.Type, _ endpoint: Endpoint, _ path: String, query: [(String, String)] = []
    ) async throws(JiraError) -> Value {
        try await ask(type, endpoint, HTTPRequest(url: "\(base)\(path)\(Query(query))", body: nil))
    }

    func post<Value: Decodable>(
        _ type: Value.Type, _ endpoint: Endpoint, _ path: String, body: some Encodable & Sendable
    ) async throws(JiraError) -> Value {
        try await ask(type, endpoint, HTTPRequest(url: "\(base)\(path)", body: encoded(body)))
    }

    /// As `post`, for an answer of which more counts than its body.
    func answer(
        _ endpoint: Endpoint, _ path: String, body: some Encodable & Sendable
    ) async throws(JiraError) -> HTTPAnswer {
        try await usefulAnswer(endpoint, HTTPRequest(url: "\(base)\(path)", body: encoded(body)))
    }

    /// As `get`, or with a body as `post`, for the answers that are read with the scanner.
    func scan<Page: ScannedPage>(
        _ type: Page.Type, _ endpoint: Endpoint, _ path: String, query: [(String, String)] = [], body: Data? = nil
    ) async throws(JiraError) -> Page {
        let request = HTTPRequest(url: "\(base)\(path)\(Query(query))", body: body)
        return try scanned(type, from: try await usefulAnswer(endpoint, request).body, endpoint)
    }

    /// Adds to the bill what an answer held: `each` points for every one of `rows`.
    func charge(_ endpoint: Endpoint, rows: Int, each: Int = 1) {
        state.countRows(endpoint, points: rows * each)
    }

    private func ask<Value: Decodable>(
        _ type: Value.Type, _ endpoint: Endpoint, _ request: HTTPRequest
    ) async throws(JiraError) -> Value {
        try decoded(type, from: try await usefulAnswer(endpoint, request).body, endpoint)
    }

    // MARK: - Tries

    private func usefulAnswer(_ endpoint: Endpoint, _ request: HTTPRequest) async throws(JiraError) -> HTTPAnswer {
        let policy = transport.configuration.retry
        var failed = 0
        var rejected: Secret?
        while true {
            try await waitForPause(endpoint)
            let token = try await token(rejected: rejected, endpoint)
            guard let attempt = try await attempt(endpoint, request, token) else { continue }
            switch attempt.verdict {
            case .useful:
                if let answer = attempt.answer { return answer }
            case .tokenRejected:
                guard rejected == nil else { throw .unauthorised(endpoint) }
                rejected = token
            case .again(let scope, let minimum, let error):
                failed += 1
                guard failed < policy.tries, minimum ?? .zero <= policy.patience else { throw error }
                let delay = timing.delay(policy, afterTries: failed, atLeast: minimum ?? .zero)
                switch scope {
                case .endpoint: state.pause(endpoint, until: timing.elapsed() + delay)
                case .request: try await sleep(delay)
                }
            case .final(let error):
                throw error
            }
        }
    }

    /// One try, and what it says of the site's load.
    private struct Attempt {
        let verdict: AnswerVerdict
        let answer: HTTPAnswer?
        let sign: AdaptiveLimit.Sign
    }

    /// Sends the request once its turn has come; `nil` where the endpoint has to be left alone since.
    private func attempt(
        _ endpoint: Endpoint, _ request: HTTPRequest, _ token: Secret
    ) async throws(JiraError) -> Attempt? {
        do {
            return try await state.gate.withPermit(sign: { $0?.sign ?? .nothing }) {
                guard pauseLeft(endpoint) == nil else { return nil }
                return await oneTry(endpoint, request, token)
            }
        } catch {
            throw .cancelled
        }
    }

    private func oneTry(_ endpoint: Endpoint, _ request: HTTPRequest, _ token: Secret) async -> Attempt {
        state.countRequest(endpoint)
        do throws(TransportError) {
            let (answer, took) = try await transport.gatedExchange(request, bearer: token, elapsed: timing.elapsed)
            let now = timing.now()
            let verdict = AnswerVerdict(answer, from: endpoint, now: now)
            let isUseful = if case .useful = verdict { true } else { false }
            state.countAnswer(
                endpoint, isUseful: isUseful, points: answer.status == 429 ? 0 : 1,
                rateLimit: RateLimitState(answer.headers, now: now))
            if !isUseful { logger.debug("not answered", metadata: answer.failureMetadata(endpoint)) }
            return Attempt(
                verdict: verdict, answer: answer, sign: AdaptiveLimit.Sign(verdict, answer, from: endpoint, took: took))
        } catch {
            state.countAnswer(endpoint, isUseful: false, points: 0, rateLimit: nil)
            logger.debug("no answer", metadata: ["jira.endpoint": "\(endpoint.rawValue)", "error": "\(error)"])
            return Attempt(verdict: AnswerVerdict(error, from: endpoint), answer: nil, sign: .nothing)
        }
    }

    private func token(rejected: Secret?, _ endpoint: Endpoint) async throws(JiraError) -> Secret {
        let token: Secret?
        do throws(AccessTokenError) {
            token = try await accessToken(rejected)
        } catch {
            switch (error, transport.proxyFault) {
            case (.cancelled, _): throw .cancelled
            // Whoever holds the tokens knows only that none came. Where the proxy is why, that is what can be mended.
            case (.notNow, .some(let fault)): throw .unavailable(.token, .proxy(fault), until: nil)
            default: throw .tokens(error)
            }
        }
        guard let token else { throw .unauthorised(endpoint) }
        return token
    }

    /// A burst that Jira refuses concerns everybody who asks the same endpoint, and nobody else.
    private func waitForPause(_ endpoint: Endpoint) async throws(JiraError) {
        while let left = pauseLeft(endpoint) { try await sleep(left) }
    }

    private func pauseLeft(_ endpoint: Endpoint) -> Duration? {
        guard let end = state.pauseEnd(endpoint), case let left = end - timing.elapsed(), left > .zero else {
            return nil
        }
        return left
    }

    private func sleep(_ duration: Duration) async throws(JiraError) {
        do {
            try await timing.sleep(duration)
        } catch {
            throw .cancelled
        }
    }
}
