import HTTPTypes

/// Searching by JQL (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/).
enum SearchRoutes {
    static let endpoints: [Endpoint] = [
        .get("/search/jql", .scope(.readJiraWork), search),
        .post("/search/jql", .scope(.readJiraWork), search),
        .post("/search/approximate-count", .scope(.readJiraWork), burst: 150, count),
        .get("/search", .scope(.readJiraWork)) { _ throws(Refusal) in throw removed },
        .post("/search", .scope(.readJiraWork)) { _ throws(Refusal) in throw removed },
    ]

    private static let removed = Refusal.jira(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
            + "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")

    private struct Request: Decodable {
        var jql: String?
        var nextPageToken: String?
        var maxResults: Int?
        var fields: [String]?
        var expand: String?
        var properties: [String]?
        var reconcileIssues: [LenientID]?

        init(_ call: Call) throws(Refusal) {
            guard call.method == .get else {
                self = try call.decoded(Request.self)
                return
            }
            jql = call.first("jql")
            nextPageToken = call.first("nextPageToken")
            maxResults = try call.number("maxResults", default: 50)
            fields = call.list("fields")
            expand = call.first("expand")
            properties = call.list("properties")
            guard call.list("reconcileIssues").count <= 50 else { throw tooManyReconciled }
        }
    }

    private static let tooManyReconciled = Refusal.jira(400, "At most 50 issues can be reconciled.")

    private static func search(_ call: SiteCall) throws(Refusal) -> Reply {
        let request = try Request(call.call)
        guard (request.properties ?? []).count <= 5 else {
            throw .jira(400, "At most 5 issue properties can be requested.")
        }
        let reconciled = request.reconcileIssues ?? []
        guard reconciled.count <= 50 else { throw tooManyReconciled }
        let jql = request.jql ?? ""
        // Issues to be reconciled are read as they are now; with any of them the whole index is.
        let snapshot = reconciled.isEmpty ? call.index : call.snapshot
        let search = try query(jql, snapshot, call)
        let start = try start(request, in: snapshot, call)
        let fields = request.fields ?? []
        let selection = FieldSelection(fields, standard: ["id"])
        let expandsChangelog = (request.expand ?? "").split(separator: ",").contains("changelog")
        let isLarge = FieldSelection.isKeysOnly(fields) && !expandsChangelog
        let asked = request.maxResults ?? 50
        guard (0...5000).contains(asked) else {
            throw .jira(400, "The value of maxResults must be between 0 and 5000.")
        }
        let limit = min(asked == 0 ? 50 : asked, isLarge ? 5000 : 100)
        let page = search.page(from: start, limit: limit, tokens: call.configuration.pageTokens)
        let writer = IssueWriter(snapshot)
        return .object { json in
            json.array("issues") { json in
                for position in page.positions {
                    guard !selection.isIDOnly || expandsChangelog else {
                        let id = snapshot.outline(at: position).id
                        json.object { $0.member("id", String(id)) }
                        continue
                    }
                    json.object { json in
                        writer.issue(
                            snapshot.issue(at: position), selection, expandingChangelog: expandsChangelog,
                            caps: .embedded, &json)
                    }
                }
            }
            if let next = page.next {
                json.member("nextPageToken", PageToken.token(next, of: jql, now: call.now))
            }
            json.member("isLast", page.next == nil)
        }
        .costing(rows: page.positions.count)
    }

    /// Where the page begins that the request's token stands for; `nil` for the first.
    private static func start(
        _ request: Request, in snapshot: SiteSnapshot, _ call: SiteCall
    ) throws(Refusal) -> IssueSearch.Start? {
        guard let token = request.nextPageToken, !token.isEmpty else { return nil }
        let invalid = Refusal.jira(400, "The provided next page token is invalid or expired.")
        guard let start = PageToken.start(token, of: request.jql ?? "", now: call.now) else { throw invalid }
        switch start {
        case .row(let number): guard number >= 0 else { throw invalid }
        case .after(let cursor): guard (0..<snapshot.positionCount).contains(cursor.position) else { throw invalid }
        }
        return start
    }

    private struct CountRequest: Decodable {
        var jql: String?
    }

    private static func count(_ call: SiteCall) throws(Refusal) -> Reply {
        let jql = try call.call.decoded(CountRequest.self).jql ?? ""
        let count = try query(jql, call.index, call).count()
        return .object { $0.member("count", count) }
    }

    private static func query(
        _ jql: String, _ snapshot: SiteSnapshot, _ call: SiteCall
    ) throws(Refusal) -> IssueSearch {
        do {
            return try IssueSearch(
                jql, on: snapshot, dates: call.dates, updatedByLimit: call.configuration.updatedByLimit)
        } catch {
            throw .jira(400, error.message)
        }
    }
}
