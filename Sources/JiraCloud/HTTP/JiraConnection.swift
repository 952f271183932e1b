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
    private let state = ConnectionState()

    init(
        transport: HTTPTransport, base: String, timing: Timing, logger: Logger,
        accessToken: @escaping AccessTokenSource
    ) {
        self.transport = transport
        self.base = base
        self.timing = timing
        self.logger = logger
        self.accessToken = accessToken
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
            let (verdict, answer) = await oneTry(endpoint, request, token)
            switch verdict {
            case .useful:
                if let answer { return answer }
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

    private func oneTry(
        _ endpoint: Endpoint, _ request: HTTPRequest, _ token: Secret
    ) async -> (AnswerVerdict, HTTPAnswer?) {
        state.countRequest(endpoint)
        do throws(TransportError) {
            let answer = try await transport.gatedExchange(request, bearer: token)
            let now = timing.now()
            let verdict = AnswerVerdict(answer, from: endpoint, now: now)
            let isUseful = if case .useful = verdict { true } else { false }
            state.countAnswer(
                endpoint, isUseful: isUseful, points: answer.status == 429 ? 0 : 1,
                rateLimit: RateLimitState(answer.headers, now: now))
            if !isUseful { logger.debug("not answered", metadata: answer.failureMetadata(endpoint)) }
            return (verdict, answer)
        } catch {
            state.countAnswer(endpoint, isUseful: false, points: 0, rateLimit: nil)
            logger.debug("no answer", metadata: ["jira.endpoint": "\(endpoint.rawValue)", "error": "\(error)"])
            return (AnswerVerdict(error, from: endpoint), nil)
        }
    }

    private func token(rejected: Secret?, _ endpoint: Endpoint) async throws(JiraError) -> Secret {
        let token: Secret?
        do throws(AccessTokenError) {
            token = try await accessToken(rejected)
        } catch {
            throw error == .cancelled ? .cancelled : .tokens(error)
        }
        guard let token else { throw .unauthorised(endpoint) }
        return token
    }

    /// A burst that Jira refuses concerns everybody who asks the same endpoint, and nobody else.
    private func waitForPause(_ endpoint: Endpoint) async throws(JiraError) {
        while let end = state.pauseEnd(endpoint), case let left = end - timing.elapsed(), left > .zero {
            try await sleep(left)
        }
    }

    private func sleep(_ duration: Duration) async throws(JiraError) {
        do {
            try await timing.sleep(duration)
        } catch {
            throw .cancelled
        }
    }
}
