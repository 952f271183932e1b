package import UsageModel

/// A type with one form on the wire, and the JSON Schema of that form.
package protocol JSONConvertible: Sendable {
    init(json: JSON) throws(JSONMismatch)
    var json: JSON { get }
    /// Writes the text of ``json``, without making the value first where that is much dearer.
    func write(to output: inout [UInt8])
    /// The form, as JSON Schema (draft 7), for `rpc.discover`.
    static var schema: JSON { get }
    /// Whether `null` is one of the values.
    static var isNullable: Bool { get }
    /// Writes down the named records that ``schema`` refers to.
    static func define(in book: inout SchemaBook)
}

extension JSONConvertible {
    package static var isNullable: Bool { false }

    package static func define(in book: inout SchemaBook) {}

    package func write(to output: inout [UInt8]) { json.write(to: &output) }

    /// As a value that is only sent on.
    package var written: JSON {
        var text: [UInt8] = []
        // More than most answers have: growing would copy them several times.
        text.reserveCapacity(2048)
        write(to: &text)
        return .written(text)
    }
}

/// A value that has not the form it should have.
package struct JSONMismatch: Error, Hashable, CustomStringConvertible {
    /// Where, from the outermost value inwards: `sites[0].auth.state`; empty for that value itself.
    package let path: String
    /// What should stand there: `a string`.
    package let expected: String
    /// Whether nothing stands there at all.
    package let isMissing: Bool

    package init(path: String = "", expected: String, isMissing: Bool = false) {
        self.path = path
        self.expected = expected
        self.isMissing = isMissing
    }

    package func inside(_ outer: String) -> JSONMismatch {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return JSONMismatch(path: outer + separator + path, expected: expected, isMissing: isMissing)
    }

    package var description: String {
        let name = path.isEmpty ? "it" : path
        return isMissing ? "\(name) is missing; it must be \(expected)" : "\(name) must be \(expected)"
    }
}

// MARK: - Plain values

extension JSON: JSONConvertible {
    package init(json: JSON) { self = json }
    package var json: JSON { self }
    package static var schema: JSON { [:] }
}

extension String: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let text) = json else { throw JSONMismatch(expected: "a string") }
        self = text
    }

    package var json: JSON { .string(self) }
    package func write(to output: inout [UInt8]) { JSON.write(self, to: &output) }
    package static var schema: JSON { ["type": "string"] }
}

extension Bool: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .bool(let value) = json else { throw JSONMismatch(expected: "true or false") }
        self = value
    }

    package var json: JSON { .bool(self) }
    package static var schema: JSON { ["type": "boolean"] }
}

extension Int: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .integer(let value) = json else { throw JSONMismatch(expected: "a whole number") }
        self = Int(value)
    }

    package var json: JSON { .integer(Int64(self)) }
    package static var schema: JSON { ["type": "integer"] }
}

extension Array: JSONConvertible where Element: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .array(let elements) = json else { throw JSONMismatch(expected: "an array") }
        self = []
        reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do { append(try Element(json: element)) } catch { throw error.inside("[\(index)]") }
        }
    }

    package var json: JSON { .array(map(\.json)) }

    package func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, element) in enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            element.write(to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    package static var schema: JSON { ["type": "array", "items": Element.schema] }
    package static func define(in book: inout SchemaBook) { Element.define(in: &book) }
}

/// `nil` is `null` on the wire: an absent fact is said, not left out.
extension Optional: JSONConvertible where Wrapped: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        self = json == .null ? nil : try Wrapped(json: json)
    }

    package var json: JSON { self?.json ?? .null }

    package func write(to output: inout [UInt8]) {
        if let self { self.write(to: &output) } else { JSON.null.write(to: &output) }
    }

    package static var schema: JSON { Wrapped.schema.nullable }
    package static var isNullable: Bool { true }
    package static func define(in book: inout SchemaBook) { Wrapped.define(in: &book) }
}

extension JSON {
    /// This schema, with `null` allowed beside what it describes.
    package var nullable: JSON {
        guard case .object(let members) = self else { return self }
        if self["$ref"] != nil { return ["anyOf": [self, ["type": "null"]]] }
        return .object(
            members.map { member in
                switch (member.name, member.value) {
                case ("type", .string(let type)): Member("type", [.string(type), "null"])
                case ("enum", .array(let words)): Member("enum", .array(words + [.null]))
                default: member
                }
            })
    }
}

// MARK: - The model's values

extension Instant: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let text) = json, let instant = Instant(text) else {
            throw JSONMismatch(expected: "a date or an instant such as 2026-11-23T15:00:02.000Z")
        }
        self = instant
    }

    package var json: JSON { .string(description) }

    package func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        appendDescription(to: &output)
        output.append(UInt8(ascii: "\""))
    }

    package static var schema: JSON { ["type": "string", "format": "date-time"] }
}

extension CloudID: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) { self.init(rawValue: try String(json: json)) }
    package var json: JSON { .string(rawValue) }
    package static var schema: JSON { ["type": "string"] }
}

extension AccountID: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard let account = AccountID(rawValue: try String(json: json)) else {
            throw JSONMismatch(expected: "an Atlassian account id")
        }
        self = account
    }

    package var json: JSON { .string(rawValue) }
    package static var schema: JSON { ["type": "string"] }
}

/// A string of digits, as Jira itself writes it.
extension IssueID: JSONConvertible {
    package init(json: JSON) throws(JSONMismatch) {
        guard let id = Int64(try String(json: json)) else { throw JSONMismatch(expected: "an issue id") }
        self.init(rawValue: id)
    }

    package var json: JSON { .string(description) }
    package static var schema: JSON { ["type": "string", "pattern": "^[0-9]+$"] }
}

/// An enumeration whose raw values are the words on the wire.
package protocol JSONWord: JSONConvertible, RawRepresentable<String>, CaseIterable {}

extension JSONWord {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let word) = json, let value = Self(rawValue: word) else {
            throw JSONMismatch(expected: "one of " + Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = value
    }

    package var json: JSON { .string(rawValue) }

    package static var schema: JSON {
        ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })]
    }
}

extension ActivityKind: JSONWord {}
extension AccountType: JSONWord {}
extension VerdictState: JSONWord {}
extension CoverageCause: JSONWord {}
