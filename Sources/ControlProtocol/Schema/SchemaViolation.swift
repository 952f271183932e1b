/// Where a value is not what its schema says.
package struct SchemaViolation: Hashable, Sendable, CustomStringConvertible {
    /// From the outermost value inwards: `.sites[0].auth.state`; empty for that value itself.
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path.isEmpty ? "the value" : path): \(reason)" }
}

/// A schema with the definitions that it refers to.
package struct SchemaValidator: Sendable {
    private let definitions: [String: JSONSchema]

    package init(_ book: SchemaBook) throws(JSONMismatch) {
        var definitions: [String: JSONSchema] = [:]
        for definition in book.definitions {
            do {
                definitions[definition.name] = try JSONSchema(definition.value)
            } catch {
                throw error.inside(definition.name)
            }
        }
        self.definitions = definitions
    }

    package func violations(
        of schema: JSONSchema, by value: JSON, at path: String = ""
    ) -> [SchemaViolation] {
        if case .written(let text) = value {
            guard let value = try? JSON(parsing: text) else { return [.init(path: path, reason: "no JSON")] }
            return violations(of: schema, by: value, at: path)
        }
        if let name = schema.reference {
            guard let definition = definitions[name] else { return [.init(path: path, reason: "no schema \(name)")] }
            return violations(of: definition, by: value, at: path)
        }
        if !schema.alternatives.isEmpty { return violations(ofEach: schema.alternatives, by: value, at: path) }
        guard schema.accepts(typeOf: value) else {
            return [.init(path: path, reason: "must be \(schema.typeNames)")]
        }
        if let fault = schema.fault(of: value) { return [.init(path: path, reason: fault)] }
        return violations(of: schema, insideOf: value, at: path)
    }

    /// Of the alternative that the value comes nearest to: one whose type it has, if there is one.
    private func violations(
        ofEach alternatives: [JSONSchema], by value: JSON, at path: String
    ) -> [SchemaViolation] {
        let each = alternatives.map { violations(of: $0, by: value, at: path) }
        if each.contains(where: \.isEmpty) { return [] }
        return each.first { $0.allSatisfy { $0.path != path } } ?? each.first ?? []
    }

    private func violations(
        of schema: JSONSchema, insideOf value: JSON, at path: String
    ) -> [SchemaViolation] {
        switch value {
        case .array(let elements):
            guard let items = schema.items.first else { return [] }
            return elements.enumerated().flatMap { violations(of: items, by: $1, at: "\(path)[\($0)]") }
        case .object(let members):
            let missing = schema.required.filter { value[$0] == nil }
            return missing.map { .init(path: "\(path).\($0)", reason: "is missing") }
                + members.flatMap { member -> [SchemaViolation] in
                    let path = "\(path).\(member.name)"
                    guard let properties = schema.properties else { return [] }
                    guard let property = properties[member.name] else {
                        return [.init(path: path, reason: "is not in the schema")]
                    }
                    return violations(of: property, by: member.value, at: path)
                }
        case .null, .bool, .integer, .number, .string, .written: return []
        }
    }
}
