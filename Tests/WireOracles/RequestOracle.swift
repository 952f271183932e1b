import ControlProtocol

/// A line is a request that is written as it was read, or is refused with a reply that has the line's id.
enum RequestOracle {
    /// In bytes, as a reply writes it; a longer id is not repeated.
    private static let longestID = 1024

    static func check(_ line: [UInt8]) throws(BrokenPromise) {
        let request: ControlRequest
        do {
            request = try ControlRequest(line: line)
        } catch {
            try promise(error.id == id(of: line), "refused with the id \(error.id)")
            let isJSON = PlainJSON(line) != .malformed
            try promise(
                error.error.kind == .parseError || isJSON, "no JSON, but refused as \(error.error.kind)")
            try promise(
                error.error.kind != .parseError || !isJSON, "JSON, but refused as \(error.error.kind)")
            return try ReplyOracle.check(error.reply)
        }
        try promise(request.id == id(of: line), "read with the id \(request.id)")
        do {
            let again = try ControlRequest(line: Array(request.line.dropLast()))
            try promise(again == request, "what was written is read as something else")
        } catch let broken as BrokenPromise {
            throw broken
        } catch {
            throw BrokenPromise("what was written is refused: \(error)")
        }
        try checkCalls(request)
    }

    /// What a reply to the line must have as its id.
    private static func id(of line: [UInt8]) -> RequestID {
        // What is no JSON has no id.
        guard case .object? = try? JSON(parsing: line), let json = try? JSON(parsing: line)["id"],
            let id = RequestID(value: json)
        else { return .null }
        let length =
            switch json {
            // Without the quotes.
            case .string: json.bytes.count - 2
            default: json.bytes.count
            }
        return length > longestID ? .null : id
    }

    /// The request's own method, and every other with its parameters.
    private static func checkCalls(_ request: ControlRequest) throws(BrokenPromise) {
        let names = ControlCall.methods.flatMap { [$0.name] + $0.aliases }
        if let refusal = try check(call: request, isKnown: names.contains(request.method)) {
            try ReplyOracle.check(ControlReply(id: request.id, error: refusal))
        }
        // Without parameters there is nothing in the line that they would read differently.
        guard !request.params.isEmpty else { return }
        for name in names where name != request.method {
            _ = try check(call: ControlRequest(id: request.id, method: name, params: request.params), isKnown: true)
        }
    }

    /// - Returns: what the caller is told, where the call is refused.
    private static func check(
        call request: ControlRequest, isKnown: Bool
    ) throws(BrokenPromise) -> ControlError? {
        let call: ControlCall
        do {
            call = try ControlCall(request)
        } catch {
            let expected: ControlError.Kind = isKnown ? .invalidParams : .methodNotFound
            try promise(error.kind == expected, "\(request.method) is refused as \(error.kind)")
            return error
        }
        try promise(isKnown, "there is no method \(request.method)")
        guard
            let method = ControlCall.methods.first(where: { ([$0.name] + $0.aliases).contains(request.method) })
        else { throw BrokenPromise("\(request.method) is not described") }
        try promise(call.name == method.name, "\(request.method) became \(call.name)")
        try promise(call.access == method.access, "\(call.name) is open to \(call.access)")
        // Each case holds its method's parameters.
        guard let parameters = Mirror(reflecting: call).children.first?.value as? any ControlMethod else {
            throw BrokenPromise("\(call.name) has no parameters of a method")
        }
        try checkParameters(parameters, of: request)
        return nil
    }

    /// Parameters that are sent as they were understood are understood as the same.
    private static func checkParameters<Method: ControlMethod>(
        _ call: Method, of request: ControlRequest
    ) throws(BrokenPromise) {
        let sent = ControlRequest(id: request.id, call: call)
        do {
            let again: Method = try sent.decode()
            try promise(again.params == call.params, "\(Method.method) is understood differently the second time")
        } catch let broken as BrokenPromise {
            throw broken
        } catch {
            throw BrokenPromise("\(Method.method) does not understand its own parameters: \(error)")
        }
    }
}
