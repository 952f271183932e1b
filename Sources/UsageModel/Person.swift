/// What kind of account Atlassian says it is. Values that it adds later are `unknown` to us.
package enum AccountType: String, Sendable, CaseIterable {
    /// A person who can hold a seat.
    case atlassian
    /// An app, a bot or a service account.
    case app
    /// A customer of Jira Service Management's portal, who is free.
    case customer
    case unknown
}

/// An application role: the right to use one application, for which a seat is paid. Keys are data, not a list of
/// ours, because Atlassian adds and renames them (`jira-software`, `jira-servicedesk`, …).
package struct ApplicationRole: Hashable, Sendable {
    package let key: String
    package let name: String

    package init(key: String, name: String) {
        self.key = key
        self.name = name
    }
}

package struct Group: Hashable, Sendable {
    package let id: String
    package let name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// A group that somebody is in, with what it gives.
package struct GroupMembership: Hashable, Sendable {
    package let id: String
    package let name: String
    /// Keys of the application roles that the group grants to its members, and so of the seats that it costs. Empty
    /// also where that has not been read.
    package let grants: [String]

    package init(id: String, name: String, grants: [String]) {
        self.id = id
        self.name = name
        self.grants = grants
    }
}

/// One account as a site's directory shows it.
package struct Person: Hashable, Sendable {
    package let account: AccountID
    package let displayName: String
    /// Usually `nil`: shown only where the person's profile or the organisation allows it.
    package let email: String?
    package let accountType: AccountType
    /// Whether the account may sign in at all. It says nothing about licences.
    package let isEnabled: Bool

    package init(
        account: AccountID, displayName: String, email: String?, accountType: AccountType, isEnabled: Bool
    ) {
        self.account = account
        self.displayName = displayName
        self.email = email
        self.accountType = accountType
        self.isEnabled = isEnabled
    }
}

/// An account's application roles and groups, as of one reading.
package struct Access: Hashable, Sendable {
    package let roles: [ApplicationRole]
    /// How many roles Jira says there are. More than `roles` holds where Jira gave the number without the list.
    package let roleCount: Int
    package let groups: [Group]
    /// As `roleCount`, for groups.
    package let groupCount: Int

    package init(roles: [ApplicationRole], roleCount: Int, groups: [Group], groupCount: Int) {
        self.roles = roles
        self.roleCount = max(roleCount, roles.count)
        self.groups = groups
        self.groupCount = max(groupCount, groups.count)
    }
}

/// Whether an account holds a seat: an enabled account of type `atlassian` with at least one application role.
/// An invited person who never came holds one; apps, customers and deactivated accounts hold none.
package func holdsSeat(accountType: AccountType, isEnabled: Bool, roleCount: Int) -> Bool {
    accountType == .atlassian && isEnabled && roleCount > 0
}

/// A stretch of time in which all readings of an account agreed about its seat and its application roles.
package struct SeatStretch: Hashable, Sendable {
    /// The first reading that showed it: the change lies between the stretch before and this.
    package let from: Instant
    /// The last one; `nil` while it holds.
    package let until: Instant?
    package let holdsSeat: Bool
    /// Keys of the application roles, sorted. A deactivated account may have some and holds no seat.
    package let roles: [String]

    package init(from: Instant, until: Instant?, holdsSeat: Bool, roles: [String]) {
        self.from = from
        self.until = until
        self.holdsSeat = holdsSeat
        self.roles = roles
    }
}
