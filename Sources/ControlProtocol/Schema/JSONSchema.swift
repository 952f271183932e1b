/// As much of JSON Schema as this protocol's descriptions use; anything else in one is refused, not overlooked.
///
/// Stricter in one thing: an object may have no member that its schema does not name. The description itself does
/// not say so, for members may be added.
///
/// Source: <https://json-schema.org/draft-07/draft-handrews-json-schema-validation-01>.
package struct JSONSchema: Sendable {
    /// Empty where any type will do.
    private let types: [String]
    /// The name of the definition that stands for this schema.
    let reference: String?
    let alternatives: [JSONSchema]
    private let words: [JSON]?
    let required: [String]
    /// `nil` where any member will do.
    let properties: [String: JSONSchema]?
    /// What each element has to be: one schema, or none where any will do.
    let items: [JSONSchema]
    private let minimum: Int64?
    private let maximum: Int64?
    private let pattern: String?
    private let isInstant: Bool

    /// - Throws: where it says something that would not be checked.
    package init(_ json: JSON) throws(JSONMismatch) {
        guard case .object(let members) = json else { throw JSONMismatch(expected: "a schema") }
        if let unknown = members.first(where: { !Self.keywords.contains($0.name) }) {
            throw JSONMismatch(path: unknown.name, expected: "left out: nothing would check it")
        }
        types = json["type"].map { type in (type.array ?? [type]).compactMap(\.string) } ?? []
        reference = try Self.name(in: json["$ref"])
        alternatives = try Self.schemas(json["anyOf"]?.array ?? [])
        words = json["enum"]?.array
        required = (json["required"]?.array ?? []).compactMap(\.string)
        properties = try Self.properties(json["properties"])
        items = try Self.schemas([json["items"]].compactMap(\.self))
        minimum = json["minimum"]?.integer
        maximum = json["maximum"]?.integer
        pattern = json["pattern"]?.string
        isInstant = json["format"] == "date-time"
        guard isInstant || json["format"] == nil else {
            throw JSONMismatch(path: "format", expected: "date-time: nothing else would be checked")
        }
    }

    private static let keywords = [
        "type", "$ref", "anyOf", "enum", "required", "properties", "items", "minimum", "maximum", "pattern", "format",
        "description", "default",
    ]

    private static func schemas(_ schemas: [JSON]) throws(JSONMismatch) -> [JSONSchema] {
        var read: [JSONSchema] = []
        for schema in schemas { read.append(try JSONSchema(schema)) }
        return read
    }

    private static func properties(_ json: JSON?) throws(JSONMismatch) -> [String: JSONSchema]? {
        guard case .object(let members)? = json else { return nil }
        var properties: [String: JSONSchema] = [:]
        for member in members {
            do { properties[member.name] = try JSONSchema(member.value) } catch { throw error.inside(member.name) }
        }
        return properties
    }

    private static func name(in reference: JSON?) throws(JSONMismatch) -> String? {
        guard let reference else { return nil }
        guard let text = reference.string, text.hasPrefix(SchemaBook.prefix) else {
            throw JSONMismatch(path: "$ref", expected: "a reference into \(SchemaBook.prefix)")
        }
        return String(text.dropFirst(SchemaBook.prefix.count))
    }

    // MARK: - A value without its inside

    func accepts(typeOf value: JSON) -> Bool {
        if types.isEmpty { return true }
        return switch value {
        case .null: types.contains("null")
        case .bool: types.contains("boolean")
        case .integer: types.contains("integer") || types.contains("number")
        case .number: types.contains("number")
        case .string: types.contains("string")
        case .array: types.contains("array")
        case .object: types.contains("object")
        case .written: false
        }
    }

    var typeNames: String { types.joined(separator: " or ") }

    /// What is wrong with a value of the right type, apart from what it holds.
    func fault(of value: JSON) -> String? {
        if let words, !words.contains(value) { return "not one of \(JSON.array(words).text)" }
        switch value {
        case .integer(let number):
            if let minimum, number < minimum { return "less than \(minimum)" }
            if let maximum, number > maximum { return "more than \(maximum)" }
        case .string(let text):
            if isInstant, !Self.isInstant(text) { return "no instant in UTC with milliseconds" }
            if let pattern, !Self.matches(text, pattern) { return "not of the pattern \(pattern)" }
        case .null, .bool, .number, .array, .object, .written: break
        }
        return nil
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }

    /// The one form of the contract: `2026-11-23T15:00:02.000Z`.
    private static func isInstant(_ text: String) -> Bool {
        matches(text, "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z$")
    }
}

extension JSON {
    fileprivate var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }
}
