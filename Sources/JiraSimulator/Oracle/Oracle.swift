/// The right answers, computed from all that the simulator knows.
package struct Oracle: Sendable {
    package let asOf: Moment
    package let thresholdDays: Int
    /// The site's users, in the order in which Jira lists them.
    package let users: [User]
    package let roles: [Role]
    package let counts: Counts

    package struct User: Sendable {
        package let accountID: String
        package let displayName: String
        package let accountType: String
        package let enabled: Bool
        /// An enabled account of type `atlassian` with an application role.
        package let seat: Bool
        package let applicationRoles: [(key: String, name: String)]
        package let groups: [(id: String, name: String)]
        package let lastActivity: LastActivity?
        package let activity: [ActivityKind: Tally]
        package let verdict: Verdict
    }

    package struct LastActivity: Sendable, Equatable {
        package let at: Moment
        package let kind: ActivityKind
        package let issueKey: String
        package let issueID: Int64
    }

    package struct Tally: Sendable, Equatable {
        package var count = 0
        package var lastAt: Moment?
    }

    /// With nothing hidden and nothing unread there is no “unknown”.
    package enum Verdict: String, Sendable {
        case active, inactive, neverActive
    }

    package struct Role: Sendable, Equatable {
        package let key: String
        package let name: String
        package let seats: Int
        package let active: Int
        package let inactive: Int
        package let neverActive: Int
    }

    package struct Counts: Sendable, Equatable {
        package let users: Int
        package let issues: Int
        /// Of somebody, on issues that the caller may see.
        package let activities: Int
        /// On issues that the caller may not see.
        package let hidden: Int
        /// Issues that were deleted since the simulator started; `issues` counts them only if they are asked for.
        package let deleted: Int
    }
}
