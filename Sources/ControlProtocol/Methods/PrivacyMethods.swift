/// `privacy.status`: how the rules on personal data are kept.
package struct GetPrivacyStatus: ControlMethod {
    package typealias Result = PrivacyReport

    package static let method = "privacy.status"
    package static let access = AccessLevel.read
    package static let summary = "What was reported to Atlassian, answered and erased: numbers, and nobody's name."
    package static let errors = ControlError.Kind.ofReading
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `privacy.report`: a round of reports now.
package struct ReportPersonalData: ControlMethod {
    package typealias Result = PrivacyReport

    package static let method = "privacy.report"
    package static let access = AccessLevel.admin
    package static let summary =
        "Reports stored accounts to Atlassian now, without those reported within the last half cycle; answers when done."
    package static let aside = RunningAside.always
    package static let errors = [.notConnected] + ControlError.Kind.ofAsking
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `privacy.erase`: erase a person.
package struct ErasePerson: ControlMethod {
    package typealias Result = PersonErasure

    package static let method = "privacy.erase"
    package static let access = AccessLevel.admin
    package static let summary =
        "Erases all that is kept of a person, on all sites, but the bare account id, which is not read any more."
    package static let errors: [ControlError.Kind] = [.notFound, .ambiguous, .storage]
    package static let fields: [Field<Self>] = [
        Field("who", "An account id or an e-mail address; a name is not enough.") { $0.who },
        Field(
            "force", "Whether to erase somebody who holds a seat; it is then counted no more.",
            schema: Bool?.schema.defaulting(to: false)
        ) { $0.force },
    ]

    package let who: String
    package let force: Bool?

    package init(who: String, force: Bool? = nil) {
        self.who = who
        self.force = force
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(who: try record.readText("who"), force: try record.read("force"))
    }
}

/// `privacy.export`: all that is kept of a person.
package struct ExportPerson: ControlMethod {
    package typealias Result = Page<PersonalDataRow>

    package static let method = "privacy.export"
    package static let access = AccessLevel.admin
    package static let summary = "All that is kept of a person, on all sites, row by row, page by page."
    package static let features: Set = [RequestMeta.Feature.stream]
    package static let notifications: [NotificationDescription] = [.rows(of: PersonalDataRow.self)]
    package static let errors: [ControlError.Kind] = [.notFound, .ambiguous, .storage]
    package static let fields: [Field<Self>] = [
        Field("who", CommonParameter.who) { $0.who },
        .limit { $0.limit },
        Field("after", CommonParameter.after) { $0.after },
    ]

    package let who: String
    package let limit: Int?
    package let after: String?

    package init(who: String, limit: Int? = nil, after: String? = nil) {
        self.who = who
        self.limit = limit
        self.after = after
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            who: try record.readText("who"), limit: try record.read("limit", in: ParameterRange.limit),
            after: try record.read("after"))
    }
}
