package import UsageModel

/// What parameters may be.
package enum ParameterRange {
    /// Days without activity before a licence counts as inactive.
    package static let thresholdDays = 1...36_500
    /// Rows of a page, or of a stream. A page may hold fewer than asked for: its reply must fit a line.
    package static let limit = 1...1_000_000
    /// Change numbers of the store.
    package static let change = 0...Int(Int64.max)
}

/// The order of `user.list`.
package enum UserOrder: String, Sendable, CaseIterable, JSONWord {
    /// By display name.
    case name
    /// By last activity, the longest ago first, those without any before them.
    case oldest
    /// By last activity, the latest first.
    case newest
}

/// `user.get`: one user, with evidence and verdict.
package struct GetUser: ControlMethod {
    package typealias Result = UserReport

    package static let method = "user.get"
    package static let errors = [.ambiguous] + ControlError.Kind.ofSites
    package static let access = AccessLevel.read
    package static let summary = "One user: roles, groups, seat history, last activity with its evidence, verdict."
    package static let fields: [Field<Self>] = [
        Field("who", CommonParameter.who) { $0.who }, .thresholdDays { $0.thresholdDays },
        Field("asOf", CommonParameter.asOf) { $0.asOf }, Field("site", CommonParameter.site) { $0.site },
    ]

    package let who: String
    package let thresholdDays: Int?
    package let asOf: Instant?
    package let site: String?

    package init(who: String, thresholdDays: Int? = nil, asOf: Instant? = nil, site: String? = nil) {
        self.who = who
        self.thresholdDays = thresholdDays
        self.asOf = asOf
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            who: try record.readText("who"),
            thresholdDays: try record.read("thresholdDays", in: ParameterRange.thresholdDays),
            asOf: try record.read("asOf"), site: try record.read("site"))
    }
}

/// `user.list`: users in pages.
package struct ListUsers: ControlMethod {
    package typealias Result = Page<UserReport>

    package static let method = "user.list"
    package static let notifications: [NotificationDescription] = [.rows(of: UserReport.self)]
    package static let errors = ControlError.Kind.ofSites
    package static let access = AccessLevel.read
    package static let summary = "Users, page by page, each as user.get shows them, without seatHistory."
    package static let features: Set = [RequestMeta.Feature.stream]
    package static let fields: [Field<Self>] = [
        Field("verdict", "Only users of this verdict.") { $0.verdict }, .thresholdDays { $0.thresholdDays },
        Field("role", "Only users with the application role of this key.") { $0.role },
        Field("group", "Only members of the group of this name or id.") { $0.group },
        Field("seat", "Only users who hold a seat; with false, only those who hold none.") { $0.seat },
        Field("asOf", CommonParameter.asOf) { $0.asOf },
        Field(
            "changedSince", "Only users of whom something was stored after this change number; see change.wait.",
            schema: .optionalInteger(in: ParameterRange.change)
        ) { $0.changedSince },
        Field(
            "sort", "By name, or by last activity: oldest or newest first.",
            schema: UserOrder?.schema.defaulting(to: "name")
        ) { $0.sort },
        .limit { $0.limit }, Field("after", CommonParameter.after) { $0.after },
        Field("site", CommonParameter.site) { $0.site },
    ]

    package let verdict: VerdictState?
    package let thresholdDays: Int?
    package let role: String?
    package let group: String?
    package let seat: Bool?
    package let asOf: Instant?
    package let changedSince: Int?
    package let sort: UserOrder?
    package let limit: Int?
    package let after: String?
    package let site: String?

    package init(
        verdict: VerdictState? = nil, thresholdDays: Int? = nil, role: String? = nil, group: String? = nil,
        seat: Bool? = nil, asOf: Instant? = nil, changedSince: Int? = nil, sort: UserOrder? = nil, limit: Int? = nil,
        after: String? = nil, site: String? = nil
    ) {
        self.verdict = verdict
        self.thresholdDays = thresholdDays
        self.role = role
        self.group = group
        self.seat = seat
        self.asOf = asOf
        self.changedSince = changedSince
        self.sort = sort
        self.limit = limit
        self.after = after
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            verdict: try record.read("verdict"),
            thresholdDays: try record.read("thresholdDays", in: ParameterRange.thresholdDays),
            role: try record.readOptionalText("role"), group: try record.readOptionalText("group"),
            seat: try record.read("seat"),
            asOf: try record.read("asOf"), changedSince: try record.read("changedSince", in: ParameterRange.change),
            sort: try record.read("sort"),
            limit: try record.read("limit", in: ParameterRange.limit),
            after: try record.read("after"), site: try record.read("site"))
    }
}

/// `licence.summary`: per application role, how many seats are used.
package struct SummariseLicences: ControlMethod {
    package typealias Result = LicenceReport

    package static let method = "licence.summary"
    package static let errors = ControlError.Kind.ofSites
    package static let aliases = ["license.summary"]
    package static let access = AccessLevel.read
    package static let summary = "Per application role: seats, and how many of them are used."
    package static let fields: [Field<Self>] = [
        .thresholdDays { $0.thresholdDays }, Field("asOf", CommonParameter.asOf) { $0.asOf },
        Field("site", CommonParameter.site) { $0.site },
    ]

    package let thresholdDays: Int?
    package let asOf: Instant?
    package let site: String?

    package init(thresholdDays: Int? = nil, asOf: Instant? = nil, site: String? = nil) {
        self.thresholdDays = thresholdDays
        self.asOf = asOf
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            thresholdDays: try record.read("thresholdDays", in: ParameterRange.thresholdDays),
            asOf: try record.read("asOf"), site: try record.read("site"))
    }
}

/// `activity.list`: the activities behind a verdict, newest first.
package struct ListActivities: ControlMethod {
    package typealias Result = Page<ActivityRow>

    package static let method = "activity.list"
    package static let notifications: [NotificationDescription] = [.rows(of: ActivityRow.self)]
    package static let errors = [.ambiguous] + ControlError.Kind.ofSites
    package static let access = AccessLevel.read
    package static let summary = "One user's activities, newest first, page by page."
    package static let features: Set = [RequestMeta.Feature.stream]
    package static let fields: [Field<Self>] = [
        Field("who", CommonParameter.who) { $0.who }, Field("since", "Only at or after this instant.") { $0.since },
        Field("until", "Only before this instant.") { $0.until }, .limit { $0.limit },
        Field("after", CommonParameter.after) { $0.after }, Field("site", CommonParameter.site) { $0.site },
    ]

    package let who: String
    package let since: Instant?
    package let until: Instant?
    package let limit: Int?
    package let after: String?
    package let site: String?

    package init(
        who: String, since: Instant? = nil, until: Instant? = nil, limit: Int? = nil, after: String? = nil,
        site: String? = nil
    ) {
        self.who = who
        self.since = since
        self.until = until
        self.limit = limit
        self.after = after
        self.site = site
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            who: try record.readText("who"), since: try record.read("since"), until: try record.read("until"),
            limit: try record.read("limit", in: ParameterRange.limit), after: try record.read("after"),
            site: try record.read("site"))
    }
}

/// What parameters that several methods share mean.
enum CommonParameter {
    static let who = "An e-mail address, an account id or an unambiguous display name."
    static let asOf =
        "The instant of the report: activity up to it, roles, groups and seats as they were; now where it is left out."
    static let after = "The next of the page before."
    static let site = "A site's cloud id or URL."
}

extension Field {
    fileprivate static func thresholdDays(_ value: @escaping @Sendable (Record) -> Int?) -> Field {
        Field(
            "thresholdDays",
            "Days without activity before a licence counts as inactive; left out, the configuration's threshold.",
            schema: .optionalInteger(in: ParameterRange.thresholdDays), value: value)
    }

    /// Every list begins with a page of this many rows at most.
    static func limit(_ value: @escaping @Sendable (Record) -> Int?) -> Field {
        Field(
            "limit", "Rows of a page, at most, of which a line may hold fewer; rows of a stream.",
            schema: .optionalInteger(in: ParameterRange.limit).defaulting(to: 100), value: value)
    }
}
