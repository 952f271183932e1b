import JiraSimulator
import Testing

@Suite("Personal-data reports are answered as Atlassian does", .timeLimit(.minutes(5)))
struct PersonalDataTests {
    private let active = "5be24ad8b1653240376955d2"
    private let closed = "5be24ba3f91c106033269289"

    private func report(
        _ ids: [String], at time: String = "2026-08-01T00:00:00.000Z", _ browser: Browser
    ) async throws -> Browser.Answer {
        let accounts = ids.map { "{\"accountId\":\"\($0)\",\"updatedAt\":\"\(time)\"}" }.joined(separator: ",")
        return try await browser.send(
            "/app/report-accounts/", body: "{\"accounts\":[\(accounts)]}", bearer: browser.token)
    }

    @Test("204 if nothing is to be done; else only the accounts that need it")
    func answers() async throws {
        try await withBrowser(configure: { $0.cyclePeriod = "P7D" }) { browser in
            let nothing = try await report([active], browser)
            #expect(nothing.status == 204)
            #expect(nothing.text.isEmpty)
            #expect(nothing.header("Cycle-Period") == "P7D")
            let some = try await report([active, closed], browser)
            #expect(some.text == "{\"accounts\":[{\"accountId\":\"\(closed)\",\"status\":\"closed\"}]}")
            let deleted = try #require(browser.simulator.oracle()?.users.first { $0.displayName == "Former user" })
            #expect(try await report([deleted.accountID], browser).text.contains("\"closed\""))
        }
    }

    @Test("An account whose data changed is to be fetched again, until it was")
    func updated() async throws {
        try await withBrowser { browser in
            browser.simulator.touchProfile(of: active)
            let touched = try await report([active], browser)
            #expect(touched.text.contains("\"updated\""))
            #expect(try await report([active], at: "2026-08-11T12:00:00.000Z", browser).status == 204)
            browser.simulator.closeAccount(active)
            #expect(try await report([active], browser).text.contains("\"closed\""))
        }
    }

    @Test(
        "What is malformed is refused in Atlassian's form",
        arguments: [
            Array(repeating: "a", count: 91), [], ["no blanks!"], [String(repeating: "a", count: 129)],
        ])
    func malformed(ids: [String]) async throws {
        try await withBrowser { browser in
            let answer = try await report(ids, browser)
            #expect(answer.status == 400)
            #expect(try answer.json.names == ["errorType", "errorMessage"])
        }
    }

    @Test("Ninety may be reported at once; the scope is needed, and a valid token")
    func bounds() async throws {
        try await withBrowser { browser in
            let many = try await report((0..<90).map { "a\($0)" }, browser)
            #expect(many.status == 204)
            #expect(try await report([active], at: "yesterday", browser).status == 400)
            var narrow = browser
            narrow.token = browser.simulator.accessToken([.readJiraUser, .readJiraWork])
            #expect(try await report([active], narrow).status == 401)
            narrow.token = "garbage"
            #expect(try await report([active], narrow).status == 401)
        }
    }
}
