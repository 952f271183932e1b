package import UsageModel

/// A project that the account which consented may see.
package struct Project: Hashable, Sendable {
    package let id: Int64
    package let key: String
    package let name: String
    /// Archived projects are read by nobody, and a search leaves their issues out.
    package let isArchived: Bool
    /// How many issues it has. `nil` where Jira does not tell.
    package let totalIssueCount: Int?
    /// When one of its issues was last updated. `nil` where it has none, or Jira does not tell.
    package let lastIssueUpdate: Instant?

    package init(
        id: Int64, key: String, name: String, isArchived: Bool, totalIssueCount: Int?, lastIssueUpdate: Instant?
    ) {
        self.id = id
        self.key = key
        self.name = name
        self.isArchived = isArchived
        self.totalIssueCount = totalIssueCount
        self.lastIssueUpdate = lastIssueUpdate
    }
}

package struct ProjectPage: Hashable, Sendable {
    package let projects: [Project]
    /// Where the next page starts; `nil` after the last one.
    package let next: Int?
}

extension JiraSite {
    /// A page of the projects, live or archived, by key.
    ///
    /// Jira's own link to the next page names the site's host, where our tokens are good for nothing; so only numbers
    /// are taken from an answer.
    ///
    /// - Parameter limit: 1 to 100.
    package func projects(startAt: Int, limit: Int = 100) async throws(JiraError) -> ProjectPage {
        let page = try await connection.get(
            WirePage<WireProject>.self, .projects, "/project/search",
            query: [
                ("expand", "insight"), ("status", "live"), ("status", "archived"), ("orderBy", "key"),
                ("startAt", "\(startAt)"), ("maxResults", "\(limit)"),
            ])
        connection.charge(.projects, rows: page.rows.count)
        return ProjectPage(projects: page.rows.map(\.project), next: page.next(after: startAt))
    }

    /// Every project, live or archived.
    package func projects() async throws(JiraError) -> [Project] {
        var projects: [Project] = []
        var start: Int? = 0
        while let startAt = start {
            let page = try await self.projects(startAt: startAt)
            projects += page.projects
            start = page.next
        }
        return projects.uniqued(by: \.id)
    }
}

private struct WireProject: Decodable {
    struct Insight: Decodable {
        let totalIssueCount: WireNumber?
        let lastIssueUpdateTime: WireInstant?
    }

    let id: WireNumber
    let key: String
    let name: String?
    let archived: Bool?
    let insight: Insight?

    var project: Project {
        Project(
            id: id.value, key: key, name: name ?? key, isArchived: archived ?? false,
            totalIssueCount: insight?.totalIssueCount.map { Int($0.value) },
            lastIssueUpdate: insight?.lastIssueUpdateTime?.value)
    }
}
