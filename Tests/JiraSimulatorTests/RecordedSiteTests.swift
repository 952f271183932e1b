import Foundation
import JiraSimulator
import TestSupport
import Testing

@Suite("A recorded site is served by the same resources", .timeLimit(.minutes(5)))
struct RecordedSiteTests {
    private static let users = """
        {"accountId":"a1","accountType":"atlassian","active":true,"displayName":"One","timeZone":"Asia/Shanghai","groups":{"size":2,"items":[]},"applicationRoles":{"size":1,"items":[]}}
        {"accountId":"a2","accountType":"app","active":true,"displayName":"Two","timeZone":"Asia/Shanghai","groups":{"size":1,"items":[{"name":"bots","groupId":"g1"}]},"applicationRoles":{"size":0,"items":[]}}
        """
    private static let projects = """
        {"id":"10003","key":"EE","name":"Enterprise","projectTypeKey":"software"}
        """
    private static let issues = """
        {"id":"10064","key":"EE-2","fields":{"created":"2020-06-12T08:15:36.123+0800","updated":"2021-03-28T16:05:55.016+0800","creator":{"accountId":"a1"},"summary":"S","status":{"id":"1","name":"Open"},"comment":{"comments":[{"id":"7","author":{"accountId":"a1"},"updateAuthor":{"accountId":"a2"},"created":"2020-06-13T08:00:00.000+0800","updated":"2020-06-14T08:00:00.000+0800"}]},"worklog":{"worklogs":[{"id":"9","author":{"accountId":"a1"},"updateAuthor":{"accountId":"a1"},"created":"2020-06-15T08:00:00.000+0800","updated":"2020-06-15T08:00:00.000+0800","started":"2020-01-01T08:00:00.000+0800","timeSpentSeconds":60}]}},"changelog":{"histories":[{"id":"31","author":{"accountId":"stranger","displayName":"S"},"created":"2021-04-01T08:52:27.109+0800","items":[{"field":"Workflow","fieldtype":"jira","from":"1","to":"2"}]},{"id":"30","author":{"accountId":""},"created":"2020-06-16T08:00:00.000+0800","items":[{"field":"status","fieldtype":"jira","fieldId":"status"}]},{"id":"29","author":{"accountId":"a1"},"created":"2020-06-15T08:00:01.000+0800","items":[{"field":"WorklogId","fieldtype":"jira","to":"9"},{"field":"timespent","fieldtype":"jira"}]}]}}
        {"id":"10063","key":"EE-1","fields":{"created":"2020-06-12T08:13:13.360+0800","updated":"2020-06-12T08:13:13.360+0800","creator":null}}
        """

    private func withRecording<Result: Sendable>(
        issues: String = issues, _ body: (Browser) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { folder in
            for (name, text) in [("users", Self.users), ("projects", Self.projects), ("issues", issues)] {
                try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name).ndjson"))
            }
            return try await withBrowser(configure: { $0.recordedSite = folder }) { try await body($0) }
        }
    }

    @Test("Issues, histories, comments and worklogs come back as they were recorded")
    func payloads() async throws {
        try await withRecording { browser in
            #expect(try await browser.ids("created >= 0 ORDER BY created") == ["10063", "10064"])
            let issue = try await browser.get("/issue/EE-2?expand=changelog").json
            #expect(issue["fields"]["created"].string == "2020-06-12T08:15:36.123+0800")
            #expect(issue["changelog"]["histories"].array.map { $0["id"].string } == ["31", "30", "29"])
            let bulk = try await browser.post("/changelog/bulkfetch", #"{"issueIdsOrKeys":["EE-2"]}"#).json
            let histories = bulk["issueChangeLogs"].array.first?["changeHistories"].array ?? []
            #expect(histories.map { $0["created"].int } == [1_592_179_201_000, 1_592_265_600_000, 1_617_238_347_109])
            #expect(histories[1]["author"]["accountId"].string == "")
            let worklogs = try await browser.get("/worklog/updated").json["values"].array
            #expect(worklogs.map { $0["worklogId"].int } == [9])
            let comments = try await browser.post("/comment/list", #"{"ids":[7]}"#).json["values"].array
            #expect(comments.first?["updateAuthor"]["accountId"].string == "a2")
        }
    }

    @Test("Groups keep their size though nobody recorded their names")
    func sizes() async throws {
        try await withRecording { browser in
            let user = try await browser.get("/user?accountId=a1&expand=groups,applicationRoles").json
            #expect(user["groups"]["size"].int == 2)
            #expect(user["groups"]["items"].array.isEmpty)
            #expect(try await browser.get("/user?accountId=stranger").status == 404)
            #expect(try await browser.get("/users/search").json.array.count == 2)
        }
    }

    @Test("The oracle counts a worklog of the changelog once, and nobody's changes not at all")
    func oracle() async throws {
        try await withRecording { browser in
            let oracle = try #require(browser.simulator.oracle())
            let one = try #require(oracle.users.first)
            #expect(one.seat)
            #expect(one.activity[.worklogged]?.count == 1)
            #expect(one.activity[.created]?.count == 1)
            #expect(one.activity[.commented]?.count == 1)
            #expect(one.activity[.edited]?.count == 0)
            #expect(one.lastActivity?.at.rfc3339 == "2020-06-15T00:00:01.000Z")
            let two = oracle.users[1]
            #expect(two.activity[.commented]?.count == 1)
            #expect(!two.seat)
            #expect(oracle.counts.activities == 5)
        }
    }

    @Test("updatedBy finds a change that left `updated` alone")
    func unmovedUpdate() async throws {
        try await withRecording { browser in
            let found = try await browser.ids("key in updatedBy('stranger', '2021-04-01')")
            #expect(found == ["10064"])
        }
    }

    @Test("Things can be made to happen on it")
    func activity() async throws {
        try await withRecording { browser in
            let done = try browser.simulator.perform(count: 20, seed: 3)
            #expect(browser.simulator.oracle()?.users.first?.lastActivity?.at == done.last?.at)
        }
    }

    @Test("A line that is not as Jira writes it is named")
    func malformed() async throws {
        let error = await #expect(throws: RecordingError.self) {
            try await withRecording(issues: Self.issues + "\n{\"id\":\"1\"}") { _ in }
        }
        #expect(error?.description.contains("issues.ndjson:3:") == true, "\(error?.description ?? "")")
    }
}
