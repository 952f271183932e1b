import JiraCloud
import JiraSimulator
import Synchronization
import TestSupport
import Testing
import UsageModel

@Suite("Asked by ids, and by the rest that a search does not tell", .timeLimit(.minutes(5)))
struct BulkTests {
    private func requests(_ suffix: String, to jira: SimulatedJira) -> Int {
        jira.simulator.statistics.count(routeSuffix: suffix)
    }

    // MARK: - Issues

    @Test("issues by their ids are what the search says of them, a thousand a request, and who is gone is absent")
    func issues() async throws {
        try await SimulatedJira.run({ $0.issues = 1100 }) { jira in
            let ids = try await jira.issueIDs()
            var searched: [IssueID: IssueSummary] = [:]
            var token: String?
            repeat {
                let page = try await jira.site.searchIssues(jql: "created >= 2000-01-01 ORDER BY id", pageToken: token)
                for issue in page.issues { searched[issue.id] = issue }
                token = page.next
            } while token != nil

            let found = try await jira.site.issues(ids: ids + [IssueID(rawValue: 999_999_999)])
            #expect(found.map(\.id).sorted() == ids.sorted())
            #expect(requests("/issue/bulkfetch", to: jira) == 2)
            for issue in found {
                let same = try #require(searched[issue.id])
                #expect(issue.commentTotal == nil && issue.comments.isEmpty)
                #expect(
                    issue
                        == IssueSummary(
                            id: same.id, key: same.key, creator: same.creator, created: same.created,
                            updated: same.updated, comments: [], commentTotal: nil))
            }
            let none = try await jira.site.issues(ids: [])
            #expect(none.isEmpty)
            #expect(requests("/issue/bulkfetch", to: jira) == 2)
        }
    }

    @Test("a site that takes a hundred only is found out once, and all copies know it")
    func fallBack() async throws {
        try await SimulatedJira.run { jira in
            let ids = try await jira.issueIDs()
            jira.simulator.setFaults([FaultRule(route: "/issue/bulkfetch", times: 1, status: 400)])
            let first = try await jira.site.issues(ids: ids)
            #expect(first.map(\.id).sorted() == ids.sorted())
            #expect(requests("/issue/bulkfetch", to: jira) == 1 + 3)
            let copy = jira.site
            let second = try await copy.issues(ids: ids)
            #expect(second == first)
            #expect(requests("/issue/bulkfetch", to: jira) == 4 + 3)
        }
    }

    @Test("a hundred that are refused too are an error, and nothing is learnt from it")
    func refused() async throws {
        try await SimulatedJira.run { jira in
            let ids = try await jira.issueIDs()
            jira.simulator.setFaults([FaultRule(route: "/issue/bulkfetch", times: 2, status: 400)])
            let result = await outcome { () throws(JiraError) in try await jira.site.issues(ids: ids) }
            guard case .failure(.badRequest(.issues, _)) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(requests("/issue/bulkfetch", to: jira) == 2)
            let later = try await jira.site.issues(ids: ids)
            #expect(later.count == ids.count)
            #expect(requests("/issue/bulkfetch", to: jira) == 3)
        }
    }

    @Test("issues with their comments are what the search says, a hundred a request")
    func issuesWithComments() async throws {
        try await SimulatedJira.run { jira in
            let ids = try await jira.issueIDs()
            let found = try await jira.site.issuesWithComments(ids: ids)
            #expect(requests("/issue/bulkfetch", to: jira) == 3)
            let page = try await jira.site.searchIssues(
                jql: "created >= 2000-01-01 ORDER BY id ASC", pageToken: nil)
            #expect(Array(found.sorted { $0.id < $1.id }.prefix(100)) == page.issues)
            #expect(found.contains { $0.commentTotal ?? 0 > 0 })
        }
    }

    // MARK: - Groups and projects

    @Test("the groups that grant a role are those of the role's holders, and no others")
    func groups() async throws {
        try await SimulatedJira.run { jira in
            let groups = try await jira.site.groups(granting: "jira-software")
            #expect(groups.map(\.name) == ["jira-software-users"])
            let page = try await jira.site.groups(granting: "jira-software", startAt: 1)
            #expect(page == (try await jira.site.groups(granting: "no-such-role", startAt: 0)))
            var withheld = FaultRule()
            withheld.withhold = "USER_PICKER"
            jira.simulator.setFaults([withheld])
            let result = await outcome { () throws(JiraError) in
                try await jira.site.groups(granting: "jira-software")
            }
            guard case .failure(.forbidden(.groups, _)) = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test("projects tell how many issues they have and when one was last updated, page by page")
    func projects() async throws {
        try await SimulatedJira.run { jira in
            let projects = try await jira.site.projects()
            let total = projects.compactMap(\.totalIssueCount).reduce(0, +)
            #expect(projects.count > 1 && total == 300)
            #expect(projects.allSatisfy { !$0.isArchived })
            let summaries = try await jira.site.issues(ids: try await jira.issueIDs())
            #expect(projects.compactMap(\.lastIssueUpdate).max() == summaries.map(\.updated).max())
            #expect(Set(summaries.map { $0.key.prefix { $0 != "-" } }).isSubset(of: projects.map { $0.key[...] }))

            var paged: [Project] = []
            var start: Int? = 0
            while let startAt = start {
                let page = try await jira.site.projects(startAt: startAt, limit: 1)
                #expect(page.projects.count == 1)
                paged += page.projects
                start = page.next
            }
            #expect(paged == projects)
        }
    }

    @Test("pages are found by number, whatever host the answer names, and end where nothing comes any more")
    func pages() async throws {
        let first = #"{"id":"1","key":"A","name":"Alpha"},{"id":2,"key":"B","archived":true}"#
        let second = #"{"id":"2","key":"B"},{"id":3,"key":"C","insight":{"totalIssueCount":"7"}}"#
        let elsewhere = #""nextPage":"https://elsewhere.example/rest/api/3/project/search?startAt=9""#
        for (last, count) in [(#""isLast":true"#, 2), (#""total":4"#, 2), (#""total":9"#, 3), (#""isLast":false"#, 3)] {
            try await ScriptedSite.run({ request in
                switch request.number {
                case 0: .ok("{\(elsewhere),\"values\":[\(first)],\"isLast\":false}")
                case 1: .ok("{\(elsewhere),\"values\":[\(second)],\(last)}")
                default: .ok(#"{"values":[],"isLast":false}"#)
                }
            }) { scripted in
                let projects = try await scripted.site.projects()
                #expect(projects.map(\.id) == [1, 2, 3])
                #expect(projects.map(\.name) == ["Alpha", "B", "C"])
                #expect(projects.map(\.isArchived) == [false, true, false])
                #expect(projects.map(\.totalIssueCount) == [nil, nil, 7])
                let query = "expand=insight&status=live&status=archived&orderBy=key"
                let targets = scripted.server.requests.map(\.target)
                #expect(targets.count == count)
                #expect(
                    targets.prefix(2) == [
                        "/ex/jira/cloud/rest/api/3/project/search?\(query)&startAt=0&maxResults=100",
                        "/ex/jira/cloud/rest/api/3/project/search?\(query)&startAt=2&maxResults=100",
                    ])
            }
        }
    }

    // MARK: - The feed of worklogs

    @Test("a feed of several pages is walked to its end, with every worklog in it")
    func feed() async throws {
        try await SimulatedJira.run({ $0.issues = 4000 }) { jira in
            _ = try jira.simulator.perform(count: 600, seed: 3, deed: .worklogged)
            jira.simulator.advanceClock(by: .seconds(120))
            let updated = try await walk { (since) throws(JiraError) in
                try await jira.site.changedWorklogs(since: since)
            }
            #expect(updated.pages > 1 && updated.ids.count > 1000)
            let read = try await jira.site.worklogs(ids: Array(updated.ids.prefix(1000)))
            #expect(read.count == 1000)
        }
    }

    @Test("a feed that stands still is left", .timeLimit(.minutes(5)))
    func standingStill() async throws {
        let full = (0..<1000).map { #"{"worklogId":\#($0),"updatedTime":1438013671562}"# }.joined(separator: ",")
        // A thousand changes of one millisecond fill a page; the next millisecond brings the end.
        try await ScriptedSite.run({ request in
            request.target.hasSuffix("since=1438013671563")
                ? .ok(#"{"values":[],"until":1438013671563,"lastPage":false}"#)
                : .ok("{\"values\":[\(full)],\"until\":1438013671562,\"lastPage\":false}")
        }) { scripted in
            let feed = try await walk { (since) throws(JiraError) in
                try await scripted.site.changedWorklogs(since: since)
            }
            #expect(feed.ids.count == 1000)
            let sinces = scripted.server.requests.map { $0.target.drop { $0 != "=" } }
            #expect(sinces == ["=0", "=1438013671562", "=1438013671563"])
        }
    }

    private func walk(
        _ page: (Instant) async throws(JiraError) -> ChangedWorklogPage
    ) async throws -> (ids: Set<Int64>, pages: Int) {
        var (ids, pages): (Set<Int64>, Int) = ([], 0)
        var since = Instant(milliseconds: 0)
        while pages < 20 {
            let next = try await page(since)
            ids.formUnion(next.ids)
            pages += 1
            if next.isLast { return (ids, pages) }
            try #require(next.until > since)
            since = next.until
        }
        Issue.record("twenty pages are too many")
        return (ids, pages)
    }
}
