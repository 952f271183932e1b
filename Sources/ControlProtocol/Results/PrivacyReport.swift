package import UsageModel

/// The answer to `privacy.status`: numbers of accounts, and nobody's name.
package struct PrivacyReport: Hashable, Sendable {
    /// What happened to how many accounts on one day, in UTC.
    package struct Day: Hashable, Sendable {
        /// The beginning of the day.
        package let day: Instant
        package let requests: Int
        package let reported: Int
        /// Answers that an account is closed, and that its data changed.
        package let closed: Int
        package let updated: Int
        /// Accounts that Atlassian did not accept in a report.
        package let refused: Int
        /// Rounds of reports that did not come to their end.
        package let failures: Int
        package let erased: Erasures

        package init(
            day: Instant, requests: Int, reported: Int, closed: Int, updated: Int, refused: Int, failures: Int,
            erased: Erasures
        ) {
            self.day = day
            self.requests = requests
            self.reported = reported
            self.closed = closed
            self.updated = updated
            self.refused = refused
            self.failures = failures
            self.erased = erased
        }
    }

    /// How many accounts were erased, by cause.
    package struct Erasures: Hashable, Sendable {
        /// Closed at Atlassian: all but the id.
        package let closed: Int
        /// By an administrator: all but the id.
        package let requested: Int
        /// Changed, and not to be fetched again: name and address.
        package let outdated: Int
        /// Not to be reported for too long: name and address.
        package let unreported: Int
        /// With their site.
        package let left: Int

        package init(closed: Int, requested: Int, outdated: Int, unreported: Int, left: Int) {
            self.closed = closed
            self.requested = requested
            self.outdated = outdated
            self.unreported = unreported
            self.left = left
        }
    }

    /// How often each account is to be reported, in seconds: 604,800 until Atlassian says otherwise.
    package let cycleSeconds: Int
    /// Stored accounts that are reported.
    package let accounts: Int
    /// Of them, those reported within the last cycle.
    package let reported: Int
    /// Of them, those whose time is past.
    package let overdue: Int
    package let nextDueAt: Instant?
    package let lastReportedAt: Instant?
    /// Accounts whose data changed at Atlassian and have not been fetched again yet.
    package let outdated: Int
    /// Accounts of which nothing is kept but the id.
    package let erased: Int
    /// Whether traces of what was erased are still to be removed from the files.
    package let wipePending: Bool
    /// Why the last round of reports did not come to its end.
    package let lastError: String?
    /// The last 30 days on which something happened, the latest first.
    package let days: [Day]

    package init(
        cycleSeconds: Int, accounts: Int, reported: Int, overdue: Int, nextDueAt: Instant?, lastReportedAt: Instant?,
        outdated: Int, erased: Int, wipePending: Bool, lastError: String?, days: [Day]
    ) {
        self.cycleSeconds = cycleSeconds
        self.accounts = accounts
        self.reported = reported
        self.overdue = overdue
        self.nextDueAt = nextDueAt
        self.lastReportedAt = lastReportedAt
        self.outdated = outdated
        self.erased = erased
        self.wipePending = wipePending
        self.lastError = lastError
        self.days = days
    }
}

/// The answer to `privacy.erase`.
package struct PersonErasure: Hashable, Sendable {
    package let accountId: AccountID
    /// Since when nothing is kept but the id.
    package let erasedAt: Instant

    package init(accountId: AccountID, erasedAt: Instant) {
        self.accountId = accountId
        self.erasedAt = erasedAt
    }
}

/// A row of `privacy.export`.
package struct PersonalDataRow: Hashable, Sendable {
    /// The site that it comes from; `nil` for what belongs to none.
    package let site: CloudID?
    /// What kind of row it is: `account`, `profile`, `activity`, …
    package let record: String
    /// What is stored, by name: texts, numbers, flags and instants.
    package let data: JSON

    package init(site: CloudID?, record: String, data: JSON) {
        self.site = site
        self.record = record
        self.data = data
    }
}

// MARK: - On the wire

extension PrivacyReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("cycleSeconds", "how often each account is to be reported") { $0.cycleSeconds },
        Field("accounts", "stored, and to be reported") { $0.accounts },
        Field("reported", "within the last cycle") { $0.reported },
        Field("overdue", "whose time is past") { $0.overdue }, Field("nextDueAt") { $0.nextDueAt },
        Field("lastReportedAt") { $0.lastReportedAt },
        Field("outdated", "changed at Atlassian and not fetched again yet") { $0.outdated },
        Field("erased", "of which nothing is kept but the id") { $0.erased },
        Field("wipePending", "whether traces are still to be removed") { $0.wipePending },
        Field("lastError") { $0.lastError },
        Field("days", "the last 30, the latest first") { $0.days },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            cycleSeconds: try record.read("cycleSeconds"), accounts: try record.read("accounts"),
            reported: try record.read("reported"), overdue: try record.read("overdue"),
            nextDueAt: try record.read("nextDueAt"), lastReportedAt: try record.read("lastReportedAt"),
            outdated: try record.read("outdated"), erased: try record.read("erased"),
            wipePending: try record.read("wipePending"), lastError: try record.read("lastError"),
            days: try record.read("days"))
    }
}

extension PrivacyReport.Day: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("day") { $0.day }, Field("requests") { $0.requests }, Field("reported") { $0.reported },
        Field("closed") { $0.closed }, Field("updated") { $0.updated },
        Field("refused", "not accepted in a report") { $0.refused },
        Field("failures", "rounds without an end") { $0.failures }, Field("erased") { $0.erased },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            day: try record.read("day"), requests: try record.read("requests"), reported: try record.read("reported"),
            closed: try record.read("closed"), updated: try record.read("updated"),
            refused: try record.read("refused"), failures: try record.read("failures"),
            erased: try record.read("erased"))
    }
}

extension PrivacyReport.Erasures: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("closed", "closed at Atlassian") { $0.closed },
        Field("requested", "by an administrator") { $0.requested },
        Field("outdated", "not to be fetched again") { $0.outdated },
        Field("unreported", "not to be reported for too long") { $0.unreported },
        Field("left", "with their site") { $0.left },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            closed: try record.read("closed"), requested: try record.read("requested"),
            outdated: try record.read("outdated"), unreported: try record.read("unreported"),
            left: try record.read("left"))
    }
}

extension PersonErasure: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("accountId") { $0.accountId }, Field("erasedAt") { $0.erasedAt },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(accountId: try record.read("accountId"), erasedAt: try record.read("erasedAt"))
    }
}

extension PersonalDataRow: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("site") { $0.site }, Field("record", "account, profile, activity, …") { $0.record },
        Field("data", schema: ["type": "object"]) { $0.data },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            site: try record.read("site"), record: try record.read("record"), data: try record.read("data"))
    }
}
