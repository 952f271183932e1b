/// Comments (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/).
enum CommentRoutes {
    static let endpoints: [Endpoint] = [
        .get("/issue/{issueIdOrKey}/comment", .scope(.readJiraWork), comments),
        .post("/comment/list", .scope(.readJiraWork), list),
    ]

    private static func comments(_ call: SiteCall) throws(Refusal) -> Reply {
        let issue = try call.issue()
        let page = try PageRequest(call.call, default: 100, cap: 100)
        let all: [Comment]
        switch call.call.first("orderBy") ?? "created" {
        case "created", "+created": all = issue.comments
        case "-created": all = issue.comments.reversed()
        case let other: throw .jira(400, "The comments cannot be ordered by '\(other)'.")
        }
        let rows = page.rows(of: all)
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            writer.comments(rows, start: page.start, limit: page.limit, of: issue, &json)
        }
        .costing(rows: rows.count)
    }

    private static func list(_ call: SiteCall) throws(Refusal) -> Reply {
        let ids = try IDList(call).ids
        let writer = IssueWriter(call.snapshot)
        var found: [(Comment, Issue)] = []
        for id in ids {
            guard let position = call.snapshot.position(holdingComment: id) else { continue }
            let issue = call.snapshot.issue(at: position)
            guard call.snapshot.isVisible(issue),
                let comment = issue.comments.first(where: { $0.id == id })
            else { continue }
            found.append((comment, issue))
        }
        return .object { json in
            json.member("startAt", 0)
            json.member("maxResults", 1_048_576)
            json.member("total", found.count)
            json.member("isLast", true)
            json.array("values") { json in
                for (comment, issue) in found { json.object { writer.comment(comment, of: issue, &$0) } }
            }
        }
        .costing(rows: found.count)
    }
}

/// The body of comment/list and worklog/list: 1 to 1000 ids.
struct IDList {
    let ids: [Int64]

    private struct Request: Decodable {
        var ids: [LenientID]
    }

    init(_ call: SiteCall) throws(Refusal) {
        let request = try call.call.decoded(Request.self)
        guard (1...1000).contains(request.ids.count) else {
            throw .jira(400, "The number of ids must be between 1 and 1000.")
        }
        ids = request.ids.compactMap { Int64($0.text) }
    }
}
