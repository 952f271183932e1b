/// A part of a copy of the database. The parts in the order in which they come are the file.
package struct StoreBackupPart: Hashable, Sendable {
    package let bytes: [UInt8]

    /// How many a part has at most: as many as a line holds in base64.
    package static let mostBytes = 42_000

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// The answer to `store.backup`, when all parts have been told.
package struct StoreBackup: Hashable, Sendable {
    /// Of all parts.
    package let bytes: Int
    /// The store's change number in the copy.
    package let change: Int

    package init(bytes: Int, change: Int) {
        self.bytes = bytes
        self.change = change
    }
}

/// The answer to `store.check`.
package struct StoreCheck: Hashable, Sendable {
    package let isWhole: Bool
    /// What SQLite says, a hundred at most.
    package let problems: [String]
    /// Of the file.
    package let bytes: Int

    package init(problems: [String], bytes: Int) {
        isWhole = problems.isEmpty
        self.problems = problems
        self.bytes = bytes
    }
}

// MARK: - On the wire

extension StoreBackupPart: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("data", "in base64") { Base64.text($0.bytes) }
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        let text: String = try record.read("data")
        guard let bytes = Base64.bytes(text) else { throw JSONMismatch(expected: "base64").inside("data") }
        self.init(bytes: bytes)
    }
}

extension StoreBackup: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("bytes") { $0.bytes },
        Field("change") { $0.change },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(bytes: try record.read("bytes"), change: try record.read("change"))
    }
}

extension StoreCheck: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("whole") { $0.isWhole }, Field("problems") { $0.problems },
        Field("bytes") { $0.bytes },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(problems: try record.read("problems"), bytes: try record.read("bytes"))
    }
}
