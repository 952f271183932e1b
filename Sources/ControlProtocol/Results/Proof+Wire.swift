package import UsageModel

extension Proof: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("from", "the first instant that Jira was asked about; null for all time") { $0.from },
        Field("at") { $0.at }, Field("outcome") { $0.outcome },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            from: try record.read("from"), at: try record.read("at"), outcome: try record.read("outcome"))
    }
}

extension Proof.Outcome: JSONWord {
    package static var allCases: [Proof.Outcome] { [.quiet, .disagrees] }

    package var rawValue: String {
        switch self {
        case .quiet: "quiet"
        case .disagrees: "disagrees"
        }
    }

    package init?(rawValue: String) {
        guard let outcome = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = outcome
    }
}
