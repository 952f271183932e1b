/// The schemas of the records that others refer to by name.
package struct SchemaBook: Sendable {
    /// In the order in which they were first referred to.
    package private(set) var definitions: [JSON.Member] = []

    package init() {}

    package subscript(name: String) -> JSON? { definitions.first { $0.name == name }?.value }

    /// - Returns: whether it is new.
    mutating func write(_ name: String, _ schema: JSON) -> Bool {
        guard !definitions.contains(where: { $0.name == name }) else { return false }
        definitions.append(JSON.Member(name, schema))
        return true
    }

    /// The type's name without its module: `SyncState.Points`. `nil` for a generic record, which stands where it is used.
    static func name<Value>(of type: Value.Type) -> String? {
        let name = String(reflecting: type)
        guard !name.contains("<"), let dot = name.firstIndex(of: ".") else { return nil }
        return String(name[name.index(after: dot)...])
    }

    static func reference(to name: String) -> JSON { ["$ref": .string(prefix + name)] }

    static let prefix = "#/components/schemas/"
}
