import JiraSimulator
import Testing

@Suite("Requests are counted and limited as Atlassian does", .timeLimit(.minutes(5)))
struct LimitTests {
    @Test("Points are one a request, one more a row, two more a person or group")
    func points() async throws {
        try await withBrowser { browser in
            let requests: [(path: String, cost: Int)] = [
                ("/search/jql?jql=created%3E0&maxResults=40", 41), ("/users/search?maxResults=20", 41),
                ("/serverInfo", 1), ("/issue/NOPE-1", 1), ("/group/bulk?maxResults=3", 7),
            ]
            for (path, cost) in requests {
                browser.simulator.resetStatistics()
                _ = try await browser.get(path)
                #expect(browser.simulator.statistics.points == cost, "\(path)")
            }
            browser.simulator.resetStatistics()
            _ = try await browser.exchange(try await browser.code())
            #expect(browser.simulator.statistics.points == 0)
            #expect(try await browser.count("created >= 0") == 120)
            #expect(browser.simulator.statistics.points == 1)
        }
    }

    @Test("A spent quota closes everything till the top of the hour")
    func quota() async throws {
        try await withBrowser(at: noon.advanced(bySeconds: 600), configure: { $0.pointsPerHour = 100 }) { browser in
            let first = try await browser.get("/search/jql?jql=created%20%3E%200&maxResults=90")
            #expect(first.header("Beta-RateLimit-Policy") == "\"global-app-quota\";q=100;w=3600")
            #expect(first.header("Beta-RateLimit") == "\"global-app-quota\";r=9;t=3000")
            _ = try await browser.get("/users/search?maxResults=10")
            let refused = try await browser.get("/serverInfo")
            #expect(refused.status == 429)
            #expect(refused.header("Retry-After") == "3000")
            #expect(refused.header("RateLimit-Reason") == "jira-quota-global-based")
            #expect(refused.header("X-RateLimit-Remaining") == "0")
            #expect(refused.header("X-RateLimit-Reset") == "2026-08-11T13:00:00.000Z")
            browser.simulator.advanceClock(by: .seconds(3000))
            #expect(try await browser.get("/serverInfo").status == 200)
        }
    }

    @Test("A burst closes one resource for a moment")
    func burst() async throws {
        try await withBrowser(configure: { $0.burst = .perSecond(3) }) { browser in
            for left in [2, 1, 0] {
                let answer = try await browser.get("/serverInfo")
                #expect(answer.status == 200)
                #expect(answer.header("X-RateLimit-Remaining") == "\(left)")
            }
            let refused = try await browser.get("/serverInfo")
            #expect(refused.status == 429)
            #expect(refused.header("Retry-After") == "1")
            #expect(refused.header("RateLimit-Reason") == "jira-burst-based")
            #expect(try await browser.get("/myself").status == 200)
            browser.simulator.advanceClock(by: .seconds(1))
            #expect(try await browser.get("/serverInfo").status == 200)
        }
    }

    @Test("Statistics tell route and status, and leave the simulator's own paths out")
    func statistics() async throws {
        try await withBrowser { browser in
            _ = try await browser.get("/myself")
            _ = try await browser.get("/issue/NOPE-1")
            _ = try await browser.get("/issue/NOPE-2")
            let json = try await browser.send("/_sim/stats").json
            #expect(json["total"].int == 3)
            let rows = json["requests"].array.map {
                "\($0["route"].string ?? "") \($0["status"].int ?? 0) \($0["count"].int ?? 0)"
            }
            #expect(
                rows == [
                    "GET /ex/jira/{cloudId}/rest/api/3/issue/{issueIdOrKey} 404 2",
                    "GET /ex/jira/{cloudId}/rest/api/3/myself 200 1",
                ])
        }
    }
}
