package import UsageModel

/// A worklog, without what it says. When the work was done is typed in by hand and no trace of activity.
package struct Worklog: Hashable, Sendable {
    package let id: Int64
    package let issue: IssueID
    package let author: AccountID?
    package let created: Instant
    package let updateAuthor: AccountID?
    /// Equal to `created` where there was no edit.
    package let updated: Instant

    package init(
        id: Int64, issue: IssueID, author: AccountID?, created: Instant, updateAuthor: AccountID?, updated: Instant
    ) {
        self.id = id
        self.issue = issue
        self.author = author
        self.created = created
        self.updateAuthor = updateAuthor
        self.updated = updated
    }
}

/// That a worklog was added or edited.
package struct WorklogChange: Hashable, Sendable {
    package let id: Int64
    /// `nil` where Jira does not tell.
    package let at: Instant?
}

/// A page of the feed of worklogs that changed, on the whole site, oldest change first.
package struct ChangedWorklogPage: Hashable, Sendable {
    package let changes: [WorklogChange]
    /// Where the next page starts: always later than what was asked for, unless this is the last page. The bound may
    /// be inclusive, so an id may come twice.
    package let until: Instant
    /// The last minute is never in the feed.
    package let isLast: Bool

    package var ids: [Int64] { changes.map(\.id) }
}

extension JiraSite {
    /// A page of the worklogs that were added or edited since an instant.
    package func changedWorklogs(since: Instant) async throws(JiraError) -> ChangedWorklogPage {
        let answer = try await connection.get(
            WireWorklogFeed.self, .updatedWorklogs, "/worklog/updated", query: [("since", "\(since.milliseconds)")])
        let values = answer.values ?? []
        connection.charge(.updatedWorklogs, rows: values.count)
        var until = answer.until?.value ?? values.compactMap(\.updatedTime?.value).max() ?? since
        // A page without anything that does not lead on either would be asked for once a millisecond.
        let isLast = answer.lastPage ?? values.isEmpty || (values.isEmpty && until <= since)
        // A full page of changes of one millisecond would come again for ever.
        if !isLast, until <= since { until = since + .milliseconds(1) }
        return ChangedWorklogPage(
            changes: values.map { WorklogChange(id: $0.worklogId.value, at: $0.updatedTime?.value) },
            until: max(until, since), isLast: isLast)
    }

    /// The worklogs with these ids, at most 1000. Those hidden from the account that consented are absent.
    package func worklogs(ids: [Int64]) async throws(JiraError) -> [Worklog] {
        let rows = try await connection.post(
            [WireWorklog].self, .worklogs, "/worklog/list", body: WorklogRequest(ids: ids))
        connection.charge(.worklogs, rows: rows.count)
        return rows.map(\.worklog)
    }
}

private struct WorklogRequest: Encodable {
    let ids: [Int64]
}

private struct WireWorklogFeed: Decodable {
    struct Change: Decodable {
        let worklogId: WireNumber
        let updatedTime: WireInstant?
    }

    let values: [Change]?
    let until: WireInstant?
    let lastPage: Bool?
}

private struct WireWorklog: Decodable {
    let id: WireNumber
    let issueId: WireNumber
    let author: WireAuthor?
    let created: WireInstant
    let updateAuthor: WireAuthor?
    let updated: WireInstant?

    var worklog: Worklog {
        Worklog(
            id: id.value, issue: IssueID(rawValue: issueId.value), author: author?.account, created: created.value,
            updateAuthor: updateAuthor?.account, updated: updated?.value ?? created.value)
    }
}
