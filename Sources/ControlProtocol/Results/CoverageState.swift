package import UsageModel

/// For which stretch of time a site's record is complete.
package struct CoverageState: Hashable, Sendable {
    /// What the record lacks, and why.
    package struct Hole: Hashable, Sendable {
        package enum Reason: String, Sendable, CaseIterable, JSONWord {
            /// The first reading of the site goes on there.
            case backfill
            /// Later than the last complete pass, which is long ago.
            case notSynced
            /// No pass has been completed since the site was connected.
            case neverSynced
            case browseProjectsMissing
            case userPickerMissing
            /// Issues have been seen whose histories or comments are still to be read.
            case issuesPending
        }

        /// `nil` for "since the site's first issue".
        package let from: Instant?
        /// `nil` for "to this day".
        package let until: Instant?
        package let reason: Reason
        /// How many issues are concerned; `nil` where it is the whole site.
        package let issues: Int?

        package init(from: Instant?, until: Instant?, reason: Reason, issues: Int? = nil) {
            self.from = from
            self.until = until
            self.reason = reason
            self.issues = issues
        }
    }

    /// `nil` while nothing is complete.
    package let completeSince: Instant?
    package let completeUntil: Instant?
    package let holes: [Hole]

    package init(completeSince: Instant?, completeUntil: Instant?, holes: [Hole] = []) {
        self.completeSince = completeSince
        self.completeUntil = completeUntil
        self.holes = holes
    }
}

// MARK: - On the wire

extension CoverageState: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("completeSince", "null while nothing is complete") { $0.completeSince },
        Field("completeUntil") { $0.completeUntil },
        Field("holes", "what the record lacks") { $0.holes },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            completeSince: try record.read("completeSince"), completeUntil: try record.read("completeUntil"),
            holes: try record.read("holes"))
    }
}

extension CoverageState.Hole: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("from", "null: since the first issue") { $0.from }, Field("until", "null: to this day") { $0.until },
        Field("reason") { $0.reason },
        Field("issues", "how many are concerned; null: the whole site") { $0.issues },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            from: try record.read("from"), until: try record.read("until"), reason: try record.read("reason"),
            issues: try record.read("issues"))
    }
}
