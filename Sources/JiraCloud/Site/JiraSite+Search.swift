package import UsageModel

/// What an issue tells of those who worked on it, beside its histories and worklogs.
package struct IssueSummary: Hashable, Sendable {
    package let id: IssueID
    package let key: String
    /// `nil` for nobody: an anonymous issue.
    package let creator: AccountID?
    package let created: Instant
    /// Never older than the newest activity on the issue.
    package let updated: Instant
    /// As many as Jira includes in a search, 20 at most.
    package let comments: [Comment]
    /// How many comments there are. `nil` where Jira left the field out: then only `comments(of:)` knows.
    package let commentTotal: Int?

    package init(
        id: IssueID, key: String, creator: AccountID?, created: Instant, updated: Instant, comments: [Comment],
        commentTotal: Int?
    ) {
        self.id = id
        self.key = key
        self.creator = creator
        self.created = created
        self.updated = updated
        self.comments = comments
        self.commentTotal = commentTotal
    }
}

package struct IssuePage: Hashable, Sendable {
    package let issues: [IssueSummary]
    /// Where the next page starts; good for seven days; `nil` after the last one. A short page is not the end.
    package let next: String?
}

package struct IssueIDPage: Hashable, Sendable {
    package let ids: [IssueID]
    /// As in `IssuePage`.
    package let next: String?
}

extension JiraSite {
    /// A page of the issues that match. The text must be the same for all pages of one walk.
    ///
    /// - Parameter limit: 1 to 100: Jira gives no more where it gives fields.
    package func searchIssues(
        jql: String, pageToken: String?, limit: Int = 100
    ) async throws(JiraError) -> IssuePage {
        let answer = try await search(
            IssueSummary.self, jql, pageToken, limit, fields: ["creator", "created", "updated", "comment"])
        return IssuePage(issues: answer.issues, next: answer.next)
    }

    /// As `searchIssues`, but ids only, and many more of them.
    ///
    /// - Parameter limit: 1 to 5000.
    package func searchIssueIDs(
        jql: String, pageToken: String?, limit: Int = 5000
    ) async throws(JiraError) -> IssueIDPage {
        let answer = try await search(IssueID.self, jql, pageToken, limit, fields: ["id"])
        return IssueIDPage(ids: answer.issues, next: answer.next)
    }

    /// How many issues match, as the search index knows it: it may lag by minutes.
    package func approximateCount(jql: String) async throws(JiraError) -> Int {
        let answer = try await connection.post(
            WireCount.self, .count, "/search/approximate-count", body: CountRequest(jql: jql))
        return Int(answer.count.value)
    }

    private func search<Row: ScannedRow>(
        _ row: Row.Type, _ jql: String, _ pageToken: String?, _ limit: Int, fields: [String]
    ) async throws(JiraError) -> (issues: [Row], next: String?) {
        let answer = try await connection.scan(
            ScannedSearch<Row>.self, .search, "/search/jql",
            body: encoded(SearchRequest(jql: jql, nextPageToken: pageToken, maxResults: limit, fields: fields)))
        connection.charge(.search, rows: answer.issues.count)
        let token = answer.isLast == true ? nil : answer.nextPageToken
        return (answer.issues, try successor(of: pageToken, token, .search))
    }

    /// The token of the next page. One that is the same again would have us read one page for ever.
    func successor(of asked: String?, _ next: String?, _ endpoint: Endpoint) throws(JiraError) -> String? {
        guard let next, !next.isEmpty else { return nil }
        guard next != asked else { throw .malformed(endpoint, "nextPageToken comes again") }
        return next
    }
}

private struct SearchRequest: Encodable {
    let jql: String
    let nextPageToken: String?
    let maxResults: Int
    let fields: [String]
}

private struct CountRequest: Encodable {
    let jql: String
}

private struct WireCount: Decodable {
    let count: WireNumber
}
