import JiraSimulator
import Testing

@Suite("What is made to happen can be seen", .timeLimit(.minutes(5)))
struct ActivityTests {
    @Test("Random activity is done by holders of seats at different instants that end now")
    func batch() async throws {
        try await withBrowser { browser in
            let before = browser.simulator.now
            browser.simulator.advanceClock(by: .seconds(600))
            let answer = try await browser.control("activity", #"{"count":200,"seed":4}"#)
            let performed = try answer.json["performed"].array
            let instants = performed.compactMap { $0["at"].string.flatMap { Moment(text: $0) } }
            #expect(instants.count == 200)
            #expect(instants == instants.sorted() && Set(instants).count == 200)
            #expect(instants.last == browser.simulator.now)
            #expect(instants.allSatisfy { $0 > before })
            let seats = Set(browser.simulator.oracle()?.users.filter(\.seat).map(\.accountID) ?? [])
            #expect(performed.allSatisfy { $0["accountId"].string.map { seats.contains($0) } == true })
            #expect(Set(performed.compactMap { $0["deed"].string }) == Set(Deed.allCases.map(\.rawValue)))
        }
    }

    @Test("A second batch comes after the first, even while the clock stands still")
    func batches() async throws {
        try await withBrowser { browser in
            let first = try browser.simulator.perform(count: 50)
            let second = try browser.simulator.perform(count: 50)
            #expect(first.map(\.at).max().map { last in second.allSatisfy { $0.at > last } } == true)
            #expect(second.last?.at == browser.simulator.now)
        }
    }

    private func updated(_ issue: Int64, _ browser: Browser) async throws -> Moment? {
        let json = try await browser.get("/issue/\(issue)?fields=updated").json
        return json["fields"]["updated"].string.flatMap { Moment(text: $0) }
    }

    private func lastActivity(of account: String, _ browser: Browser) -> Oracle.LastActivity? {
        browser.simulator.oracle()?.users.first { $0.accountID == account }?.lastActivity
    }

    @Test("Each deed moves `updated` and is the account's last activity", arguments: Deed.allCases)
    func deeds(deed: Deed) async throws {
        try await withBrowser { browser in
            let account = browser.simulator.callerAccountID
            browser.simulator.advanceClock(by: .seconds(60))
            let performed = try browser.simulator.perform(deed: deed, accountID: account)
            let done = try #require(performed.first)
            let last = try #require(lastActivity(of: account, browser))
            #expect(last.at == done.at)
            #expect(last.kind == done.deed.kind)
            #expect(last.issueKey == done.issueKey)
            #expect(try await updated(done.issueID, browser) == done.at)
            #expect(try await browser.ids("updated >= \(done.at.milliseconds)") == [String(done.issueID)])
        }
    }

    @Test("A deed can be told to leave `updated` alone")
    func silentDeed() async throws {
        try await withBrowser { browser in
            let before = try await updated(10_003, browser)
            let performed = try browser.simulator.perform(deed: .edited, issue: "10003", bumpsUpdated: false)
            #expect(performed.count == 1)
            #expect(try await updated(10_003, browser) == before)
        }
    }

    @Test("A new issue has the next number of its project, and comes last in the order of ids")
    func creation() async throws {
        try await withBrowser { browser in
            let done = try browser.simulator.perform(deed: .created)[0]
            let project = try #require(done.issueKey.split(separator: "-").first)
            let keys = try await browser.search("project = \(project) ORDER BY key", fields: ["key"])
            #expect(keys.last?["key"].string == done.issueKey)
            #expect(Int64(keys.count) == done.issueKey.split(separator: "-").last.flatMap { Int64($0) })
            #expect(try await browser.ids("created >= 0 ORDER BY id").last == String(done.issueID))
            #expect(try await browser.get("/issue/\(done.issueKey.lowercased())").status == 200)
        }
    }

    @Test(
        "What cannot be done is refused with the reason",
        arguments: [
            (#"{"kind":"danced"}"#, "danced"), (#"{"accountId":"nobody"}"#, "nobody"),
            (#"{"issueId":"X-1","kind":"edited"}"#, "X-1"),
            (#"{"count":0}"#, "count"), (#"{"cloudId":"none"}"#, "none"),
        ])
    func refused(body: String, word: String) async throws {
        try await withBrowser { browser in
            let answer = try await browser.control("activity", body)
            #expect(answer.status == 400)
            #expect(answer.text.contains(word))
        }
    }
}
