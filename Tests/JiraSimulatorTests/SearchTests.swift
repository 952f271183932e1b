import JiraSimulator
import Testing

@Suite("A query finds what the issues say", .timeLimit(.minutes(5)))
struct SearchTests {
    private struct Row {
        let id: String
        let project: String
        let created: Moment
        let updated: Moment
        let creator: String?
        let reporter: String?
        let assignee: String?
        let status: String
    }

    private func rows(_ browser: Browser) async throws -> [Row] {
        let fields = ["project", "created", "updated", "creator", "reporter", "assignee", "status"]
        return try await browser.search("created >= 0", fields: fields, pageSize: 100).map { issue in
            let fields = issue["fields"]
            return Row(
                id: try #require(issue["id"].string), project: try #require(fields["project"]["key"].string),
                created: try #require(fields["created"].string.flatMap { Moment(text: $0) }),
                updated: try #require(fields["updated"].string.flatMap { Moment(text: $0) }),
                creator: fields["creator"]["accountId"].string, reporter: fields["reporter"]["accountId"].string,
                assignee: fields["assignee"]["accountId"].string,
                status: try #require(fields["status"]["name"].string))
        }
    }

    @Test("Ranges, people, names, sets and their combinations, in search and in count")
    func conditions() async throws {
        try await withBrowser(issues: 300) { browser in
            let rows = try await rows(browser)
            let middle = rows.map(\.updated).sorted()[150]
            let early = rows.map(\.created).sorted()[60]
            let person = try #require(rows.compactMap(\.creator).first)
            let project = rows[0].project
            let cases: [(String, (Row) -> Bool)] = [
                ("updated >= \(middle.milliseconds)", { $0.updated >= middle }),
                ("updated > \(middle.milliseconds)", { $0.updated > middle }),
                ("updated < \(middle.milliseconds)", { $0.updated < middle }),
                ("updated <= \(middle.milliseconds)", { $0.updated <= middle }),
                ("created <= \(early.milliseconds)", { $0.created <= early }),
                (
                    "created >= \(early.milliseconds) AND updated < \(middle.milliseconds)",
                    { $0.created >= early && $0.updated < middle }
                ),
                ("project = \(project)", { $0.project == project }),
                (
                    "project not in (\(project)) and updated >= \(middle.milliseconds)",
                    { $0.project != project && $0.updated >= middle }
                ),
                ("creator = \"\(person)\"", { $0.creator == person }),
                (
                    "creator = \"\(person)\" AND reporter != \"\(person)\"",
                    { $0.creator == person && $0.reporter != person }
                ),
                ("assignee is empty", { $0.assignee == nil }),
                ("assignee is not empty and creator = \"nobody\"", { _ in false }),
                ("status in (Done, \"in progress\")", { ["Done", "In Progress"].contains($0.status) }),
                (
                    "not (status = Done or updated < \(middle.milliseconds))",
                    { $0.status != "Done" && $0.updated >= middle }
                ),
                ("key in (\(rows[3].id), \(rows[9].id))", { [rows[3].id, rows[9].id].contains($0.id) }),
            ]
            for (jql, holds) in cases {
                let expected = Set(rows.filter(holds).map(\.id))
                #expect(Set(try await browser.ids(jql)) == expected, "\(jql)")
                #expect(Set(try await browser.ids("\(jql) ORDER BY updated ASC", pageSize: 17)) == expected, "\(jql)")
                #expect(try await browser.count(jql) == Int64(expected.count), "\(jql)")
            }
        }
    }

    @Test("Found issues stand in the order that is asked for")
    func order() async throws {
        try await withBrowser { browser in
            let rows = try await rows(browser)
            let ascending = rows.sorted { ($0.updated, $0.id) < ($1.updated, $1.id) }.map(\.id)
            #expect(try await browser.ids("created >= 0 ORDER BY updated, id") == ascending)
            #expect(try await browser.ids("created >= 0 ORDER BY updated DESC, id DESC") == ascending.reversed())
            #expect(try await browser.ids("created >= 0") == rows.map(\.id).sorted(by: >))
        }
    }

    @Test("A date literal means the caller's zone, though instants carry the site's offset")
    func zones() async throws {
        try await withBrowser { browser in
            let myself = try await browser.get("/myself").json
            #expect(myself["timeZone"].string == "America/New_York")
            #expect(try await browser.get("/serverInfo").json["serverTimeZone"].string == "Europe/Berlin")
            let new = try browser.simulator.perform(deed: .created)[0]
            let text = try await browser.get("/issue/\(new.issueID)?fields=created").json["fields"]["created"].string
            // Noon UTC in summer is two o'clock in Berlin and eight in New York.
            #expect(text?.hasPrefix("2026-08-11T14:0") == true && text?.hasSuffix("+0200") == true)
            #expect(try await browser.ids("created >= '2026-08-11 08:00'") == [String(new.issueID)])
            #expect(try await browser.ids("created >= '2026-08-11 08:01'").isEmpty)
        }
    }

    @Test("updatedBy finds what somebody made, changed, commented or edited, in whole days")
    func updatedBy() async throws {
        try await withBrowser { browser in
            let person = try #require(browser.simulator.oracle()?.users.first { $0.seat && $0.lastActivity == nil })
            let account = person.accountID
            let found = try await browser.count("issuekey in updatedBy('\(account)')")
            #expect(found == 0)
            var touched: Set<String> = []
            for deed in [Deed.created, .edited, .commented, .commentEdited, .worklogged] {
                let done = try browser.simulator.perform(deed: deed, accountID: account, bumpsUpdated: false)
                touched.insert(String(done[0].issueID))
            }
            for (dates, expected) in [
                (", '-1d'", touched), (", '2026-08-11', '2026-08-12'", touched), (", '2026-08-10', '2026-08-11'", []),
            ] {
                #expect(
                    Set(try await browser.ids("issuekey in updatedBy('\(account)'\(dates))")) == expected, "\(dates)")
            }
            let others = try await browser.ids("key not in updatedBy('\(account)')")
            #expect(others.count + touched.count == 121)
        }
    }

    @Test(
        "Refusals speak Jira's words",
        arguments: [
            ("", "Unbounded JQL queries are not allowed here"), ("order by created", "Unbounded JQL queries"),
            ("nosuchfield = 1", "Field 'nosuchfield' does not exist"),
            ("project = NOPE", "does not exist for the field"),
            ("key = NOPE-1", "An issue with key 'NOPE-1' does not exist"), ("updated >= soon", "Valid formats include"),
            ("updated in (0)", "The operator 'in' is not supported by the 'updated' field."),
            ("project in updatedBy('x')", "is only supported by the fields"),
            ("issuekey = updatedBy('x', '-9d')", "The operator '=' is not supported"),
            ("key in updatedBy(currentUser(), '-9d')", "does not take the function 'currentUser'"),
            ("key in updatedBy('x', 'soon')", "Date value 'soon'"),
        ])
    func refusals(jql: String, message: String) async throws {
        try await withBrowser { browser in
            let answer = try await browser.searchAnswer(jql)
            #expect(answer.status == 400)
            let json = try answer.json
            #expect(json.names == ["errorMessages", "errors"])
            #expect(json["errorMessages"].array.first?.string?.contains(message) == true, "\(answer.text)")
        }
    }

    @Test("The old search is gone", arguments: ["/search?jql=a", "/search"])
    func removed(path: String) async throws {
        try await withBrowser { browser in
            let answer = try await browser.get(path)
            #expect(answer.status == 410)
        }
    }
}
