import JiraSimulator
import Testing

@Suite("What is scripted goes wrong, and nothing else", .timeLimit(.minutes(5)))
struct FaultTests {
    @Test("A rule waits for its matches, lasts as long as it says, and an empty list clears it")
    func counting() async throws {
        try await withBrowser { browser in
            _ = try await browser.control(
                "faults", #"[{"route":"/myself","skip":1,"times":2,"status":503,"retryAfter":2}]"#)
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await browser.get("/myself").status) }
            #expect(statuses == [200, 503, 503, 200])
            #expect(try await browser.get("/serverInfo").status == 200)
            browser.simulator.setFaults([FaultRule(route: "/myself", method: "GET", status: 500)])
            #expect(try await browser.get("/myself").status == 500)
            browser.simulator.setFaults([])
            #expect(try await browser.get("/myself").status == 200)
        }
    }

    @Test("A scripted 429 carries its reason and what goes with it")
    func tooMany() async throws {
        try await withBrowser { browser in
            _ = try await browser.control(
                "faults", #"[{"status":429,"retryAfter":7,"reason":"jira-quota-global-based"}]"#)
            let answer = try await browser.get("/myself")
            #expect(answer.status == 429)
            #expect(answer.header("Retry-After") == "7")
            #expect(answer.header("RateLimit-Reason") == "jira-quota-global-based")
            #expect(answer.header("X-RateLimit-Reset") == "2026-08-11T13:00:00.000Z")
        }
    }

    @Test(
        "Bodies are cut, malformed, or dripped to the end",
        arguments: [
            (#"[{"cutAfterBytes":20}]"#, false), (#"[{"malformed":true}]"#, false),
            (#"[{"dripBytes":64,"dripMilliseconds":1}]"#, true), (#"[{"stallMilliseconds":20}]"#, true),
            (#"[{"delayMilliseconds":20}]"#, true),
        ])
    func bodies(rules: String, isWhole: Bool) async throws {
        try await withBrowser { browser in
            let right = try await browser.get("/myself").text
            #expect(try await browser.control("faults", rules).status == 200)
            let text: String?
            do {
                text = try await browser.get("/myself").text
            } catch {
                text = nil
            }
            #expect((text == right) == isWhole)
        }
    }

    @Test("Tokens can be revoked: all, those for access, those for refreshing")
    func revocation() async throws {
        try await withBrowser { browser in
            let cases = [
                ("[]", 200, 200), (#"[{"revokeTokens":true}]"#, 401, 403),
                (#"[{"revokeAccessTokens":true}]"#, 401, 200),
                (#"[{"revokeRefreshTokens":true}]"#, 200, 403),
            ]
            for (rules, access, refresh) in cases {
                let tokens = try await browser.exchange(try await browser.code())
                _ = try await browser.control("faults", rules)
                var own = browser
                own.token = tokens["access_token"].string ?? ""
                #expect(try await own.get("/myself").status == access, "\(rules)")
                #expect(try await browser.refresh(tokens["refresh_token"].string).status == refresh, "\(rules)")
            }
        }
    }

    private func holds(_ key: String, _ browser: Browser) async throws -> Bool? {
        let json = try await browser.get("/mypermissions?permissions=USER_PICKER,BROWSE_PROJECTS").json
        return json["permissions"][key]["havePermission"].bool
    }

    @Test("Without USER_PICKER users and groups are closed, without BROWSE_PROJECTS issues are not seen")
    func permissions() async throws {
        try await withBrowser { browser in
            _ = try await browser.control("faults", #"[{"withhold":"USER_PICKER"}]"#)
            let account = browser.simulator.callerAccountID
            for path in ["/users/search", "/user?accountId=\(account)", "/group/bulk"] {
                #expect(try await browser.get(path).status == 403)
            }
            #expect(try await holds("USER_PICKER", browser) == false)
            #expect(try await holds("BROWSE_PROJECTS", browser) == true)
            _ = try await browser.control("faults", #"[{"withhold":"BROWSE_PROJECTS"}]"#)
            #expect(try await browser.ids("created >= 0").isEmpty)
            #expect(try await browser.count("updated >= 0") == 0)
            #expect(try await browser.get("/issue/10000").status == 404)
            #expect(try await holds("BROWSE_PROJECTS", browser) == false)
            _ = try await browser.control("faults", "[]")
            #expect(try await browser.count("updated >= 0") == 120)
        }
    }

    @Test("With a lag the search does not see what is younger, but other resources do")
    func indexLag() async throws {
        try await withBrowser { browser in
            let issue = try await browser.ids("created >= 0 ORDER BY id")[5]
            _ = try await browser.control("faults", #"[{"indexLagSeconds":600}]"#)
            browser.simulator.advanceClock(by: .seconds(60))
            let edit = try browser.simulator.perform(deed: .edited, issue: issue)[0]
            let new = try browser.simulator.perform(deed: .created)[0]
            let jql = "updated >= \(edit.at.milliseconds)"
            #expect(try await browser.ids(jql).isEmpty)
            #expect(try await browser.count(jql) == 0)
            #expect(try await browser.count("created >= 0") == 120)
            #expect(try await browser.get("/issue/\(new.issueKey)").status == 200)
            browser.simulator.advanceClock(by: .seconds(601))
            var later = browser
            later.token = browser.simulator.accessToken()
            #expect(try await Set(later.ids(jql)) == [issue, String(new.issueID)])
        }
    }

    @Test("Comment edits can be made to leave `updated` alone")
    func silentEdits() async throws {
        try await withBrowser { browser in
            let done = try browser.simulator.perform(deed: .commented)[0]
            _ = try await browser.control("faults", #"[{"commentEditsDoNotBump":true}]"#)
            browser.simulator.advanceClock(by: .seconds(60))
            let edit = try browser.simulator.perform(deed: .commentEdited, issue: done.issueKey)[0]
            #expect(try await browser.ids("updated >= \(edit.at.milliseconds)").isEmpty)
        }
    }

    @Test(
        "A rule that means nothing is refused",
        arguments: [
            "[{}]", #"[{"withhold":"ALL"}]"#, #"[{"status":42}]"#, #"{"status":500}"#,
        ])
    func refused(rules: String) async throws {
        try await withBrowser { browser in
            let answer = try await browser.control("faults", rules)
            #expect(answer.status == 400)
        }
    }
}
