/// What a request is known by; its reply carries the same. `null` where the request had none.
package enum RequestID: Hashable, Sendable {
    case null
    case integer(Int64)
    /// A number that is not a whole one of 64 bits, as it was written.
    case number(String)
    case string(String)

    /// In bytes, as a reply writes it.
    fileprivate var length: Int {
        switch self {
        case .null, .integer: 0
        case .number(let literal): literal.utf8.count
        case .string: json.bytes.count - 2
        }
    }

    package var json: JSON {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .number(let literal): .number(literal)
        case .string(let text): .string(text)
        }
    }

    /// `nil` for what JSON-RPC does not allow as an id.
    package init?(value json: JSON) {
        switch json {
        case .null: self = .null
        case .integer(let value): self = .integer(value)
        case .number(let literal): self = .number(literal)
        case .string(let text): self = .string(text)
        case .bool, .array, .object, .written: return nil
        }
    }
}

extension RequestID: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard let id = RequestID(value: json) else { throw JSONMismatch(expected: "a string, a number or null") }
        self = id
    }

    package static var schema: JSON { ["type": ["string", "integer", "number", "null"]] }
}

/// One request line, read as far as JSON-RPC goes: what the method means is not known here.
package struct ControlRequest: Hashable, Sendable {
    package let id: RequestID
    package let method: String
    /// Without `_meta`.
    package let params: [JSON.Member]
    package let meta: RequestMeta

    package init(id: RequestID, method: String, params: [JSON.Member] = [], meta: RequestMeta = RequestMeta()) {
        self.id = id
        self.method = method
        self.params = params
        self.meta = meta
    }

    /// The request that calls a method.
    package init<Method: ControlMethod>(id: RequestID, call: Method, meta: RequestMeta = RequestMeta()) {
        self.init(id: id, method: Method.method, params: call.params, meta: meta)
    }

    /// In bytes. The reply repeats the id, and must fit its line.
    private static let longestID = 1024

    /// Reads one line. `jsonrpc` and `id` may be missing.
    ///
    /// - Throws: the reply that the line deserves, with the line's id where it had a valid one.
    package init(line: [UInt8]) throws(RefusedRequest) {
        let json: JSON
        do {
            json = try JSON(parsing: line)
        } catch {
            throw RefusedRequest(id: .null, error: Self.refusal(of: error))
        }
        guard case .object = json else {
            throw RefusedRequest(
                id: .null,
                error: ControlError(
                    .invalidRequest, "a request is one JSON object on one line; batches are not supported",
                    hint: "Send the requests as lines of their own; they may be pipelined."))
        }
        guard let id = RequestID(value: json["id"] ?? .null) else {
            throw RefusedRequest(
                id: .null, error: ControlError(.invalidRequest, "the id must be a string, a number or null"))
        }
        guard id.length <= Self.longestID else {
            throw RefusedRequest(
                id: .null, error: ControlError(.invalidRequest, "the id is longer than \(Self.longestID) bytes"))
        }
        func refuse(_ message: String, _ kind: ControlError.Kind = .invalidRequest) -> RefusedRequest {
            RefusedRequest(id: id, error: ControlError(kind, message))
        }
        guard json["jsonrpc"] ?? "2.0" == "2.0" else { throw refuse("jsonrpc must be \"2.0\"") }
        guard case .string(let method)? = json["method"] else { throw refuse("the method must be a string") }
        guard case .object(let params) = json["params"] ?? [:] else {
            throw refuse("params must be an object", .invalidParams)
        }
        let meta: RequestMeta
        do {
            meta = try RequestMeta(member: JSON.object(params)[RequestMeta.member])
        } catch {
            throw refuse("\(error.inside(RequestMeta.member))", .invalidParams)
        }
        self.init(
            id: id, method: method, params: params.filter { $0.name != RequestMeta.member }, meta: meta)
    }

    /// The request as a line, line feed included.
    package var line: [UInt8] {
        let params = params + (meta.json.map { [JSON.Member(RequestMeta.member, $0)] } ?? [])
        let json: JSON = ["jsonrpc": "2.0", "id": id.json, "method": .string(method), "params": .object(params)]
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static func refusal(of error: JSONSyntaxError) -> ControlError {
        switch error {
        case .malformed(let offset):
            ControlError(
                .parseError, "this line is not JSON (byte \(offset))",
                hint: "Send one JSON object on each line, for example {\"method\":\"status\"}.")
        case .tooDeep: ControlError(.invalidRequest, "nested more than \(JSON.deepestNesting) levels deep")
        case .duplicateMember(let name):
            ControlError(.invalidRequest, "the member \(name.shortened.json.text) is there twice")
        }
    }
}

/// A line that is no request, and what to answer.
package struct RefusedRequest: Error, Hashable, Sendable {
    package let id: RequestID
    package let error: ControlError

    package init(id: RequestID, error: ControlError) {
        self.id = id
        self.error = error
    }

    /// For a line that is longer than ``LineSplitter/longestRequest``.
    package static let tooLong = RefusedRequest(
        id: .null,
        error: ControlError(
            .invalidRequest, "a request line may have \(LineSplitter.longestRequest) bytes; this one has more"))

    package var reply: ControlReply { ControlReply(id: id, outcome: .failure(error)) }
}
