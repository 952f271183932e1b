import JiraSimulator
import Testing

@Suite("Sites can be stricter or older than most", .timeLimit(.minutes(5)))
struct OptionTests {
    private let jql = "created >= 0 ORDER BY updated ASC"

    /// The ids of a walk during which the issue that comes `index`-th is touched after the first page.
    private func walk(_ browser: Browser, touching index: Int) async throws -> (before: [String], found: [String]) {
        let whole = try await browser.ids(jql)
        let first = try await browser.search(page: jql, pageSize: 20)
        _ = try browser.simulator.perform(deed: .edited, issue: whole[index])
        var found = first["issues"].array.compactMap { $0["id"].string }
        var token = first["nextPageToken"].string
        while let next = token {
            let page = try await browser.search(page: jql, pageSize: 20, token: next)
            found += page["issues"].array.compactMap { $0["id"].string }
            token = page["nextPageToken"].string
        }
        return (whole, found)
    }

    @Test("By offset, a row that moves out of what was read makes another be skipped")
    func offsets() async throws {
        try await withBrowser(configure: { $0.pageTokens = .offset }) { browser in
            let whole = try await browser.ids(jql)
            #expect(try await browser.ids(jql, pageSize: 7) == whole)
            let (before, found) = try await walk(browser, touching: 3)
            #expect(Set(before).subtracting(found) == [before[20]])
            #expect(found == before[..<20] + before[21...] + [before[3]])
        }
    }

    @Test("By keyset, no row that stays is skipped or comes twice")
    func keysets() async throws {
        try await withBrowser { browser in
            let (before, found) = try await walk(browser, touching: 3)
            #expect(found == before + [before[3]])
        }
    }

    @Test("A query with more calls of updatedBy than allowed is refused, one with as many is not")
    func calls() async throws {
        try await withBrowser(configure: { $0.updatedByLimit = 2 }) { browser in
            let call = "key in updatedBy('a')"
            let two = try await browser.searchAnswer("\(call) or \(call)")
            #expect(two.status == 200)
            for jql in ["\(call) or \(call) or \(call)", "created > 0 and not (\(call) or (\(call) and \(call)))"] {
                let refused = try await browser.searchAnswer(jql)
                #expect(refused.status == 400)
                #expect(refused.text.contains("updatedBy"))
                let body = "{\"jql\":\"\(jql)\"}"
                #expect(try await browser.post("/search/approximate-count", body).status == 400)
            }
        }
    }

    @Test("Bulk fetch can be made to take a hundred issues and no more", arguments: [true, false])
    func bulkFetch(takesThousand: Bool) async throws {
        try await withBrowser(configure: { $0.bulkFetchTakesThousand = takesThousand }) { browser in
            for (count, status) in [(100, 200), (101, takesThousand ? 200 : 400)] {
                let ids = (10_000..<(10_000 + count)).map { String($0) }.joined(separator: ",")
                let body = "{\"issueIdsOrKeys\":[\(ids)],\"fields\":[\"created\"]}"
                let answer = try await browser.post("/issue/bulkfetch", body)
                #expect(answer.status == status)
            }
        }
    }

    @Test("A user's groups can be cut short; their number and /user/groups tell of all", arguments: [true, false])
    func groups(byRule: Bool) async throws {
        try await withBrowser(configure: { $0.groupItemLimit = byRule ? nil : 1 }) { browser in
            if byRule {
                #expect(try await browser.control("faults", #"[{"groupItems":1}]"#).status == 200)
            }
            let user = try #require(browser.simulator.oracle()?.users.first { $0.groups.count > 1 })
            let json = try await browser.get("/user?accountId=\(user.accountID)&expand=groups").json
            #expect(json["groups"]["size"].int == Int64(user.groups.count))
            #expect(json["groups"]["items"].array.count == 1)
            let all = try await browser.get("/user/groups?accountId=\(user.accountID)").json.array
            #expect(all.compactMap { $0["groupId"].string } == user.groups.map(\.id))
            guard byRule else { return }
            browser.simulator.setFaults([])
            let whole = try await browser.get("/user?accountId=\(user.accountID)&expand=groups").json
            #expect(whole["groups"]["items"].array.count == user.groups.count)
        }
    }

    @Test("Answers that are kept cost what they cost, and are forgotten when anything changes")
    func memory() async throws {
        try await withBrowser(configure: { $0.memoises = true }) { browser in
            let path = "/search/jql?jql=created%20%3E%200&fields=updated"
            let first = try await browser.get(path)
            let cost = browser.simulator.statistics.points
            #expect(try await browser.get(path).text == first.text)
            #expect(browser.simulator.statistics.points == 2 * cost)
            #expect(browser.simulator.statistics.total == 2)
            let id = try #require(first.json["issues"].array.last?["id"].string)
            _ = try browser.simulator.perform(deed: .edited, issue: id)
            let changed = try await browser.get(path).text
            #expect(changed != first.text)
            let before = try await browser.get("/serverInfo").text
            browser.simulator.advanceClock(by: .seconds(90))
            #expect(try await browser.get("/serverInfo").text != before)
            browser.simulator.setFaults([])
            _ = try await browser.control("faults", #"[{"withhold":"BROWSE_PROJECTS"}]"#)
            #expect(try await browser.get(path).json["issues"].array.isEmpty)
        }
    }

    @Test("Answers cannot be kept while the clock runs on")
    func runningClock() {
        var configuration = SimulatorConfiguration(users: 1, issues: 1, time: .running(from: noon))
        configuration.memoises = true
        #expect(configuration.problem != nil)
        configuration.time = .frozen(at: noon)
        #expect(configuration.problem == nil)
    }
}
