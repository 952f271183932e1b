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
        let line = text
        guard line.count > LineSplitter.longestReply else { return line }
        let error = ControlError(
            .internalError, "the reply of \(line.count) bytes is longer than a line may be",
            hint: "Ask for less: a smaller limit. Please report this.")
        return ControlReply(id: id, error: error).text
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

    /// Written into one buffer, for a long result is what most of the time goes into.
    private var text: [UInt8] {
        var text: [UInt8] = []
        if case .success(.written(let result)) = outcome { text.reserveCapacity(result.count + 64) }
        text.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        id.json.write(to: &text)
        switch outcome {
        case .success(let result):
            text.append(contentsOf: #","result":"#.utf8)
            result.write(to: &text)
        case .failure(let error):
            text.append(contentsOf: #","error":"#.utf8)
            error.json.write(to: &text)
        }
        text.append(contentsOf: "}\n".utf8)
        return text
    }
}
