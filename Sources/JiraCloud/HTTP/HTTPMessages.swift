import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOHTTP1
import UsageModel

/// One request as we mean it; the transport adds what all have in common.
struct HTTPRequest: Sendable {
    /// With its query, percent-encoded.
    let url: String
    /// JSON for a POST; `nil` for a GET.
    let body: Data?

    func message(userAgent: String, bearer: Secret?) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: url)
        message.method = body == nil ? .GET : .POST
        message.headers.add(name: "Accept", value: "application/json")
        message.headers.add(name: "User-Agent", value: userAgent)
        if let bearer { message.headers.add(name: "Authorization", value: "Bearer \(bearer.exposed)") }
        if let body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(body)
        }
        return message
    }
}

/// A whole answer, whatever its status.
struct HTTPAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: Data

    /// What the log may know of a failed answer; Atlassian's support asks for the trace id.
    func failureMetadata(_ endpoint: Endpoint) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["jira.endpoint": "\(endpoint.rawValue)", "http.status": "\(status)"]
        if let trace = headers.first(name: "Atl-Traceid"), Self.isTrace(trace) { metadata["jira.trace"] = "\(trace)" }
        if let reason = headers.first(name: "RateLimit-Reason"), Self.isReason(reason) {
            metadata["jira.limit"] = "\(reason)"
        }
        return metadata
    }

    /// As Atlassian writes them: `jira-quota-global-based`.
    private static func isReason(_ text: String) -> Bool {
        text.utf8.count <= 40 && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (97...122).contains($0) }
    }

    /// As Atlassian writes them: 32 hexadecimal digits, or a UUID. Whatever else a header holds is not for the log.
    private static func isTrace(_ text: String) -> Bool {
        text.utf8.count <= 36
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Unicode.Scalar($0).properties.isASCIIHexDigit }
    }
}

/// Why there is no whole answer. Whether the server acted on the request is not known.
enum TransportError: Error, Sendable {
    case timedOut
    /// A word for the log: which kind of failure it was, without addresses.
    case network(String)
    /// The same on the way through the proxy.
    case proxy(ProxyFault)
    /// The server's certificate was not accepted, so that nothing was sent.
    case untrusted
    case bodyTooLarge(limit: Int)
    case cancelled
}
