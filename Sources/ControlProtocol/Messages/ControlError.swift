/// An error as it goes over the socket: what failed, for which thing, and what to do next.
///
/// Codes and words are promised; messages and hints are for people and may change.
/// Source of the negative codes: <https://www.jsonrpc.org/specification#error_object>.
package struct ControlError: Error, Hashable, Sendable {
    /// What kind of error it is. The raw value is `data.kind` on the wire and stays as it is.
    package enum Kind: String, Sendable, CaseIterable {
        case parseError
        case invalidRequest
        case methodNotFound
        case invalidParams
        case internalError
        /// No site has been connected yet.
        case notConnected
        /// A person must consent again: Atlassian does not accept the stored grant any more.
        case reauthorise
        /// The vault's key is missing or does not open it.
        case vaultLocked
        case badConfiguration
        case notPermitted
        case notFound
        /// Several match: `choices` says which.
        case ambiguous
        /// One of several sites must be named: `choices` says which there are.
        case severalSites
        /// What was pasted as redirected URL is not one, is too old, or tells of a refusal.
        case badRedirect
        case upstreamUnavailable
        case rateLimited
        case storage
        case shuttingDown
        case deadline
        case tooManyConnections
        /// The caller cancelled the request.
        case cancelled

        package var code: Int {
            switch self {
            case .parseError: -32700
            case .invalidRequest: -32600
            case .methodNotFound: -32601
            case .invalidParams: -32602
            case .internalError: -32603
            case .notConnected: 1001
            case .reauthorise: 1002
            case .vaultLocked: 1003
            case .badConfiguration: 1004
            case .notPermitted: 1010
            case .notFound: 1020
            case .ambiguous: 1021
            case .severalSites: 1022
            case .badRedirect: 1023
            case .upstreamUnavailable: 1030
            case .rateLimited: 1031
            case .storage: 1040
            case .shuttingDown: 1050
            case .deadline: 1051
            case .tooManyConnections: 1052
            case .cancelled: 1053
            }
        }

        /// Whether the same request may succeed later without anybody doing anything.
        package var isRetryable: Bool {
            switch self {
            case .upstreamUnavailable, .rateLimited, .shuttingDown, .deadline, .tooManyConnections: true
            case .parseError, .invalidRequest, .methodNotFound, .invalidParams, .internalError, .notConnected,
                .reauthorise, .vaultLocked, .badConfiguration, .notPermitted, .notFound, .ambiguous, .severalSites,
                .badRedirect, .storage, .cancelled:
                false
            }
        }
    }

    /// One of several that an ambiguous request may have meant: a person (`accountId` says which) or, with
    /// `accountId` `nil`, a site for the same request.
    package struct Choice: Hashable, Sendable {
        package let site: String?
        /// The person's name, or the site's.
        package let name: String
        package let url: String?
        package let accountId: String?

        package init(site: String?, name: String, url: String? = nil, accountId: String? = nil) {
            self.site = site
            self.name = name
            self.url = url
            self.accountId = accountId
        }
    }

    package let kind: Kind
    package let message: String
    /// What to do next, for a person; `nil` where there is nothing to do.
    package let hint: String?
    package let choices: [Choice]

    package init(_ kind: Kind, _ message: String, hint: String? = nil, choices: [Choice] = []) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.choices = choices
    }
}

// MARK: - On the wire

extension ControlError.Choice: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("site") { $0.site }, Field("name") { $0.name }, Field("url") { $0.url },
        Field("accountId") { $0.accountId },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            site: try record.read("site"), name: try record.read("name"), url: try record.read("url"),
            accountId: try record.read("accountId"))
    }
}

extension ControlError {
    /// The `error` member of a reply. `data.choices` is there only where there are choices.
    package var json: JSON {
        var data: [JSON.Member] = [
            JSON.Member("kind", .string(kind.rawValue)), JSON.Member("retryable", .bool(kind.isRetryable)),
            JSON.Member("hint", hint.json),
        ]
        if !choices.isEmpty { data.append(JSON.Member("choices", choices.json)) }
        return ["code": kind.code.json, "message": .string(message), "data": .object(data)]
    }

    /// Reads the `error` member of a reply.
    package init(json: JSON) throws(JSONMismatch) {
        guard case .integer(let code)? = json["code"] else {
            throw JSONMismatch(path: "code", expected: "a whole number")
        }
        let data = json["data"] ?? .null
        let word = data["kind"]?.string
        guard let kind = Kind.allCases.first(where: { word == nil ? $0.code == Int(code) : $0.rawValue == word }) else {
            throw JSONMismatch(path: "data.kind", expected: "a kind of error that this version knows")
        }
        self.init(
            kind, json["message"]?.string ?? kind.rawValue, hint: data["hint"]?.string,
            choices: try (data["choices"] ?? .null).optionally() ?? [])
    }
}

extension JSON {
    fileprivate func optionally<Value: JSONConvertible>() throws(JSONMismatch) -> Value? {
        try Value?(json: self)
    }
}
