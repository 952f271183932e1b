package import ControlProtocol

/// A reply fits its line, is JSON, and is read as what it was.
package enum ReplyOracle {
    /// A reply that we would send.
    package static func check(_ reply: ControlReply) throws(BrokenPromise) {
        let line = reply.line
        try JSONOracle.checkWritten(line, longest: LineSplitter.longestReply, what: "the reply")
        do {
            let again = try ControlReply(line: Array(line.dropLast()))
            try promise(again.id == reply.id, "the reply to \(reply.id) is read as that to \(again.id)")
            try promise(again == reply || isTooLong(reply), "the reply is read as something else")
        } catch let broken as BrokenPromise {
            throw broken
        } catch {
            throw BrokenPromise("the reply cannot be read: \(error)")
        }
    }

    /// A line that came as a reply: it is one, or none.
    static func check(reply line: [UInt8]) throws(BrokenPromise) {
        // No reply is as good an answer as one.
        guard let reply = try? ControlReply(line: line) else { return }
        try check(reply)
    }

    /// Such a one becomes an error.
    private static func isTooLong(_ reply: ControlReply) -> Bool {
        switch reply.outcome {
        case .success(let result): result.bytes.count > LineSplitter.longestReply - 2048
        case .failure(let error): error.json.bytes.count > LineSplitter.longestReply - 2048
        }
    }
}
