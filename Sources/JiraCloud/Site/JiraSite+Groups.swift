package import UsageModel

package struct GroupPage: Hashable, Sendable {
    package let groups: [Group]
    /// Where the next page starts; `nil` after the last one.
    package let next: Int?
}

extension JiraSite {
    /// A page of the groups whose members hold an application role, such as `jira-software`.
    ///
    /// - Parameter limit: Atlassian does not say how many it gives at most; 50 is its own choice.
    package func groups(
        granting role: String, startAt: Int, limit: Int = 50
    ) async throws(JiraError) -> GroupPage {
        let page = try await connection.get(
            WirePage<WireGroup>.self, .groups, "/group/bulk",
            query: [
                ("applicationKey", role), ("accessType", "user"), ("startAt", "\(startAt)"),
                ("maxResults", "\(limit)"),
            ])
        connection.charge(.groups, rows: page.rows.count, each: 2)
        return GroupPage(groups: try WireGroup.groups(page.rows, in: .groups), next: page.next(after: startAt))
    }

    /// Every group whose members hold an application role.
    package func groups(granting role: String) async throws(JiraError) -> [Group] {
        var groups: [Group] = []
        var start: Int? = 0
        while let startAt = start {
            let page = try await self.groups(granting: role, startAt: startAt)
            groups += page.groups
            start = page.next
        }
        return groups.uniqued(by: \.id)
    }
}
