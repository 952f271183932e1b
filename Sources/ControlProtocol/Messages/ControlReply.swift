/// The one reply to a request.
package struct ControlReply: Hashable, Sendable {
    package let id: RequestID
    package let outcome: Result<JSON, ControlError>

    package init(id: RequestID, outcome: Result<JSON, ControlError>) {
        self.id = id
        self.outcome = outcome
    }

    package init(id: RequestID, error: ControlError) {
        self.init(id: id, outcome: .failure(error))
    }

    /// The reply as a line, line feed included. A reply that is longer than a line may be becomes an internal
    /// error: long lists come in pages, so it is a fault of the handler's.
    package var line: [UInt8] {
        assertConformance()
        let line = json.bytes + [UInt8(ascii: "\n")]
        guard line.count > LineSplitter.longestReply else { return line }
        let error = ControlError(
            .internalError, "the reply of \(line.count) bytes is longer than a line may be",
            hint: "Ask for less: a smaller limit. Please report this.")
        return ControlReply(id: id, error: error).json.bytes + [UInt8(ascii: "\n")]
    }

    /// Reads a line, without its line feed.
    package init(line: [UInt8]) throws(JSONMismatch) {
        let json: JSON
        do {
            json = try JSON(parsing: line)
        } catch {
            throw JSONMismatch(expected: "JSON")
        }
        guard let id = RequestID(value: json["id"] ?? .null) else {
            throw JSONMismatch(path: "id", expected: "a string, a number or null")
        }
        if let error = json["error"] {
            do {
                self.init(id: id, error: try ControlError(json: error))
            } catch {
                throw error.inside("error")
            }
        } else if let result = json["result"] {
            self.init(id: id, outcome: .success(result))
        } else {
            throw JSONMismatch(expected: "an object with a result or an error")
        }
    }

    private var json: JSON {
        switch outcome {
        case .success(let result): ["jsonrpc": "2.0", "id": id.json, "result": result]
        case .failure(let error): ["jsonrpc": "2.0", "id": id.json, "error": error.json]
        }
    }
}
