/// An object with fixed members, described once: `fields` is what is written and what the schema says.
package protocol JSONRecord: JSONConvertible {
    /// In the order in which they are written.
    static var fields: [Field<Self>] { get }
    init(record: RecordReader) throws(JSONMismatch)
}

/// One member of a record.
package struct Field<Record>: Sendable {
    package let name: String
    /// What it is for, in a few words for `rpc.discover`; `nil` where the name says it.
    package let summary: String?
    package let isNullable: Bool
    private let form: @Sendable () -> JSON
    let define: @Sendable (inout SchemaBook) -> Void
    let value: @Sendable (Record) -> JSON
    /// Writes the value alone.
    fileprivate let write: @Sendable (Record, inout [UInt8]) -> Void
    /// The name with its quotes and the colon, as it stands before the value.
    fileprivate let label: [UInt8]

    /// - Parameter schema: narrower than the type's own, such as a range.
    package init<Value: JSONConvertible>(
        _ name: String, _ summary: String? = nil, schema: JSON? = nil, value: @escaping @Sendable (Record) -> Value
    ) {
        self.name = name
        self.summary = summary
        form = { schema ?? Value.schema }
        define = { Value.define(in: &$0) }
        isNullable = Value.isNullable
        self.value = { value($0).json }
        write = { value($0).write(to: &$1) }
        label = name.json.bytes + [UInt8(ascii: ":")]
    }

    /// Made when it is asked for: the client that only reads and writes has no use for it.
    package var schema: JSON { form() }
}

extension JSONRecord {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .object(let members) = json else { throw JSONMismatch(expected: "an object") }
        try self.init(record: RecordReader(members: members))
    }

    package var json: JSON {
        .object(Self.fields.map { JSON.Member($0.name, $0.value(self)) })
    }

    package func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, field) in Self.fields.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: field.label)
            field.write(self, &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    package static var schema: JSON {
        SchemaBook.name(of: Self.self).map(SchemaBook.reference) ?? objectSchema
    }

    /// The members themselves. Every one is required: what is not known is `null`.
    static var objectSchema: JSON {
        [
            "type": "object",
            "required": .array(fields.map { .string($0.name) }),
            "properties": .object(
                fields.map { JSON.Member($0.name, $0.schema.describing($0.summary)) }),
        ]
    }

    package static func define(in book: inout SchemaBook) {
        if let name = SchemaBook.name(of: Self.self) {
            guard book.write(name, objectSchema) else { return }
        }
        for field in fields { field.define(&book) }
    }
}

/// The members of an object, read by name into the types that are expected.
package struct RecordReader: Sendable {
    private let members: [JSON.Member]

    package init(members: [JSON.Member]) {
        self.members = members
    }

    /// The member of that name. One that is missing counts as `null`, so that an older daemon's answer can be read.
    package func read<Value: JSONConvertible>(_ name: String) throws(JSONMismatch) -> Value {
        let member = members.first { $0.name == name }
        do {
            return try Value(json: member?.value ?? .null)
        } catch {
            throw member == nil
                ? JSONMismatch(path: name, expected: error.expected, isMissing: true) : error.inside(name)
        }
    }

    /// A whole number inside the range, or none.
    package func read(_ name: String, in range: ClosedRange<Int>) throws(JSONMismatch) -> Int? {
        let number: Int? = try read(name)
        if let number, !range.contains(number) {
            throw JSONMismatch(
                path: name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A text that is not empty.
    package func readText(_ name: String) throws(JSONMismatch) -> String {
        try Self.checked(try read(name), name)
    }

    /// A text that is not empty, or none.
    package func readOptionalText(_ name: String) throws(JSONMismatch) -> String? {
        guard let text: String = try read(name) else { return nil }
        return try Self.checked(text, name)
    }

    private static func checked(_ text: String, _ name: String) throws(JSONMismatch) -> String {
        guard !text.isEmpty else { throw JSONMismatch(path: name, expected: "a text that is not empty") }
        return text
    }
}

extension JSON {
    /// The schema of an optional whole number inside a range.
    static func optionalInteger(in range: ClosedRange<Int>) -> JSON {
        [
            "type": ["integer", "null"], "minimum": .integer(Int64(range.lowerBound)),
            "maximum": .integer(Int64(range.upperBound)),
        ]
    }

    /// This schema, with a few words on what it is for.
    func describing(_ summary: String?) -> JSON {
        guard case .object(let members) = self, let summary else { return self }
        return .object(members + [Member("description", .string(summary))])
    }

    /// This schema, with what counts where the value is left out.
    func defaulting(to value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members + [Member("default", value)])
    }
}
