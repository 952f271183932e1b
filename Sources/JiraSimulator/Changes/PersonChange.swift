/// Something that happens to an account.
package enum PersonChange: Sendable, Equatable {
    /// Gets a role by its key, and joins the first group that grants it, if there is one.
    case grant(role: String)
    /// Loses a role, and leaves every group that grants it.
    case withdraw(role: String)
    /// Joins a group by its name or id, and gets the roles that it grants.
    case join(group: String)
    /// Leaves a group, and loses the roles that only it granted.
    case leave(group: String)
    case deactivate
    case reactivate
    case rename(String)
}

/// An account that comes to a site.
package struct NewAccount: Sendable, Equatable {
    package var displayName: String
    package var kind = AccountKind.atlassian
    /// `nil`: one is made up.
    package var accountID: String?

    package init(displayName: String, kind: AccountKind = .atlassian, accountID: String? = nil) {
        self.displayName = displayName
        self.kind = kind
        self.accountID = accountID
    }
}

extension People {
    mutating func apply(_ change: PersonChange, to index: PersonIndex) throws(ActivityError) {
        var person = self[index]
        switch change {
        case .grant(let key):
            let role = try role(key)
            person.roles = Self.adding([role], to: person.roles)
            let granting = groups.firstIndex { $0.applicationKeys.contains(key) }
            person.groups = Self.adding(granting.map { [$0] } ?? [], to: person.groups)
        case .withdraw(let key):
            let role = try role(key)
            person.roles.removeAll { $0 == role }
            person.groups.removeAll { groups[$0].applicationKeys.contains(key) }
        case .join(let name):
            let group = try group(name)
            person.groups = Self.adding([group], to: person.groups)
            person.roles = Self.adding(roles(grantedBy: [group]), to: person.roles)
        case .leave(let name):
            let group = try group(name)
            person.groups.removeAll { $0 == group }
            let kept = roles(grantedBy: person.groups)
            let lost = roles(grantedBy: [group]).filter { !kept.contains($0) }
            person.roles.removeAll { lost.contains($0) }
        case .deactivate: person.isEnabled = false
        case .reactivate: person.isEnabled = true
        case .rename(let name): person.displayName = name
        }
        // A recorded site may know more of them by number than by name.
        person.groupCount += person.groups.count - self[index].groups.count
        person.roleCount += person.roles.count - self[index].roles.count
        replace(index, by: person)
    }

    mutating func add(_ account: NewAccount) throws(ActivityError) -> String {
        var draw = Draw(seed: UInt64(all.count), .person, all.count)
        let accountID = account.accountID ?? "712020:\(draw.uuid())"
        guard index(of: accountID) == nil else { throw .accountExists(accountID) }
        append(
            Person(
                accountID: accountID, kind: account.kind, isEnabled: true, displayName: account.displayName,
                groupCount: 0, roleCount: 0))
        return accountID
    }

    private static func adding(_ some: [Int], to others: [Int]) -> [Int] {
        Set(others).union(some).sorted()
    }

    private func role(_ key: String) throws(ActivityError) -> Int {
        guard let role = roles.firstIndex(where: { $0.key == key }) else { throw .unknownRole(key) }
        return role
    }

    private func group(_ name: String) throws(ActivityError) -> Int {
        guard let group = groups.firstIndex(where: { $0.id == name || $0.name == name }) else {
            throw .unknownGroup(name)
        }
        return group
    }

    private func roles(grantedBy some: [Int]) -> [Int] {
        let keys = Set(some.flatMap { groups[$0].applicationKeys })
        return roles.indices.filter { keys.contains(roles[$0].key) }
    }
}
