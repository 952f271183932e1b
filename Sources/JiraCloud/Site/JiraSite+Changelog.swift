package import UsageModel

/// One change of an issue: what somebody did to any number of fields at one instant.
package struct History: Hashable, Sendable {
    package let id: Int64
    package let issue: IssueID
    /// `nil` for nobody: anonymous, automation, or an account that is gone.
    package let author: AccountID?
    package let at: Instant
    package let items: [HistoryItem]

    package init(id: Int64, issue: IssueID, author: AccountID?, at: Instant, items: [HistoryItem]) {
        self.id = id
        self.issue = issue
        self.author = author
        self.at = at
        self.items = items
    }
}

/// What kind of field changed. What it said before and after is not read.
package enum HistoryItem: Hashable, Sendable {
    case status
    case attachment
    /// A worklog was added, changed or deleted; its id where Jira wrote one.
    case worklog(Int64?)
    /// `timespent` or `timeestimate`, which change beside a worklog, or by hand.
    case timeTracking
    case other
}

package struct HistoryPage: Hashable, Sendable {
    /// In no order to rely on. An issue may go on in the next page; the same history may come twice.
    package let histories: [History]
    /// Where the next page starts; `nil` after the last one.
    package let next: String?
}

extension JiraSite {
    /// A page of the histories of up to 1000 issues, up to 10,000 of them. Issues without any, and those hidden from the
    /// account that consented, are simply absent.
    ///
    /// Asked without a filter by field: Jira would drop attachments and worklogs, which have no field id.
    package func histories(of issues: [IssueID], pageToken: String?) async throws(JiraError) -> HistoryPage {
        let answer = try await connection.scan(
            ScannedHistories.self, .changelog, "/changelog/bulkfetch",
            body: encoded(
                HistoryRequest(
                    issueIdsOrKeys: issues.map(\.description), maxResults: 10_000, nextPageToken: pageToken)))
        connection.charge(.changelog, rows: answer.issueCount)
        return HistoryPage(
            histories: answer.histories, next: try successor(of: pageToken, answer.nextPageToken, .changelog))
    }
}

private struct HistoryRequest: Encodable {
    let issueIdsOrKeys: [String]
    let maxResults: Int
    let nextPageToken: String?
}
