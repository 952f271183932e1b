/// Worklogs (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/).
enum WorklogRoutes {
    static let endpoints: [Endpoint] = [
        .get("/worklog/updated", .scope(.readJiraWork)) { call throws(Refusal) in try feed(.updated, call) },
        .get("/worklog/deleted", .scope(.readJiraWork)) { call throws(Refusal) in try feed(.deleted, call) },
        .post("/worklog/list", .scope(.readJiraWork), list),
        .get("/issue/{issueIdOrKey}/worklog", .scope(.readJiraWork), worklogs),
    ]

    private static let pageSize = 1000

    /// Ids by the time of their last change, the oldest first; nothing of the last minute.
    private static func feed(_ kind: WorklogFeed.Kind, _ call: SiteCall) throws(Refusal) -> Reply {
        let since = Moment(milliseconds: Int64(try call.call.number("since", default: 0)))
        let end = call.now.advanced(bySeconds: -60)
        let entries = call.site.worklogFeed.entries(
            kind, since: since, before: end, limit: pageSize + 1, of: call.snapshot)
        let page = entries.prefix(pageSize)
        let until = page.last?.at ?? max(since, end)
        let isLast = entries.count <= pageSize
        let path = "rest/api/3/worklog/\(kind == .updated ? "updated" : "deleted")"
        return .object { json in
            // Links name the site's own host, where no token is good for anything.
            json.member("self", "\(call.identity.url)/\(path)?since=\(since.milliseconds)")
            if !isLast { json.member("nextPage", "\(call.identity.url)/\(path)?since=\(until.milliseconds)") }
            json.member("since", since.milliseconds)
            json.member("until", until.milliseconds)
            json.member("lastPage", isLast)
            json.array("values") { json in
                for entry in page {
                    json.object { json in
                        json.member("worklogId", entry.id)
                        json.member("updatedTime", entry.at.milliseconds)
                        json.array("properties") { _ in }
                    }
                }
            }
        }
        .costing(rows: page.count)
    }

    private static func list(_ call: SiteCall) throws(Refusal) -> Reply {
        let ids = try IDList(call).ids
        var found: [Worklog] = []
        for id in ids {
            guard let position = call.snapshot.position(holdingWorklog: id) else { continue }
            let issue = call.snapshot.issue(at: position)
            guard call.snapshot.isVisible(issue),
                let worklog = issue.worklogs.first(where: { $0.id == id })
            else { continue }
            found.append(worklog)
        }
        let writer = IssueWriter(call.snapshot)
        return .array { json in
            for worklog in found { json.object { writer.worklog(worklog, &$0) } }
        }
        .costing(rows: found.count)
    }

    private static func worklogs(_ call: SiteCall) throws(Refusal) -> Reply {
        let issue = try call.issue()
        guard call.configuration.timeTracking else { throw .jira(404, "Time Tracking is not enabled.") }
        let page = try PageRequest(call.call, default: 5000, cap: 5000)
        let after = Moment(milliseconds: Int64(try call.call.number("startedAfter", default: 0)))
        let before = Moment(milliseconds: Int64(try call.call.number("startedBefore", default: Int.max / 2)))
        let chosen = issue.worklogs.filter { $0.started >= after && $0.started < before }
        let rows = page.rows(of: chosen)
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            writer.worklogs(rows, start: page.start, limit: page.limit, of: issue, &json)
        }
        .costing(rows: rows.count)
    }
}
