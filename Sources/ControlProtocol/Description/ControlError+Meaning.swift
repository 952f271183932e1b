extension ControlError.Kind: JSONWord {}

extension ControlError.Kind {
    /// Of a line, or of the connection: before it is known which method is meant.
    package static let ofAnyRequest: [ControlError.Kind] = [
        .parseError, .invalidRequest, .methodNotFound, .tooManyConnections,
    ]

    /// What every method can answer.
    package static let ofAnyMethod: [ControlError.Kind] = [
        .invalidParams, .internalError, .shuttingDown, .deadline, .cancelled,
    ]

    /// What a method can answer that reads the store.
    static let ofReading: [ControlError.Kind] = [.storage]

    /// What a method can answer that takes a site.
    static let ofSites: [ControlError.Kind] = [.notConnected, .notFound, .storage]

    /// What a method can answer that has to ask Atlassian.
    static let ofAsking: [ControlError.Kind] = [
        .reauthorise, .vaultLocked, .badConfiguration, .upstreamUnavailable, .rateLimited, .storage,
    ]

    /// For whoever gets it.
    package var meaning: String {
        switch self {
        case .parseError: "The line is not JSON."
        case .invalidRequest:
            "The line is no request: a batch, a member that is there twice, too long or nested too deep."
        case .methodNotFound: "There is no such method."
        case .invalidParams: "A parameter is missing, unknown, of the wrong form, or cannot be granted."
        case .internalError: "A fault of the daemon's; its journal says more."
        case .notConnected: "No site has been connected yet."
        case .reauthorise: "A person must consent again: Atlassian does not accept the stored consent any more."
        case .vaultLocked: "The vault's key is missing or does not open it."
        case .badConfiguration: "The configuration, the app's registration or a permission lacks something."
        case .notPermitted: "The caller is not in the group that may call this."
        case .notFound: "There is no such user, site, role or group."
        case .ambiguous: "Several match; data.choices says which."
        case .severalSites: "One of several sites must be named; data.choices says which there are."
        case .badRedirect: "The redirected URL is not one, is too old, has served, or tells of a refusal."
        case .upstreamUnavailable: "Atlassian cannot be reached, or is down."
        case .rateLimited: "Atlassian asks to wait."
        case .storage: "The store or the vault cannot be read or written: a full disk, for example."
        case .shuttingDown: "The daemon is stopping."
        case .deadline: "The request's deadline, _meta.timeoutMs, is past."
        case .tooManyConnections: "There are as many connections as there may be."
        case .cancelled: "The caller cancelled the request."
        }
    }
}

extension ControlError {
    /// The schema of the `error` member of a reply.
    package static var schema: JSON { SchemaBook.reference(to: "Error") }

    static func define(in book: inout SchemaBook) {
        Choice.define(in: &book)
        _ = book.write(
            "Error",
            [
                "type": "object", "required": ["code", "message", "data"],
                "properties": [
                    "code": ["type": "integer", "enum": .array(Kind.allCases.map(\.code.json))],
                    "message": ["type": "string", "description": "For a person; may change."],
                    "data": [
                        "type": "object", "required": ["kind", "retryable", "hint"],
                        "properties": [
                            "kind": Kind.schema,
                            "retryable": [
                                "type": "boolean",
                                "description": "Whether the same request may succeed later by itself.",
                            ],
                            "hint": ["type": ["string", "null"], "description": "What to do next; may change."],
                            "choices": [
                                "type": "array", "items": Choice.schema, "description": "Only where there are some.",
                            ],
                        ],
                    ],
                ],
            ])
    }
}
