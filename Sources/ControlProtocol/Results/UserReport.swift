package import UsageModel

/// The answer to `user.get`, and a row of `user.list`.
package struct UserReport: Hashable, Sendable {
    package let accountId: AccountID
    /// `nil` for an account that is known only as the author of something, or whose name has been erased.
    package let displayName: String?
    package let email: String?
    package let accountType: AccountType
    package let enabled: Bool
    package let site: CloudID
    package let applicationRoles: [ApplicationRole]
    package let groups: [GroupMembership]
    /// How many more there are, for which a line has no room; `nil` where that is none.
    package let groupsLeftOut: Int?
    package let seat: Bool
    /// The instant for which roles, groups and so the seat are known: that of the last reading, or the report's own
    /// where a later reading agrees. Later than the report's where only a later reading exists, which then stands in.
    /// `nil` while they have not been read: then `seat` says nothing.
    package let accessReadAt: Instant?
    /// Seat and roles from the first reading on, the latest stretch first; `nil` in a list, which does not tell it.
    package let seatHistory: [SeatStretch]?
    package let lastActivity: LastActivity?
    package let activity: ActivityCounts
    package let verdict: VerdictReport
    /// Since when nothing is kept of the account but its id; `nil` where that is not so.
    package let erasedAt: Instant?

    package init(
        accountId: AccountID, displayName: String?, email: String?, accountType: AccountType, enabled: Bool,
        site: CloudID, applicationRoles: [ApplicationRole], groups: [GroupMembership], groupsLeftOut: Int? = nil,
        seat: Bool, accessReadAt: Instant?, seatHistory: [SeatStretch]? = nil, lastActivity: LastActivity?,
        activity: ActivityCounts, verdict: VerdictReport, erasedAt: Instant? = nil
    ) {
        self.accountId = accountId
        self.displayName = displayName
        self.email = email
        self.accountType = accountType
        self.enabled = enabled
        self.site = site
        self.applicationRoles = applicationRoles
        self.groups = groups
        self.groupsLeftOut = groupsLeftOut
        self.seat = seat
        self.accessReadAt = accessReadAt
        self.seatHistory = seatHistory
        self.lastActivity = lastActivity
        self.activity = activity
        self.verdict = verdict
        self.erasedAt = erasedAt
    }
}

/// A tally for each kind of activity; a kind that was never seen has ``UsageModel/ActivityTally/none``.
package struct ActivityCounts: Hashable, Sendable {
    private let tallies: [ActivityKind: ActivityTally]

    package init(_ tallies: [ActivityKind: ActivityTally]) {
        self.tallies = tallies.filter { $0.value != .none }
    }

    package subscript(kind: ActivityKind) -> ActivityTally { tallies[kind] ?? .none }
}

/// A verdict as it is told: with the coverage and the proof it rests on.
package struct VerdictReport: Hashable, Sendable {
    package let state: VerdictState
    package let thresholdDays: Int
    package let asOf: Instant
    /// Since when the site's record is complete; `nil` while it is for no time at all.
    package let completeSince: Instant?
    /// Until when it is.
    package let completeUntil: Instant?
    /// Why the state is `unknown`; `nil` for the others.
    package let reason: CoverageCause?
    /// What Jira's own search last said of this person; `nil` where it has not been asked, or nothing hangs on it.
    package let proof: Proof?

    package init(
        state: VerdictState, thresholdDays: Int, asOf: Instant, completeSince: Instant?, completeUntil: Instant?,
        reason: CoverageCause?, proof: Proof?
    ) {
        self.state = state
        self.thresholdDays = thresholdDays
        self.asOf = asOf
        self.completeSince = completeSince
        self.completeUntil = completeUntil
        self.reason = reason
        self.proof = proof
    }
}

// MARK: - On the wire

extension UserReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("accountId") { $0.accountId },
        Field("displayName", "null where it is not known, or erased") { $0.displayName },
        Field("email", "null where Atlassian does not show it") { $0.email },
        Field("accountType") { $0.accountType }, Field("enabled", "false for a deactivated account") { $0.enabled },
        Field("site", "the cloud id") { $0.site },
        Field("applicationRoles") { $0.applicationRoles },
        Field("groups", "as many as a line has room for, first of all those that grant a role") { $0.groups },
        Field("groupsLeftOut", "how many more; null: none") { $0.groupsLeftOut },
        Field("seat", "whether a paid seat is held") { $0.seat },
        Field("accessReadAt", "for when roles, groups and seat are known; null: not read yet, and seat says nothing") {
            $0.accessReadAt
        }, Field("seatHistory", "the latest stretch first; null in a list") { $0.seatHistory },
        Field("lastActivity", "null where none was seen") { $0.lastActivity }, Field("activity") { $0.activity },
        Field("verdict") { $0.verdict }, Field("erasedAt", "since when nothing is kept but the id") { $0.erasedAt },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            accountId: try record.read("accountId"), displayName: try record.read("displayName"),
            email: try record.read("email"), accountType: try record.read("accountType"),
            enabled: try record.read("enabled"), site: try record.read("site"),
            applicationRoles: try record.read("applicationRoles"), groups: try record.read("groups"),
            groupsLeftOut: try record.read("groupsLeftOut"), seat: try record.read("seat"),
            accessReadAt: try record.read("accessReadAt"),
            seatHistory: try record.read("seatHistory"), lastActivity: try record.read("lastActivity"),
            activity: try record.read("activity"), verdict: try record.read("verdict"),
            erasedAt: try record.read("erasedAt"))
    }
}

extension ApplicationRole: JSONRecord {
    package static let fields: [Field<Self>] = [Field("key") { $0.key }, Field("name") { $0.name }]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(key: try record.read("key"), name: try record.read("name"))
    }
}

extension GroupMembership: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("id") { $0.id }, Field("name") { $0.name },
        Field("grants", "keys of the application roles that it grants") { $0.grants },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(id: try record.read("id"), name: try record.read("name"), grants: try record.read("grants"))
    }
}

extension [GroupMembership] {
    /// Those for which there is room in a line, in their order: first of all those that grant a role.
    package func fittingLine() -> [GroupMembership] {
        // So many always fit: a name has at most 255 characters.
        guard count > 32 else { return self }
        var room = 40 * 1024
        let places = indices.filter { !self[$0].grants.isEmpty } + indices.filter { self[$0].grants.isEmpty }
        let fitting = places.prefix { place in
            var text: [UInt8] = []
            self[place].write(to: &text)
            room -= text.count + 1
            return room >= 0
        }
        return fitting.sorted().map { self[$0] }
    }
}

extension SeatStretch: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("from") { $0.from }, Field("until", "null while it lasts") { $0.until }, Field("seat") { $0.holdsSeat },
        Field("roles", "keys of application roles") { $0.roles },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            from: try record.read("from"), until: try record.read("until"), holdsSeat: try record.read("seat"),
            roles: try record.read("roles"))
    }
}

extension LastActivity: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("at") { $0.at }, Field("kind") { $0.kind }, Field("issueKey", "as it was when last read") { $0.issueKey },
        Field("issueId") { $0.issue },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            at: try record.read("at"), kind: try record.read("kind"), issue: try record.read("issueId"),
            issueKey: try record.read("issueKey"))
    }
}

extension ActivityTally: JSONRecord {
    package static let fields: [Field<Self>] = [Field("count") { $0.count }, Field("lastAt") { $0.lastAt }]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(count: try record.read("count"), lastAt: try record.read("lastAt"))
    }
}

extension ActivityCounts: JSONRecord {
    package static let fields: [Field<Self>] = kinds.map { kind in Field(kind.rawValue) { $0[kind] } }

    /// In the order that the contract shows.
    private static let kinds: [ActivityKind] = [
        .created, .edited, .transitioned, .commented, .worklogged, .attached,
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        var tallies: [ActivityKind: ActivityTally] = [:]
        for kind in Self.kinds { tallies[kind] = try record.read(kind.rawValue) }
        self.init(tallies)
    }
}

extension VerdictReport: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("state") { $0.state }, Field("thresholdDays") { $0.thresholdDays }, Field("asOf") { $0.asOf },
        Field("completeSince", "since when the record is complete; null: for no time") { $0.completeSince },
        Field("completeUntil", "until when it is") { $0.completeUntil },
        Field("reason", "why it is unknown") { $0.reason }, Field("proof", "what Jira's own search said") { $0.proof },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            state: try record.read("state"), thresholdDays: try record.read("thresholdDays"),
            asOf: try record.read("asOf"), completeSince: try record.read("completeSince"),
            completeUntil: try record.read("completeUntil"), reason: try record.read("reason"),
            proof: try record.read("proof"))
    }
}
