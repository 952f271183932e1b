import NIOHTTP1
import UsageModel

/// What an answer means for the request that it answers: a value, so that the table can be read and tested in one
/// place. Source: the status table of <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.
enum AnswerVerdict {
    case useful
    /// 401: worth one more try with a fresh token.
    case tokenRejected
    /// May be asked again; `error` is what is thrown once the tries are used up.
    case again(scope: Scope, atLeast: Duration?, error: JiraError)
    case final(JiraError)

    /// What has to wait.
    enum Scope {
        case request
        case endpoint
    }

    init(_ answer: HTTPAnswer, from endpoint: Endpoint, now: Instant) {
        func message() -> String? { AtlassianMessage(answer.body).text }
        switch answer.status {
        case 200..<300: self = .useful
        case 400: self = .final(.badRequest(endpoint, message: message()))
        case 401: self = AtlassianMessage(answer.body).isAboutScope ? .final(.scopeMissing(endpoint)) : .tokenRejected
        case 403: self = .final(.forbidden(endpoint, message: message()))
        case 404: self = .final(.notFound(endpoint))
        case 409: self = .final(.tooExpensive(endpoint))
        case 410: self = .final(.gone(endpoint, message: message()))
        case 413, 414: self = .final(.tooLarge(endpoint))
        case 429: self = Self.limited(answer, endpoint, now: now)
        case 408, 500, 502, 503, 504:
            let wait = ComeBack(answer.headers, now: now).wait
            self = .again(
                scope: .request, atLeast: wait,
                error: .unavailable(endpoint, .status(answer.status), until: wait.map { now + $0 }))
        default: self = .final(.unexpected(endpoint, status: answer.status))
        }
    }

    /// All our requests only read, so whatever became of it, it may be sent again.
    init(_ error: TransportError, from endpoint: Endpoint) {
        switch error {
        case .timedOut:
            self = .again(scope: .request, atLeast: nil, error: .unavailable(endpoint, .timedOut, until: nil))
        case .network(let word):
            self = .again(scope: .request, atLeast: nil, error: .unavailable(endpoint, .network(word), until: nil))
        case .proxy(let fault):
            self = .again(scope: .request, atLeast: nil, error: .unavailable(endpoint, .proxy(fault), until: nil))
        // No number of tries makes it better.
        case .untrusted: self = .final(.unavailable(endpoint, .untrusted, until: nil))
        case .bodyTooLarge: self = .final(.tooLarge(endpoint))
        case .cancelled: self = .final(.cancelled)
        }
    }

    private static func limited(_ answer: HTTPAnswer, _ endpoint: Endpoint, now: Instant) -> AnswerVerdict {
        let reason = RateLimitReason(answer.headers, now: now)
        let comeBack = ComeBack(answer.headers, now: now)
        if reason.isQuota { return .final(.rateLimited(endpoint, reason, until: comeBack.quotaReset(now: now))) }
        return .again(
            scope: .endpoint, atLeast: comeBack.wait,
            // Some gateways do not say when. Half a minute is the longest wait that Atlassian advises.
            error: .rateLimited(endpoint, reason, until: now + (comeBack.wait ?? .seconds(30))))
    }
}

extension AdaptiveLimit.Sign {
    /// A spent quota says nothing of how much a site bears at once, and a server's fault need not be our load's.
    init(_ verdict: AnswerVerdict, _ answer: HTTPAnswer, from endpoint: Endpoint, took: Duration) {
        switch verdict {
        case .again(scope: .endpoint, _, _), .again(scope: .request, atLeast: .some, _): self = .overloaded
        case .again, .final(.rateLimited): self = .nothing
        case .useful, .tokenRejected, .final:
            self = .answered(AdaptiveLimit.RequestClass(endpoint, bytes: answer.body.count), latency: took)
        }
    }
}
