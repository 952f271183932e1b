import UsageModel

/// A person, app or customer. Of the directory's many members only those that we keep.
struct WireUser: Decodable {
    let accountId: String?
    let accountType: String?
    let displayName: String?
    let emailAddress: String?
    let active: Bool?
    let timeZone: String?
    let groups: WireList<WireGroup>?
    let applicationRoles: WireList<WireRole>?

    var account: AccountID? { accountId.flatMap { AccountID(rawValue: $0) } }

    /// `nil` where the account id cannot be used.
    var person: Person? {
        account.map {
            Person(
                account: $0,
                displayName: displayName ?? "",
                email: emailAddress.flatMap { $0.isEmpty ? nil : $0 },
                accountType: accountType.flatMap { AccountType(rawValue: $0) } ?? .unknown,
                // Not said: a seat too many is looked at, a seat too few is not.
                isEnabled: active ?? true)
        }
    }
}

/// Atlassian's `SimpleListWrapper`: `size` is true even where `items` are left out.
struct WireList<Item: Decodable>: Decodable {
    let size: Int?
    let items: [Item]?

    /// How many there are, named or not.
    var count: Int { max(size ?? 0, items?.count ?? 0) }
}

struct WireRole: Decodable {
    let key: String
    let name: String?
}

extension WireList<WireRole> {
    var applicationRoles: [ApplicationRole] {
        (items ?? []).map { ApplicationRole(key: $0.key, name: $0.name ?? $0.key) }
    }
}

struct WireGroup: Decodable {
    let groupId: String?
    let name: String?

    static func groups(_ rows: [WireGroup], in endpoint: Endpoint) throws(JiraError) -> [Group] {
        var groups: [Group] = []
        for row in rows {
            // A group without an id is still told apart by its name, which is unique on a site.
            guard let id = row.groupId ?? row.name else { throw .malformed(endpoint, "a group without id and name") }
            groups.append(Group(id: id, name: row.name ?? id))
        }
        return groups
    }
}

extension WireList<WireGroup> {
    func named(in endpoint: Endpoint) throws(JiraError) -> [Group] {
        try WireGroup.groups(items ?? [], in: endpoint)
    }
}
