/// What happened to issues
/// (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-changelog-bulkfetch-post).
enum ChangelogRoutes {
    static let endpoints: [Endpoint] = [
        .post("/changelog/bulkfetch", .scope(.readJiraWork), bulkFetch),
        .get("/issue/{issueIdOrKey}/changelog", .scope(.readJiraWork), burst: 200, changelog),
        .post("/issue/{issueIdOrKey}/changelog/list", .scope(.readJiraWork), list),
    ]

    private struct BulkRequest: Decodable {
        var issueIdsOrKeys: [LenientID]
        var fieldIds: [String]?
        var maxResults: Int?
        var nextPageToken: String?
    }

    private struct Row {
        let issue: Int64
        let history: History

        /// The order of pages: by time, then issue, then history.
        var rank: (Moment, Int64, Int64) { (history.created, issue, history.id) }
    }

    /// Histories of up to 1000 issues, the oldest first; an issue may come again on later pages.
    private static func bulkFetch(_ call: SiteCall) throws(Refusal) -> Reply {
        let request = try call.call.decoded(BulkRequest.self)
        guard (1...1000).contains(request.issueIdsOrKeys.count) else {
            throw .jira(400, "issueIdsOrKeys must hold between 1 and 1000 issues.")
        }
        let fieldIDs = request.fieldIds ?? []
        guard fieldIDs.count <= 10 else { throw .jira(400, "At most 10 fieldIds can be given.") }
        let asked = request.maxResults ?? 1000
        guard (0...10_000).contains(asked) else {
            throw .jira(400, "The value of maxResults must be between 1 and 10000.")
        }
        let limit = asked == 0 ? 1000 : asked
        let positions = Set(request.issueIdsOrKeys.compactMap { call.visiblePosition(of: $0.text) }).sorted()
        var rows: [Row] = []
        for position in positions {
            let issue = call.snapshot.issue(at: position)
            for history in issue.histories where fieldIDs.isEmpty || history.touches(fieldIDs) {
                rows.append(Row(issue: issue.id, history: history))
            }
        }
        rows.sort { $0.rank < $1.rank }
        if let token = request.nextPageToken, !token.isEmpty {
            guard let last = lastRank(token) else {
                throw .jira(400, "The provided next page token is invalid or expired.")
            }
            rows.removeFirst(rows.partitionPoint { $0.rank > last })
        }
        let page = rows.prefix(limit)
        var pageIssues: [Int64] = []
        var histories: [Int64: [History]] = [:]
        for row in page {
            if histories[row.issue] == nil { pageIssues.append(row.issue) }
            histories[row.issue, default: []].append(row.history)
        }
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            json.array("issueChangeLogs") { json in
                for issue in pageIssues {
                    json.object { json in
                        json.member("issueId", String(issue))
                        json.array("changeHistories") { json in
                            for history in histories[issue] ?? [] {
                                json.object { writer.history(history, epoch: true, &$0) }
                            }
                        }
                    }
                }
            }
            json.member(nullable: "nextPageToken", rows.count > limit ? page.last.map { token($0.rank) } : nil)
        }
        .costing(rows: pageIssues.count)
    }

    private static func token(_ rank: (Moment, Int64, Int64)) -> String {
        "c\(String(rank.0.milliseconds, radix: 36)).\(String(rank.1, radix: 36)).\(String(rank.2, radix: 36))"
    }

    private static func lastRank(_ token: String) -> (Moment, Int64, Int64)? {
        let parts = token.dropFirst().split(separator: ".").compactMap { Int64($0, radix: 36) }
        guard token.hasPrefix("c"), parts.count == 3 else { return nil }
        return (Moment(milliseconds: parts[0]), parts[1], parts[2])
    }

    private static func changelog(_ call: SiteCall) throws(Refusal) -> Reply {
        let issue = try call.issue()
        let page = try PageRequest(call.call, default: 100, cap: 100)
        let rows = page.rows(of: issue.histories)
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            json.member("self", "\(call.identity.gateway)/issue/\(issue.id)/changelog")
            page.bean(&json, total: issue.histories.count)
            json.array("values") { json in
                for history in rows { json.object { writer.history(history, &$0) } }
            }
        }
        .costing(rows: rows.count)
    }

    private struct ListRequest: Decodable {
        var changelogIds: [LenientID]
    }

    private static func list(_ call: SiteCall) throws(Refusal) -> Reply {
        let issue = try call.issue()
        let ids = Set(try call.call.decoded(ListRequest.self).changelogIds.map(\.text))
        let rows = issue.histories.filter { ids.contains(String($0.id)) }
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            json.member("startAt", 0)
            json.member("maxResults", rows.count)
            json.member("total", rows.count)
            json.array("histories") { json in
                for history in rows { json.object { writer.history(history, &$0) } }
            }
        }
        .costing(rows: rows.count)
    }
}

extension History {
    fileprivate func touches(_ fieldIDs: [String]) -> Bool {
        items.contains { item in item.fieldID.map { fieldIDs.contains($0) } ?? false }
    }
}
