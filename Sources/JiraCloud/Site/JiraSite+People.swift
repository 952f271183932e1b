package import UsageModel

/// A page of a site's directory: people, apps and customers, enabled or not.
package struct UserPage: Hashable, Sendable {
    /// Without the rows whose account id cannot be used.
    package let people: [Person]
    /// How many rows Jira gave: the next page starts this much further. 0 is the end, and nothing else is.
    package let rowCount: Int
    /// The page size that Jira managed; ask the next page with it.
    package let limit: Int
}

package struct PersonWithAccess: Hashable, Sendable {
    package let person: Person
    /// `nil` where Jira told nothing about roles: not the same as having none.
    package let access: Access?
}

extension JiraSite {
    /// Everybody the directory has, from a place in it on.
    ///
    /// Jira answers 409 when a page takes it more than ten seconds; then half as many are asked for, down to 50.
    ///
    /// - Parameter limit: 1 to 1000.
    package func users(startAt: Int, limit: Int = 1000) async throws(JiraError) -> UserPage {
        var limit = limit
        while true {
            do throws(JiraError) {
                let rows = try await connection.get(
                    [WireUser].self, .users, "/users/search",
                    query: [("startAt", "\(startAt)"), ("maxResults", "\(limit)")])
                connection.charge(.users, rows: rows.count, each: 2)
                return UserPage(people: rows.compactMap(\.person), rowCount: rows.count, limit: limit)
            } catch {
                guard error == .tooExpensive(.users), limit > 50 else { throw error }
                limit = max(50, limit / 2)
            }
        }
    }

    /// A person with their application roles and groups; `nil` where Jira knows no such account, or shows none.
    ///
    /// Costs a second request where Jira names fewer groups than it counts.
    package func access(of account: AccountID) async throws(JiraError) -> PersonWithAccess? {
        let user: WireUser
        do throws(JiraError) {
            user = try await connection.get(
                WireUser.self, .user, "/user",
                query: [("accountId", account.rawValue), ("expand", "groups,applicationRoles")])
        } catch {
            guard error == .notFound(.user) else { throw error }
            return nil
        }
        connection.charge(.user, rows: 1, each: 2)
        guard let person = user.person else { throw .malformed(.user, "accountId is no account's") }
        guard let roles = user.applicationRoles else { return PersonWithAccess(person: person, access: nil) }
        var groups = try user.groups?.named(in: .user) ?? []
        let groupCount = user.groups?.count
        if groupCount.map({ groups.count < $0 }) ?? true { groups = try await self.groups(of: account) }
        return PersonWithAccess(
            person: person,
            access: Access(
                roles: roles.applicationRoles, roleCount: roles.count, groups: groups,
                groupCount: groupCount ?? groups.count))
    }

    /// Every group of a person.
    package func groups(of account: AccountID) async throws(JiraError) -> [Group] {
        let rows = try await connection.get(
            [WireGroup].self, .userGroups, "/user/groups", query: [("accountId", account.rawValue)])
        connection.charge(.userGroups, rows: rows.count, each: 2)
        return try WireGroup.groups(rows, in: .userGroups)
    }
}
