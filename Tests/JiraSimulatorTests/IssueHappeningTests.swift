import JiraSimulator
import Testing

@Suite("Issues are deleted, moved, hidden and commented in silence", .timeLimit(.minutes(5)))
struct IssueHappeningTests {
    private func oracle(_ browser: Browser, deleted: Bool = true, onceVisible: Bool = true) throws -> Oracle {
        try #require(browser.simulator.oracle(includesDeleted: deleted, includesOnceVisible: onceVisible))
    }

    /// Somebody who has done nothing yet.
    private func newcomer(_ browser: Browser) throws -> String {
        try #require(try oracle(browser).users.first { $0.seat && $0.lastActivity == nil }).accountID
    }

    @Test("A deleted issue is gone from every answer; its worklogs are in worklog/deleted", arguments: [true, false])
    func deletion(isNew: Bool) async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let issue = isNew ? try browser.simulator.perform(deed: .created, accountID: account)[0].issueKey : "10005"
            let comment = try browser.simulator.perform(deed: .commented, accountID: account, issue: issue)[0]
            let work = try browser.simulator.perform(deed: .worklogged, accountID: account, issue: issue)[0]
            let id = String(work.issueID)
            let worklogs = try await browser.get("/issue/\(id)/worklog").json["worklogs"].array
            let comments = try await browser.get("/issue/\(id)/comment").json["comments"].array
            let before = try await browser.count("created >= 0")
            let since = browser.simulator.now.milliseconds
            try browser.simulator.deleteIssue(issue)
            #expect(try await browser.get("/issue/\(id)").status == 404)
            #expect(try await browser.get("/issue/\(work.issueKey)").status == 404)
            #expect(try await browser.count("created >= 0") == before.map { $0 - 1 })
            for jql in ["created >= 0", "updated >= 0 ORDER BY updated", "key in updatedBy('\(account)')"] {
                #expect(try await !browser.ids(jql).contains(id), "\(jql)")
            }
            #expect(try await browser.count("key in updatedBy('\(account)')") == 0)
            #expect(try await browser.count("worklogAuthor = '\(account)'") == 0)
            #expect(try await browser.searchAnswer("key = \(work.issueKey)").status == 400)
            let bulk = try await browser.post("/issue/bulkfetch", "{\"issueIdsOrKeys\":[\(id)]}").json
            #expect(bulk["issues"].array.isEmpty)
            let histories = try await browser.post("/changelog/bulkfetch", "{\"issueIdsOrKeys\":[\(id)]}").json
            #expect(histories["issueChangeLogs"].array.isEmpty)
            let commentID = try #require(comments.last?["id"].string)
            let listed = try await browser.post("/comment/list", "{\"ids\":[\(commentID)]}").json
            #expect(listed["values"].array.isEmpty)
            browser.simulator.advanceClock(by: .seconds(61))
            let deleted = try await browser.get("/worklog/deleted?since=\(since)").json["values"].array
            let ids = worklogs.compactMap { $0["id"].string.flatMap { Int64($0) } }
            #expect(Set(deleted.compactMap { $0["worklogId"].int }) == Set(ids))
            let updated = try await browser.get("/worklog/updated?since=\(comment.at.milliseconds)").json["values"]
                .array
            #expect(updated.isEmpty)
            #expect(throws: ActivityError.unknownIssue(id)) { try browser.simulator.deleteIssue(id) }
        }
    }

    @Test("The oracle counts what was done on deleted issues unless told otherwise")
    func deletionInOracle() async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let done = try browser.simulator.perform(deed: .commented, accountID: account)[0]
            try browser.simulator.deleteIssue(String(done.issueID))
            let (all, rest) = (try oracle(browser), try oracle(browser, deleted: false))
            #expect(all.users.first { $0.accountID == account }?.lastActivity?.at == done.at)
            #expect(rest.users.first { $0.accountID == account }?.lastActivity == nil)
            #expect(all.counts.issues == 120 && rest.counts.issues == 119)
            #expect(all.counts.deleted == 1 && rest.counts.deleted == 1)
            #expect(all.counts.activities > rest.counts.activities)
            #expect(try await browser.count("created >= 0") == 119)
            let json = try await browser.send("/_sim/oracle?includesDeleted=false").json
            #expect(json["counts"]["issues"].int == 119)
        }
    }

    @Test("With a search index that lags, a deleted issue is found yet")
    func deletionSeenLate() async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let done = try browser.simulator.perform(deed: .commented, accountID: account)[0]
            browser.simulator.advanceClock(by: .seconds(300))
            _ = try await browser.control("faults", #"[{"indexLagSeconds":60}]"#)
            try browser.simulator.deleteIssue(String(done.issueID))
            #expect(try await browser.ids("key in updatedBy('\(account)')") == [String(done.issueID)])
            #expect(try await browser.count("created >= 0") == 120)
            #expect(try await browser.get("/issue/\(done.issueID)").status == 404)
            browser.simulator.advanceClock(by: .seconds(61))
            #expect(try await browser.ids("key in updatedBy('\(account)')").isEmpty)
            #expect(try await browser.count("created >= 0") == 119)
        }
    }

    @Test("A moved issue has a new key and project, the same id, a new `updated`, and a history that says so")
    func move() async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let old = try await browser.get("/issue/10007?fields=project").json
            let from = try #require(old["fields"]["project"]["key"].string)
            let to = from == "WEB" ? "APP" : "WEB"
            let counts = (try await browser.count("project = \(from)"), try await browser.count("project = \(to)"))
            browser.simulator.advanceClock(by: .seconds(60))
            let moved = try browser.simulator.moveIssue("10007", toProject: to, by: account)
            let new = try await browser.get("/issue/10007?fields=project,updated&expand=changelog").json
            #expect(new["key"].string == moved.issueKey)
            #expect(moved.issueKey.hasPrefix("\(to)-"))
            #expect(new["fields"]["project"]["key"].string == to)
            #expect(new["fields"]["updated"].string.flatMap { Moment(text: $0) } == moved.at)
            let items = new["changelog"]["histories"].array.first?["items"].array ?? []
            #expect(items.map { $0["field"].string } == ["project", "Key"])
            #expect(items.last?["fromString"].string == old["key"].string)
            #expect(items.last?["toString"].string == moved.issueKey)
            for key in [old["key"].string ?? "", moved.issueKey] {
                #expect(try await browser.get("/issue/\(key)").json["id"].string == "10007")
            }
            #expect(try await browser.count("project = \(from)") == counts.0.map { $0 - 1 })
            #expect(try await browser.count("project = \(to)") == counts.1.map { $0 + 1 })
            for order in ["id", "id DESC", "updated", "updated DESC, id DESC", "key"] {
                let ids = try await browser.ids("project = \(to) ORDER BY \(order)", pageSize: 9)
                #expect(ids.contains("10007") && Int64(ids.count) == counts.1.map { $0 + 1 }, "\(order)")
                #expect(try await !browser.ids("project = \(from) ORDER BY \(order)").contains("10007"))
            }
            #expect(try await browser.ids("key in updatedBy('\(account)')") == ["10007"])
            #expect(try oracle(browser).users.first { $0.accountID == account }?.lastActivity?.kind == .edited)
            #expect(try oracle(browser).users.first { $0.accountID == account }?.activity[.edited]?.count == 1)
        }
    }

    @Test("A project can be hidden and shown again; what could be seen before counts unless told otherwise")
    func hiding() async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let key = try await browser.get("/issue/10007?fields=project").json["fields"]["project"]["key"].string
            let project = try #require(key)
            let whole = try oracle(browser)
            let done = try browser.simulator.perform(deed: .commented, accountID: account, issue: "10007")[0]
            browser.simulator.advanceClock(by: .seconds(60))
            try browser.simulator.setHidden(true, project: project)
            #expect(try await browser.get("/issue/10007").status == 404)
            #expect(try await browser.searchAnswer("project = \(project)").status == 400)
            #expect(try await browser.count("key in updatedBy('\(account)')") == 0)
            let projects = try await browser.get("/project/search").json["values"].array
            #expect(projects.allSatisfy { $0["key"].string != project })
            browser.simulator.advanceClock(by: .seconds(60))
            _ = try browser.simulator.perform(deed: .commented, accountID: account, issue: "10007")
            let (seen, now) = (try oracle(browser), try oracle(browser, onceVisible: false))
            #expect(seen.users.first { $0.accountID == account }?.lastActivity?.at == done.at)
            #expect(seen.counts.issues == 120 && seen.counts.hidden == 1)
            #expect(now.users.first { $0.accountID == account }?.lastActivity == nil)
            #expect(try await browser.count("created >= 0") == Int64(now.counts.issues))
            #expect(try await browser.ids("created >= 0 ORDER BY updated").count == now.counts.issues)
            try browser.simulator.setHidden(false, project: project)
            #expect(try await browser.count("created >= 0") == 120)
            #expect(try oracle(browser).counts.activities == whole.counts.activities + 2)
        }
    }

    @Test("What is moved into a hidden project could be seen until then")
    func movedOutOfSight() async throws {
        try await withBrowser(issues: 300, configure: { $0.hiddenProjects = 1 }) { browser in
            let account = try newcomer(browser)
            let issue = try #require(try await browser.ids("project = WEB").first)
            let before = try oracle(browser).counts
            browser.simulator.advanceClock(by: .seconds(60))
            let moved = try browser.simulator.moveIssue(issue, toProject: "OPS", by: account)
            browser.simulator.advanceClock(by: .seconds(60))
            _ = try browser.simulator.perform(deed: .commented, accountID: account, issue: issue)
            #expect(try await browser.get("/issue/\(issue)").status == 404)
            #expect(try await browser.count("created >= 0") == Int64(before.issues - 1))
            let seen = try oracle(browser)
            #expect(seen.counts.issues == before.issues && seen.counts.hidden == before.hidden + 1)
            #expect(seen.users.first { $0.accountID == account }?.lastActivity?.at == moved.at)
            #expect(try oracle(browser, onceVisible: false).counts.issues == before.issues - 1)
        }
    }

    @Test(
        "A new comment can leave `updated` alone, and updatedBy finds it", arguments: [Deed.commented, .commentEdited])
    func silentComments(deed: Deed) async throws {
        try await withBrowser { browser in
            let account = try newcomer(browser)
            let issue = try browser.simulator.perform(deed: .commented)[0].issueKey
            let before = try await browser.get("/issue/\(issue)?fields=updated,comment").json["fields"]
            browser.simulator.advanceClock(by: .seconds(2400))
            let body =
                "{\"kind\":\"\(deed.rawValue)\",\"accountId\":\"\(account)\",\"issueId\":\"\(issue)\",\"bumpsUpdated\":false}"
            let done = try await browser.control("activity", body).json["performed"].array[0]
            let after = try await browser.get("/issue/\(issue)?fields=updated,comment").json["fields"]
            #expect(after["updated"] == before["updated"])
            #expect(after["comment"] != before["comment"])
            #expect(try await browser.ids("updated >= -30m").isEmpty)
            let found = try await browser.ids("key in updatedBy('\(account)', '2026/08/11') ORDER BY updated DESC")
            #expect(found == [done["issueId"].string])
            let last = try oracle(browser).users.first { $0.accountID == account }?.lastActivity
            #expect(last?.at.rfc3339 == done["at"].string)
        }
    }

    @Test(
        "What cannot happen to issues and projects is refused with the reason",
        arguments: [
            ("issues", #"{"issueId":"NOPE-1","delete":true}"#, "NOPE-1"), ("issues", #"{"issueId":10001}"#, "moveTo"),
            ("issues", #"{"issueId":10001,"moveTo":"NOPE"}"#, "NOPE"),
            ("issues", #"{"issueId":10001,"moveTo":"WEB","accountId":"x"}"#, "“x”"),
            ("projects", #"{"key":"NOPE","hidden":true}"#, "NOPE"),
            ("projects", #"{"key":"WEB","hidden":true,"cloudId":"none"}"#, "none"),
        ])
    func refused(path: String, body: String, word: String) async throws {
        try await withBrowser { browser in
            let answer = try await browser.control(path, body)
            #expect(answer.status == 400)
            #expect(answer.text.contains(word), "\(answer.text)")
        }
    }
}
