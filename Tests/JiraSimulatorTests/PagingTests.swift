import JiraSimulator
import Testing

@Suite("Pages are as large as Jira's, and join to the whole", .timeLimit(.minutes(5)))
struct PagingTests {
    private func rows(_ fields: [String], _ browser: Browser) async throws -> Int {
        try await browser.search(page: "created >= 0", fields: fields)["issues"].array.count
    }

    @Test("Search gives ids by the thousand, and a hundred rows with any other field")
    func searchCaps() async throws {
        try await withBrowser(issues: 400) { browser in
            #expect(try await rows(["id"], browser) == 400)
            #expect(try await rows(["key"], browser) == 400)
            #expect(try await rows(["summary"], browser) == 100)
            let page = try await browser.get("/search/jql?jql=created%20%3E%3D%200").json
            #expect(page["issues"].array.count == 50)
            #expect(page["issues"].array.allSatisfy { $0.names == ["id"] })
            #expect(page.names == ["issues", "nextPageToken", "isLast"])
        }
    }

    @Test(
        "Pages of any order join without loss or repetition",
        arguments: [
            "", "ORDER BY updated ASC, id ASC", "ORDER BY updated DESC", "ORDER BY key", "ORDER BY created DESC",
            "ORDER BY assignee, updated DESC", "ORDER BY status DESC, summary",
        ])
    func searchPages(order: String) async throws {
        try await withBrowser { browser in
            let jql = "created >= 0 \(order)"
            let whole = try await browser.ids(jql)
            #expect(Set(whole).count == 120)
            #expect(try await browser.ids(jql, pageSize: 7) == whole)
        }
    }

    @Test("A page token serves twice, for seven days, and for no other query")
    func tokens() async throws {
        try await withBrowser { browser in
            let first = try await browser.search(page: "created >= 0", pageSize: 10)
            let token = try #require(first["nextPageToken"].string)
            let second = try await browser.search(page: "created >= 0", pageSize: 10, token: token)
            #expect(try await browser.search(page: "created >= 0", pageSize: 10, token: token) == second)
            #expect(try await browser.searchAnswer("created >= 1", token: token).status == 400)
            #expect(try await browser.searchAnswer("created >= 0", token: "x").status == 400)
            browser.simulator.advanceClock(by: .seconds(7 * 86_400))
            var later = browser
            later.token = browser.simulator.accessToken()
            #expect(try await later.searchAnswer("created >= 0", token: token).status == 400)
        }
    }

    @Test("An issue touched during a walk comes again in ascending order, and none is lost")
    func movingRows() async throws {
        try await withBrowser { browser in
            let jql = "created >= 0 ORDER BY updated ASC"
            let whole = try await browser.ids(jql)
            let first = try await browser.search(page: jql, pageSize: 50)
            let touched = try browser.simulator.perform(deed: .edited, issue: whole[3])
            var found = first["issues"].array.compactMap { $0["id"].string }
            var token = first["nextPageToken"].string
            while let next = token {
                let page = try await browser.search(page: jql, pageSize: 50, token: next)
                found += page["issues"].array.compactMap { $0["id"].string }
                token = page["nextPageToken"].string
            }
            #expect(found == whole + [String(touched[0].issueID)])
        }
    }

    @Test("An issue shows 40 histories, 20 comments, 20 worklogs in search; GET issue the 100 newest comments")
    func embedded() async throws {
        try await withBrowser(issues: 1000) { browser in
            let fields = ["comment", "worklog"]
            var cut: Set<String> = []
            for issue in try await browser.search("created >= 0", fields: fields, pageSize: 100) {
                for (name, rows) in [("comment", "comments"), ("worklog", "worklogs")] {
                    let part = issue["fields"][name]
                    let total = try #require(part["total"].int)
                    #expect(part[rows].array.count == min(Int(total), 20))
                    if total > 20 { cut.insert(name) }
                    guard name == "comment", total > 100, let id = issue["id"].string else { continue }
                    cut.insert("single")
                    let single = try await browser.get("/issue/\(id)?fields=comment").json
                    let newest = try await browser.get("/issue/\(id)/comment?orderBy=-created").json
                    #expect(single["fields"]["comment"]["comments"].array == newest["comments"].array.reversed())
                    #expect(newest["comments"].array.count == 100)
                }
            }
            #expect(cut == ["comment", "worklog", "single"])
        }
    }

    private func histories(
        of list: String, pageSize: Int, _ browser: Browser
    ) async throws -> [(id: String, at: Int64)] {
        var found: [(String, Int64)] = []
        var token: String?
        repeat {
            let more = token.map { ",\"nextPageToken\":\"\($0)\"" } ?? ""
            let body = "{\"issueIdsOrKeys\":[\(list)],\"maxResults\":\(pageSize)\(more)}"
            let page = try await browser.post("/changelog/bulkfetch", body).json
            let rows = page["issueChangeLogs"].array.flatMap { $0["changeHistories"].array }
            #expect(rows.count <= pageSize)
            found += rows.compactMap { row in
                guard let id = row["id"].string, let at = row["created"].int else { return nil }
                return (id, at)
            }
            token = page["nextPageToken"].string
        } while token != nil
        return found
    }

    @Test("changelog/bulkfetch pages hold maxResults histories in order of time, with epoch milliseconds")
    func changelogPages() async throws {
        try await withBrowser { browser in
            let ids = try await browser.ids("created >= 0")
            let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
            let whole = try await histories(of: list, pageSize: 10_000, browser)
            let small = try await histories(of: list, pageSize: 100, browser)
            #expect(whole.count > 300)
            #expect(Set(small.map(\.id)) == Set(whole.map(\.id)))
            #expect(small.count == whole.count)
            let lasts = stride(from: 100, to: small.count, by: 100).map { small[$0 - 1].at }
            #expect(lasts == lasts.sorted())
        }
    }

    @Test(
        "What asks for too much is refused",
        arguments: [
            ("/issue/bulkfetch", #""fields":["created"]"#, 1001), ("/issue/bulkfetch", #""fields":["comment"]"#, 101),
            ("/issue/bulkfetch", #""fields":["*all"]"#, 101), ("/issue/bulkfetch", "", 101),
            ("/issue/bulkfetch", #""fields":["created"],"expand":["changelog"]"#, 101),
            ("/changelog/bulkfetch", "", 1001),
            ("/changelog/bulkfetch", #""maxResults":10001"#, 1), ("/issue/bulkfetch", "", 0),
        ])
    func bulkCaps(path: String, members: String, count: Int) async throws {
        try await withBrowser { browser in
            func body(_ count: Int) -> String {
                let ids = (0..<count).map { "\(900_000 + $0)" }.joined(separator: ",")
                return "{\"issueIdsOrKeys\":[\(ids)]\(members.isEmpty ? "" : ",")\(members)}"
            }
            let refused = try await browser.post(path, body(count))
            #expect(refused.status == 400)
            if count > 1 { #expect(try await browser.post(path, body(count - 1)).status == 200) }
        }
    }

    @Test("users/search gives a thousand at most, and nothing past the end")
    func users() async throws {
        try await withBrowser(users: 1100, issues: 0) { browser in
            let standard = try await browser.get("/users/search").json.array
            #expect(standard.count == 50)
            #expect(try await browser.get("/users/search?maxResults=5000").json.array.count == 1000)
            #expect(try await browser.get("/users/search?startAt=1000&maxResults=1000").json.array.count == 100)
            #expect(try await browser.get("/users/search?startAt=1100").json.array.isEmpty)
        }
    }

    @Test("worklog/updated tells nothing of the last minute, and a thousand a page")
    func worklogFeed() async throws {
        try await withBrowser(users: 50, issues: 3000) { browser in
            let first = try await browser.get("/worklog/updated").json
            #expect(first["values"].array.count == 1000)
            #expect(first["lastPage"].bool == false)
            #expect(first["nextPage"].string?.hasPrefix("https://simulated.atlassian.net/") == true)
            let done = try browser.simulator.perform(deed: .worklogged)[0]
            let since = done.at.milliseconds
            #expect(try await browser.get("/worklog/updated?since=\(since)").json["values"].array.isEmpty)
            browser.simulator.advanceClock(by: .seconds(61))
            let later = try await browser.get("/worklog/updated?since=\(since)").json["values"].array
            #expect(later.map { $0["updatedTime"].int } == [since])
        }
    }
}
