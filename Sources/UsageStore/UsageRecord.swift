package import UsageModel

/// All that is known of one account on one site, for a report as of an instant.
package struct UsageRecord: Sendable {
    /// The store's own number for the account.
    package let accountKey: Int64
    package let site: SiteKey
    package let account: AccountID
    /// `nil` for an account that is known only as the author of something, and where it has been erased.
    package let displayName: String?
    package let email: String?
    /// Since when nothing is kept of the account but its id.
    package let erasedAt: Instant?
    package let accountType: AccountType
    package let isEnabled: Bool
    package let holdsSeat: Bool
    /// The latest instant up to that of the report for which roles and groups are known: that of the last reading, or
    /// the report's own where a later reading agrees with it. Later than the report's where only a later reading
    /// exists, which then stands in; `nil` while there is none at all.
    package let accessReadAt: Instant?
    package let roles: [ApplicationRole]
    package let groups: [GroupMembership]
    /// A kind that is missing has no activity.
    package let tallies: [ActivityKind: ActivityTally]
    /// The latest at or before the instant of the report.
    package let last: LastActivity?
    /// What a verdict on absence has to rest on.
    package let demand: ProofDemand
}

/// One line of a list of users, before it is filled in.
package struct UsageSummary: Sendable {
    package let accountKey: Int64
    package let site: SiteKey
    package let displayName: String?
    package let lastAt: Instant?
    /// As in `UsageRecord`.
    package let demand: ProofDemand
}

/// One activity as evidence, with the place to go on from.
package struct ActivityRecord: Hashable, Sendable {
    package let activity: Activity
    /// `nil` where the issue itself was never read, only a worklog of it.
    package let issueKey: String?
}

/// Which users a list is to hold.
package struct UserFilter: Hashable, Sendable {
    /// `nil` for all sites.
    package var site: SiteKey?
    /// Key of an application role that they hold.
    package var role: String?
    /// Name or id of a group that they are in.
    package var group: String?
    /// Whether they must hold a seat, or must not.
    package var holdsSeat: Bool?
    /// Only those of whom something was stored after this change.
    package var changedSince: Int64?

    package init(
        site: SiteKey? = nil, role: String? = nil, group: String? = nil, holdsSeat: Bool? = nil,
        changedSince: Int64? = nil
    ) {
        self.site = site
        self.role = role
        self.group = group
        self.holdsSeat = holdsSeat
        self.changedSince = changedSince
    }
}

/// The order of a list of users, and the place in it after which to go on.
package enum UserSort: Hashable, Sendable {
    /// By display name, without regard to case; people without a name first.
    case name(after: NamePosition?)
    /// By last activity, the longest ago first, and those without any before them.
    case oldest(after: ActivityPosition?)
    /// By last activity, the latest first, and those without any after them.
    case newest(after: ActivityPosition?)

    var hasPosition: Bool {
        switch self {
        case .name(let position): position != nil
        case .oldest(let position), .newest(let position): position != nil
        }
    }

    package struct NamePosition: Hashable, Sendable {
        package let name: String
        package let accountKey: Int64

        package init(name: String, accountKey: Int64) {
            self.name = name
            self.accountKey = accountKey
        }
    }

    package struct ActivityPosition: Hashable, Sendable {
        /// Milliseconds; 0 where there is none.
        package let lastAt: Int64
        package let accountKey: Int64

        package init(lastAt: Int64, accountKey: Int64) {
            self.lastAt = lastAt
            self.accountKey = accountKey
        }
    }
}
