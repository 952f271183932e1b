/// What is sent, held against what is described. Only `assert` asks, so that a release never does.
package enum Conformance {
    /// What is wrong with a method's reply.
    package static func violations(by reply: ControlReply, to method: MethodDescription) -> [SchemaViolation] {
        switch reply.outcome {
        case .success(let result): violations(of: method.result, by: result)
        case .failure(let error):
            violations(by: error)
                + (method.errors.contains(error.kind)
                    ? [] : [SchemaViolation(path: "", reason: "\(error.kind) is not among its errors")])
        }
    }

    /// What is wrong with an error, whatever was asked for.
    package static func violations(by error: ControlError) -> [SchemaViolation] {
        violations(of: ControlError.schema, by: error.json)
    }

    /// What is wrong with a notification: it has to be one that some method tells.
    package static func violations(by notification: ControlNotification) -> [SchemaViolation] {
        let kind = notification.kind
        let schemas = ControlCall.methods.flatMap(\.notifications).filter { $0.kind == kind }.map(\.schema)
        let found = violations(of: ["anyOf": .array(schemas)], by: notification.value)
        guard kind == .event, found.isEmpty else { return found }
        guard let event = try? ControlEvent(json: notification.value.read) else {
            return [SchemaViolation(path: "", reason: "no event")]
        }
        return violations(of: event.kind.dataSchema, by: event.data, at: ".data")
    }

    /// - Parameter schema: refers to the records of the description, if to any.
    package static func violations(of schema: JSON, by value: JSON, at path: String = "") -> [SchemaViolation] {
        do {
            return try validator.get().violations(of: try JSONSchema(schema), by: value, at: path)
        } catch {
            return [SchemaViolation(path: path, reason: "its schema is wrong: \(error)")]
        }
    }

    private static let validator = Result { () throws(JSONMismatch) in try SchemaValidator(OpenRPC.book) }
}

// MARK: - What stops a debug build

extension ControlReply {
    /// Of a reply by its method.
    func assertConformance(to method: String) {
        assert(violations(of: method).isEmpty, "the reply of \(method) is not as described: \(violations(of: method))")
    }

    /// Of any reply, as far as that can be told without its method.
    func assertConformance() {
        guard case .failure(let error) = outcome else { return }
        assert(
            Conformance.violations(by: error).isEmpty,
            "an error is not as described: \(Conformance.violations(by: error))")
    }

    private func violations(of name: String) -> [SchemaViolation] {
        MethodDescription.named(name).map { Conformance.violations(by: self, to: $0) } ?? []
    }
}

extension ControlNotification {
    /// For whoever tells something in the daemon's name.
    package func assertConformance() {
        assert(
            Conformance.violations(by: self).isEmpty,
            "$/\(kind.rawValue) is not as described: \(Conformance.violations(by: self))")
    }
}

extension JSON {
    /// The value of what is only text so far.
    fileprivate var read: JSON {
        guard case .written(let text) = self else { return self }
        return (try? JSON(parsing: text)) ?? .null
    }
}
