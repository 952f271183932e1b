package import UsageModel

/// Why no access token could be had for a site. The caller who holds the tokens says so.
package enum AccessTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The grant is dead: a person must consent again.
    case reauthorise
    /// Atlassian refuses our client id or secret.
    case clientRejected
    /// Refreshing goes on; it has not succeeded yet.
    case notNow
    /// The tokens cannot be read or written.
    case vaultFailed
    case cancelled

    package var description: String {
        switch self {
        case .reauthorise: "the consent is no longer valid: run `jirausagectl auth login`"
        case .clientRejected:
            "Atlassian refuses our client id or client secret: check oauth.client_id and the client secret"
        case .notNow: "no access token yet: Atlassian's token server is not answering; tried again by itself"
        case .vaultFailed: "the tokens cannot be read or written: check the vault's file and key"
        case .cancelled: "cancelled"
        }
    }
}

/// Why a request to Jira came to nothing, by what has to be done about it.
///
/// What may be tried again has been tried again, as `RetryPolicy` says, before one of these is thrown.
package enum JiraError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 401, again with a fresh token: the grant does not cover this site any more, or the site is gone.
    case unauthorised(Endpoint)
    /// 401 because the app or the consent lacks a scope. A fresh token would not help.
    case scopeMissing(Endpoint)
    /// 403: the account that consented lacks a permission, or an administrator blocked the app.
    case forbidden(Endpoint, message: String?)
    /// 404: not there, or hidden from the account that consented. Jira does not say which.
    case notFound(Endpoint)
    /// 409: it takes Jira too long; a smaller page may do.
    case tooExpensive(Endpoint)
    /// 410: Atlassian removed the API.
    case gone(Endpoint, message: String?)
    /// 400: Jira does not accept what we ask for.
    case badRequest(Endpoint, message: String?)
    /// 429. For a quota, all work it covers must stop until then.
    case rateLimited(Endpoint, RateLimitReason, until: Instant)
    /// No useful answer after all tries. Jira may have said when to come back.
    case unavailable(Endpoint, Outage, until: Instant?)
    /// An answer that is not what Atlassian documents: what is wrong with it, by the member's place.
    case malformed(Endpoint, String)
    /// 413 or 414, or a body above our limit: ask for less at once.
    case tooLarge(Endpoint)
    /// A status that Atlassian does not document here.
    case unexpected(Endpoint, status: Int)
    /// Without an access token nothing was asked.
    case tokens(AccessTokenError)
    case cancelled

    package var description: String {
        switch self {
        case .unauthorised(let endpoint):
            "Jira does not accept our token at \(endpoint.rawValue): run `jirausagectl auth login` and choose the site"
        case .scopeMissing(let endpoint):
            "the consent lacks a scope for \(endpoint.rawValue): add it to the app and run `jirausagectl auth login`"
        case .forbidden(let endpoint, let message):
            "Jira forbids \(endpoint.rawValue)\(Self.said(message)): check the permissions of the account that consented"
        case .notFound(let endpoint):
            "\(endpoint.rawValue): not there, or hidden from the account that consented"
        case .tooExpensive(let endpoint):
            "\(endpoint.rawValue) takes Jira too long: ask for less at once"
        case .gone(let endpoint, let message):
            "Atlassian removed \(endpoint.rawValue)\(Self.said(message)): a newer jira-usaged is needed"
        case .badRequest(let endpoint, let message):
            "Jira does not accept our request to \(endpoint.rawValue)\(Self.said(message)): please report it"
        case .rateLimited(let endpoint, let reason, let until):
            "Jira limits \(endpoint.rawValue) (\(reason.rawValue)) until \(until): waits by itself"
        case .unavailable(let endpoint, let outage, let until):
            "\(endpoint.rawValue) does not answer (\(outage)): tried again\(until.map { " after \($0)" } ?? " later")"
        case .malformed(let endpoint, let what):
            "the answer of \(endpoint.rawValue) is not as documented (\(what)): please report it"
        case .tooLarge(let endpoint):
            "request or answer of \(endpoint.rawValue) is too large: ask for less at once"
        case .unexpected(let endpoint, let status):
            "\(endpoint.rawValue) answered with status \(status): check for a proxy in between, or report it"
        case .tokens(let error):
            error.description
        case .cancelled:
            "cancelled"
        }
    }

    private static func said(_ message: String?) -> String {
        message.map { " (\($0))" } ?? ""
    }
}

/// What kind of nothing came instead of an answer. The other side may have acted all the same.
package enum Outage: Hashable, Sendable, CustomStringConvertible {
    case timedOut
    /// The connection failed or broke; the word says how.
    case network(String)
    /// The proxy that the settings name let nothing through, or the connection through it broke.
    case proxy(ProxyFault)
    /// The other side's certificate was not accepted; nothing was sent.
    case untrusted
    /// A 5xx, or a 408.
    case status(Int)
    /// Success by its status, but a body that cannot be read.
    case unreadable

    package var description: String {
        switch self {
        case .timedOut: "no answer within the deadline"
        case .network(let word): "network: \(word)"
        case .proxy(let fault): fault.description
        case .untrusted:
            "the server's certificate is not accepted: check the address and this machine's clock and ca-certificates;"
                + " a proxy that opens TLS has to be trusted by this machine"
        case .status(let status): "status \(status)"
        case .unreadable: "unreadable answer"
        }
    }
}
