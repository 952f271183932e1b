package import UsageModel

extension JiraSite {
    /// The issues with these ids, without their comments, in no order to rely on. What is gone, or hidden from the
    /// account that consented, is simply absent.
    ///
    /// Read from Jira's own records, as far as is known, and not from the search index. A thousand a request where
    /// the site takes so many; where it answers 400 to that, a hundred from then on. Both figures are Atlassian's, in
    /// different years: <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>.
    package func issues(ids: [IssueID]) async throws(JiraError) -> [IssueSummary] {
        var found: [IssueSummary] = []
        found.reserveCapacity(ids.count)
        var rest = ids[...]
        var limit = connection.state.issuesPerFetch
        while !rest.isEmpty {
            let some = rest.prefix(limit)
            do throws(JiraError) {
                found += try await bulkFetch(some, fields: Self.traces)
            } catch .badRequest where some.count > Self.issuesPerFetchAtLeast {
                limit = Self.issuesPerFetchAtLeast
                continue
            }
            // Only now is it known that the number was what was wrong.
            if limit == Self.issuesPerFetchAtLeast { connection.state.issuesPerFetch = limit }
            rest = rest.dropFirst(some.count)
        }
        return found
    }

    /// As `issues`, with as many of their comments as Jira includes, 20 at most; a hundred issues a request.
    package func issuesWithComments(ids: [IssueID]) async throws(JiraError) -> [IssueSummary] {
        var found: [IssueSummary] = []
        found.reserveCapacity(ids.count)
        var rest = ids[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.issuesPerFetchAtLeast)
            found += try await bulkFetch(some, fields: Self.traces + ["comment"])
            rest = rest.dropFirst(some.count)
        }
        return found
    }

    /// Of an issue's own fields those that tell who worked on it, and when.
    private static let traces = ["creator", "created", "updated"]

    /// What every site takes, whatever the fields.
    static let issuesPerFetchAtLeast = 100

    private func bulkFetch(_ ids: ArraySlice<IssueID>, fields: [String]) async throws(JiraError) -> [IssueSummary] {
        let answer = try await connection.scan(
            ScannedSearch<IssueSummary>.self, .issues, "/issue/bulkfetch",
            body: encoded(BulkFetchRequest(issueIdsOrKeys: ids.map(\.description), fields: fields)))
        connection.charge(.issues, rows: answer.issues.count)
        return answer.issues
    }
}

private struct BulkFetchRequest: Encodable {
    let issueIdsOrKeys: [String]
    let fields: [String]
}
