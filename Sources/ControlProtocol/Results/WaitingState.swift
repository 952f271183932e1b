package import UsageModel

extension SyncState {
    /// The points of Atlassian's quota, which all sites share.
    package struct Points: Hashable, Sendable {
        /// In the present hour.
        package let used: Int
        /// In an hour.
        package let limit: Int
        /// When the next hour begins.
        package let resetsAt: Instant

        package init(used: Int, limit: Int, resetsAt: Instant) {
            self.used = used
            self.limit = limit
            self.resetsAt = resetsAt
        }
    }

    /// What has to come before the sync goes on.
    package struct Waiting: Hashable, Sendable {
        package enum Reason: String, Sendable, CaseIterable, JSONWord {
            /// The points of the next hour.
            case quota
            /// Jira asks for a pause.
            case rateLimit
            /// A new consent.
            case reauthorise
            /// A permission of the account that consented.
            case permission
            /// Our registration at Atlassian, or the vault.
            case configuration
            /// Atlassian cannot be reached, or is down.
            case unavailable
            /// The next pass, which tries again what failed.
            case retry
        }

        package let reason: Reason
        /// `nil` where nobody can tell.
        package let until: Instant?

        package init(reason: Reason, until: Instant?) {
            self.reason = reason
            self.until = until
        }
    }
}

// MARK: - On the wire

extension SyncState.Points: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("used", "in the present hour") { $0.used }, Field("limit", "in an hour") { $0.limit },
        Field("resetsAt") { $0.resetsAt },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            used: try record.read("used"), limit: try record.read("limit"), resetsAt: try record.read("resetsAt"))
    }
}

extension SyncState.Waiting: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("reason") { $0.reason }, Field("until", "null where nobody can tell") { $0.until },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(reason: try record.read("reason"), until: try record.read("until"))
    }
}
