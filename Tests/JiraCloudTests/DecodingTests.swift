import JiraCloud
import Testing
import UsageModel

@Suite("Reading what Atlassian writes", .timeLimit(.minutes(5)))
struct DecodingTests {
    private func reading<Value: Sendable>(
        _ body: String, _ ask: (JiraSite) async throws(JiraError) -> Value,
        check: (Result<Value, JiraError>, [ReceivedRequest]) throws -> Void
    ) async throws {
        try await ScriptedSite.run({ _ in .ok(body) }) { scripted in
            let result = await outcome { () throws(JiraError) in try await ask(scripted.site) }
            try check(result, scripted.server.requests)
        }
    }

    private func reading<Value: Sendable>(
        _ body: String, _ ask: (JiraSite) async throws(JiraError) -> Value
    ) async throws -> Value {
        var value: Value?
        try await reading(body, ask) { result, _ in value = try result.get() }
        return try #require(value)
    }

    private let mia = AccountID(rawValue: "5b10")

    // MARK: - People

    @Test("a directory's rows keep what they say, and rows without a usable id are counted only")
    func users() async throws {
        let body = """
            [{"accountId":"5b10","accountType":"atlassian","active":true,"displayName":"Mia","emailAddress":"m@x.example",
              "avatarUrls":{"48x48":"u"},"timeZone":null,"locale":"en"},
             {"accountId":"5b11","accountType":"agent","active":false,"displayName":null,"emailAddress":""},
             {"accountId":"","accountType":"atlassian","active":true},{"accountId":"unknown"},{"displayName":"Nobody"},
             {"accountId":"qm:1:2","accountType":"customer","active":true,"displayName":"C","emailAddress":null},
             {"accountId":"5b12","accountType":"app","active":true,"displayName":"Bot"}]
            """
        try await reading(body, { (site) throws(JiraError) in try await site.users(startAt: 3000, limit: 500) }) {
            result, requests in
            let page = try result.get()
            #expect(page.rowCount == 7)
            #expect(page.people.map(\.accountType) == [.atlassian, .unknown, .customer, .app])
            #expect(page.people.map(\.isEnabled) == [true, false, true, true])
            #expect(page.people.map(\.email) == ["m@x.example", nil, nil, nil])
            #expect(page.people.map(\.displayName) == ["Mia", "", "C", "Bot"])
            #expect(requests.map(\.target) == ["/ex/jira/cloud/rest/api/3/users/search?startAt=3000&maxResults=500"])
        }
    }

    @Test("a page that takes Jira too long is halved until it does not, and the size that worked is told")
    func smallerPage() async throws {
        try await ScriptedSite.run({ $0.target.hasSuffix("=250") ? .ok("[]") : .answer(409, "") }) { scripted in
            let page = try await scripted.site.users(startAt: 0)
            #expect(page.limit == 250 && page.rowCount == 0)
            #expect(scripted.server.requests.count == 3)
        }
        try await ScriptedSite.run({ _ in .answer(409, "") }) { scripted in
            await #expect(throws: JiraError.tooExpensive(.users)) { try await scripted.site.users(startAt: 0) }
            #expect(scripted.server.requests.last?.target.hasSuffix("maxResults=50") == true)
        }
    }

    @Test("a person's roles and groups are read, and groups that are only counted are asked for")
    func access() async throws {
        let user = """
            {"accountId":"5b10","accountType":"atlassian","active":true,"displayName":"Mia",
             "groups":{"size":2,"items":[]},"applicationRoles":{"size":3,"items":[{"key":"jira-software","name":"Jira"}]}}
            """
        let groups = #"[{"name":"one","groupId":"g1","self":"x"},{"name":"two","groupId":null}]"#
        try await ScriptedSite.run({ $0.path.hasSuffix("groups") ? .ok(groups) : .ok(user) }) { scripted in
            let mia = try #require(mia)
            let person = try #require(try await scripted.site.access(of: mia))
            #expect(person.person.account == mia)
            #expect(person.access?.roles == [ApplicationRole(key: "jira-software", name: "Jira")])
            #expect(person.access?.roleCount == 3)
            #expect(person.access?.groups == [Group(id: "g1", name: "one"), Group(id: "two", name: "two")])
            #expect(
                scripted.server.requests.map(\.target) == [
                    "/ex/jira/cloud/rest/api/3/user?accountId=5b10&expand=groups%2CapplicationRoles",
                    "/ex/jira/cloud/rest/api/3/user/groups?accountId=5b10",
                ])
        }
    }

    @Test("roles that are not told are not the same as none")
    func missingRoles() async throws {
        let mia = try #require(mia)
        let silent = try await reading(#"{"accountId":"5b10","displayName":"Mia"}"#) { (site) throws(JiraError) in
            try await site.access(of: mia)
        }
        #expect(silent?.person.account == mia)
        #expect(silent?.access == nil)
        let none = try await reading(
            #"{"accountId":"5b10","groups":{"size":0,"items":[]},"applicationRoles":{"size":0,"items":[]}}"#
        ) { (site) throws(JiraError) in try await site.access(of: mia) }
        #expect(none?.access?.roleCount == 0)
    }

    @Test("an account that Jira does not know is nobody, and no error")
    func unknownAccount() async throws {
        try await ScriptedSite.run({ _ in .answer(404, #"{"errorMessages":["no"]}"#) }) { scripted in
            let person = try await scripted.site.access(of: try #require(mia))
            #expect(person == nil)
        }
    }

    // MARK: - Facts

    @Test("permissions, the site's clock and who we are")
    func facts() async throws {
        let permissions = try await reading(
            """
            {"permissions":{"USER_PICKER":{"id":"27","key":"USER_PICKER","havePermission":true},
             "BROWSE_PROJECTS":{"havePermission":false}}}
            """
        ) { (site) throws(JiraError) in try await site.permissions(["USER_PICKER", "BROWSE_PROJECTS"]) }
        #expect(permissions == ["USER_PICKER": true, "BROWSE_PROJECTS": false])

        let info = try await reading(
            #"{"serverTime":"2026-11-23T17:00:02.123+0200","serverTimeZone":"Europe/Helsinki","serverTitle":"Jira"}"#
        ) { (site) throws(JiraError) in try await site.serverInfo() }
        #expect(info.serverTime == Instant("2026-11-23T15:00:02.123Z"))
        #expect(info.timeZone == "Europe/Helsinki" && info.baseURL == nil)

        let myself = try await reading(#"{"accountId":"5b10","displayName":"Mia","timeZone":"Asia/Tokyo"}"#) {
            (site) throws(JiraError) in try await site.myself()
        }
        #expect(myself.account == mia && myself.displayName == "Mia" && myself.timeZone == "Asia/Tokyo")
    }

    // MARK: - Search

    @Test("an issue is read with its comments, whoever is missing")
    func issues() async throws {
        let body = """
            {"issues":[{"expand":"x","id":"10001","self":"s","key":"AB-1","fields":{"creator":{"accountId":"5b10"},
              "created":"2020-06-12T08:13:13.360+0800","updated":"2020-06-12T08:13:13.360+0800",
              "comment":{"total":25,"maxResults":20,"startAt":0,"self":"s","comments":[
                {"id":"7","author":{"accountId":""},"updateAuthor":null,"created":"2020-06-12T08:13:13.360+0800",
                 "updated":"2020-06-13T08:13:13.360+0800","body":{"type":"doc","content":[]}},
                {"id":8,"created":1591920793360}]}}},
             {"id":10002,"key":"AB-2","fields":{"creator":null,"created":"2020-06-12T00:13:13.360Z",
              "updated":1591920793}}],"nextPageToken":"t2","isLast":false,"names":{}}
            """
        try await reading(
            body,
            { (site) throws(JiraError) in
                try await site.searchIssues(jql: "updated >= -90d ORDER BY id", pageToken: "t1")
            }
        ) { result, requests in
            let page = try result.get()
            let at = try #require(Instant("2020-06-12T00:13:13.360Z"))
            #expect(page.next == "t2")
            #expect(page.issues.map(\.id.rawValue) == [10001, 10002])
            #expect(page.issues.map(\.key) == ["AB-1", "AB-2"])
            #expect(page.issues.map(\.creator) == [mia, nil])
            #expect(page.issues.map(\.created) == [at, at])
            #expect(page.issues.map(\.commentTotal) == [25, nil])
            #expect(page.issues[1].updated == at - .milliseconds(360))
            let comments = page.issues[0].comments
            #expect(comments.map(\.id) == [7, 8])
            #expect(comments.map(\.author) == [nil, nil])
            #expect(comments.map(\.updated) == [at + .days(1), at])
            #expect(
                requests.map(\.body) == [
                    #"{"fields":["creator","created","updated","comment"],"jql":"updated >= -90d ORDER BY id","#
                        + #""maxResults":100,"nextPageToken":"t1"}"#
                ])
        }
    }

    @Test(
        "a walk ends when Jira says so, or gives no token",
        arguments: [
            (#"{"issues":[{"id":"1"}],"isLast":true}"#, nil),
            (#"{"issues":[],"isLast":true,"nextPageToken":"t"}"#, nil),
            (#"{"issues":[],"nextPageToken":null}"#, nil), (#"{"issues":[],"nextPageToken":""}"#, nil),
            (#"{"issues":[],"isLast":false,"nextPageToken":"t2"}"#, "t2"),
        ] as [(String, String?)])
    func ends(body: String, next: String?) async throws {
        let page = try await reading(body) { (site) throws(JiraError) in
            try await site.searchIssueIDs(jql: "x", pageToken: "t1")
        }
        #expect(page.next == next)
    }

    @Test("a token that comes again is an error and not a walk without end")
    func repeatedToken() async throws {
        let again = JiraError.malformed(.search, "nextPageToken comes again")
        try await reading(
            #"{"issues":[],"nextPageToken":"t1"}"#,
            { (site) throws(JiraError) in try await site.searchIssueIDs(jql: "x", pageToken: "t1") }
        ) { result, _ in #expect(result == .failure(again)) }
        try await reading(
            #"{"issueChangeLogs":[],"nextPageToken":"t1"}"#,
            { (site) throws(JiraError) in try await site.histories(of: [IssueID(rawValue: 1)], pageToken: "t1") }
        ) { result, _ in #expect(result == .failure(.malformed(.changelog, "nextPageToken comes again"))) }
    }

    @Test(
        "a row that cannot be understood is an error that names its place, never a row less",
        arguments: [
            (#"{"issues":[{"id":"1"},{}]}"#, "issues[1].id is missing"),
            (#"{"issues":[{"id":null}]}"#, "issues[0].id is null"),
            (#"{"issues":[{"id":"AB-1"}]}"#, "issues[0].id is no whole number"),
            (#"{"issues":[{"id":"1","id":"2"}]}"#, "issues[0].id comes twice"),
            (#"{"issues":7}"#, "issues is no array"),
            (#"[]"#, "the answer is no object"),
            (#"{"issues":[{"id""#, "not JSON at byte 16"),
            (#"{"issues":[]}]"#, "not JSON at byte 13"),
            ("<html>", "not JSON at byte 0"),
        ])
    func malformed(body: String, fault: String) async throws {
        try await reading(
            body, { (site) throws(JiraError) in try await site.searchIssueIDs(jql: "x", pageToken: nil) }
        ) { result, requests in
            #expect(result == .failure(.malformed(.search, fault)))
            #expect(requests.count == 1)
        }
    }

    @Test("a comment's page is read in the order of its making")
    func comments() async throws {
        let body =
            #"{"startAt":100,"maxResults":100,"total":120,"comments":[{"id":"9","created":"2021-01-17T12:34:00Z"}]}"#
        try await reading(
            body,
            { (site) throws(JiraError) in try await site.comments(of: IssueID(rawValue: 10), startAt: 100) }
        ) { result, requests in
            let page = try result.get()
            #expect(page.total == 120 && page.comments.map(\.id) == [9])
            #expect(
                requests.map(\.target) == [
                    "/ex/jira/cloud/rest/api/3/issue/10/comment?startAt=100&maxResults=100&orderBy=created"
                ])
        }
    }

    @Test(
        "a comments' page that lacks its comments or their number is no page",
        arguments: [(#"{"total":0}"#, "comments is missing"), (#"{"comments":[],"total":null}"#, "total is missing")])
    func incompleteComments(body: String, fault: String) async throws {
        try await reading(
            body, { (site) throws(JiraError) in try await site.comments(of: IssueID(rawValue: 10), startAt: 0) }
        ) { result, _ in #expect(result == .failure(.malformed(.comments, fault))) }
    }

    // MARK: - Histories

    @Test("a history keeps what kinds of fields changed, for whom and when, and no text")
    func histories() async throws {
        let body = """
            {"issueChangeLogs":[{"issueId":"10001","changeHistories":[
              {"id":"5","author":{"accountId":"5b10","avatarUrls":{}},"created":1760625518319,"items":[
                {"field":"WorklogId","fieldtype":"jira","from":null,"fromString":null,"to":"48028","toString":"48028"},
                {"field":"timespent","fieldtype":"jira","fieldId":"timespent","from":"1","to":"2"},
                {"field":"timeestimate","fieldtype":"jira","from":"1","to":"2"}]},
              {"id":6,"author":{"accountId":""},"created":1760625518,"items":[
                {"field":"status","fieldtype":"jira","fieldId":"status"},{"field":"status","fieldtype":"custom"},
                {"field":"status","fieldId":"customfield_1"},{"field":"Attachment","fieldtype":"jira"},
                {"field":"Comment","fieldId":"comment","fromString":"text"},{"field":"status"}]},
              {"id":"7","created":"2025-10-16T14:38:38.319+0000","items":[
                {"field":"WorklogId","fieldtype":"jira","from":"48028","to":null},
                {"field":"WorklogId","fieldtype":"jira","from":null,"to":null}]},
              {"id":"8","author":null,"created":"1760625518319","items":[]}]},
             {"issueId":10002,"changeHistories":null}],"nextPageToken":"n"}
            """
        try await reading(
            body,
            { (site) throws(JiraError) in
                try await site.histories(of: [10001, 10002].map { IssueID(rawValue: $0) }, pageToken: nil)
            }
        ) { result, requests in
            let page = try result.get()
            let at = Instant(milliseconds: 1_760_625_518_319)
            #expect(page.next == "n")
            #expect(page.histories.map(\.id) == [5, 6, 7, 8])
            #expect(page.histories.map(\.issue.rawValue) == [10001, 10001, 10001, 10001])
            #expect(page.histories.map(\.author) == [mia, nil, nil, nil])
            #expect(page.histories.map(\.at) == [at, at - .milliseconds(319), at, at])
            #expect(
                page.histories.map(\.items) == [
                    [.worklog(48028), .timeTracking, .timeTracking],
                    [.status, .other, .other, .attachment, .other, .status],
                    [.worklog(48028), .worklog(nil)], [],
                ])
            #expect(requests.map(\.body) == [#"{"issueIdsOrKeys":["10001","10002"],"maxResults":10000}"#])
        }
    }

    // MARK: - Worklogs

    @Test("a feed of worklogs moves on, also where Jira would have it stand still")
    func feed() async throws {
        let values = #""values":[{"worklogId":103,"updatedTime":1438013671562,"properties":[]},{"worklogId":"104"}]"#
        let asked = Instant(milliseconds: 1_438_013_671_562)
        for (rest, until, isLast) in [
            (#""until":1438013693136,"lastPage":false"#, 1_438_013_693_136, false),
            (#""until":1438013671562,"lastPage":false"#, 1_438_013_671_563, false),
            (#""until":1438013671562,"lastPage":true"#, 1_438_013_671_562, true),
            (#""lastPage":true"#, 1_438_013_671_562, true), (#""x":1"#, 1_438_013_671_563, false),
        ] as [(String, Int64, Bool)] {
            try await reading(
                "{\(values),\(rest)}",
                { (site) throws(JiraError) in try await site.changedWorklogs(since: asked) }
            ) { result, requests in
                let page = try result.get()
                #expect(page.ids == [103, 104] && page.isLast == isLast)
                #expect(page.until.milliseconds == until)
                #expect(requests.map(\.target) == ["/ex/jira/cloud/rest/api/3/worklog/updated?since=1438013671562"])
            }
        }
    }

    @Test("a worklog is told by when it was written, not by when the work is said to have been done")
    func worklogs() async throws {
        let body = """
            [{"id":"100028","issueId":"10002","author":{"accountId":"5b10"},"updateAuthor":{"accountId":"5b10"},
              "created":"2026-01-01T10:00:00.000+0000","updated":"2026-01-02T10:00:00.000+0000",
              "started":"2020-01-01T10:00:00.000+0000","timeSpentSeconds":12000,"comment":{}}]
            """
        let worklog = try #require(
            try await reading(body) { (site) throws(JiraError) in try await site.worklogs(ids: [100028]) }.first)
        #expect(worklog.id == 100028 && worklog.issue.rawValue == 10002 && worklog.author == mia)
        #expect(worklog.created == Instant("2026-01-01T10:00:00Z"))
        #expect(worklog.updated == Instant("2026-01-02T10:00:00Z"))
    }
}
