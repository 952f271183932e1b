import JiraSimulator
import TestSupport
import Testing

/// Makes up the queries by which one asks what some people have done.
private struct ProbeMaker {
    var random: SplitMix64
    let accounts: [String]

    /// A day of the last three years, as JQL writes it; `nil` now and then.
    private mutating func day() -> String? {
        guard Int.random(in: 0..<4, using: &random) > 0 else { return nil }
        let year = Int.random(in: 2024...2026, using: &random)
        let month = Int.random(in: 1...8, using: &random)
        return "\(year)/0\(month)/\(Int.random(in: 10...28, using: &random))"
    }

    private mutating func people(_ count: Int) -> [String] {
        (0..<count).compactMap { _ in accounts.randomElement(using: &random) }
    }

    private mutating func touched(by account: String) -> String {
        var arguments = ["\"\(account)\""]
        let days = [day(), day()].compactMap { $0 }.sorted()
        arguments += days.map { "\"\($0)\"" }
        return "issuekey in updatedBy(\(arguments.joined(separator: ",")))"
    }

    mutating func probe() -> String {
        let count = Int.random(in: 1...6, using: &random)
        var terms = people(count).map { touched(by: $0) }
        let workers = people(count).map { "\"\($0)\"" }.joined(separator: ", ")
        var work = "worklogAuthor in (\(workers))"
        for sign in [">=", "<"] { if let day = day() { work += " AND worklogDate \(sign) \"\(day)\"" } }
        terms.append("(\(work))")
        let all = terms.shuffled(using: &random).joined(separator: " OR ")
        let more = [
            "", " AND updated >= \"2026/03/01\"", " AND project = WEB", " AND status = Done",
            " AND created < \"2026/01/01\"",
        ]
        return "(\(all))\(more.randomElement(using: &random) ?? "")"
    }
}

@Suite("Who touched what is found by an index as by a look at every issue", .timeLimit(.minutes(5)))
struct ProbeTests {
    /// The same question, put so that no index can answer it.
    private func plain(_ jql: String) -> String { "(\(jql)) OR summary ~ \"no such words\"" }

    private func compare(_ browser: Browser, seed: UInt64, probes: Int = 9) async throws {
        let accounts = try #require(browser.simulator.oracle()).users.map(\.accountID)
        var maker = ProbeMaker(random: SplitMix64(seed: seed), accounts: accounts)
        var hits = 0
        for _ in 0..<probes {
            let jql = maker.probe()
            let expected = try await browser.ids(plain(jql))
            #expect(try await browser.count(jql) == Int64(expected.count), "\(jql)")
            #expect(try await browser.ids(jql) == expected, "\(jql)")
            for order in ["updated DESC", "updated ASC, id ASC", "updated DESC, key", "id ASC", "key DESC"] {
                let sorted = try await browser.ids("\(plain(jql)) ORDER BY \(order)")
                #expect(try await browser.ids("\(jql) ORDER BY \(order)", pageSize: 7) == sorted, "\(jql) \(order)")
            }
            hits += expected.count
        }
        #expect(hits > 0)
    }

    @Test("On a site as it was, and after more has happened", arguments: 1...3 as ClosedRange<UInt64>)
    func changes(seed: UInt64) async throws {
        try await withBrowser(users: 40, issues: 140, seed: seed) { browser in
            try await compare(browser, seed: seed)
            for round in 1...3 as ClosedRange<UInt64> {
                browser.simulator.advanceClock(by: .seconds(86_400))
                _ = try browser.simulator.perform(count: 60, seed: round)
                _ = try browser.simulator.perform(count: 20, seed: round, deed: .commentEdited, bumpsUpdated: false)
                _ = try browser.simulator.moveIssue("\(10_010 + round)", toProject: round == 2 ? "WEB" : "APP")
                try browser.simulator.deleteIssue("\(10_020 + round)")
            }
            var later = browser
            later.token = browser.simulator.accessToken()
            try await compare(later, seed: seed + 100)
        }
    }

    @Test("With a search index that lags, hidden projects, and no permission to browse any")
    func cuts() async throws {
        try await withBrowser(users: 40, issues: 300, configure: { $0.hiddenProjects = 2 }) { browser in
            _ = try browser.simulator.perform(count: 60, seed: 1)
            browser.simulator.advanceClock(by: .seconds(1800))
            _ = try browser.simulator.perform(count: 120, seed: 2)
            _ = try await browser.control("faults", #"[{"indexLagSeconds":600}]"#)
            try await compare(browser, seed: 7)
            browser.simulator.advanceClock(by: .seconds(599))
            try await compare(browser, seed: 8)
            _ = try await browser.control("faults", #"[{"withhold":"BROWSE_PROJECTS"}]"#)
            let account = try #require(browser.simulator.oracle()?.users[1].accountID)
            #expect(try await browser.count("key in updatedBy(\"\(account)\")") == 0)
            #expect(try await browser.ids("key in updatedBy(\"\(account)\") ORDER BY updated DESC").isEmpty)
        }
    }

    @Test("Account ids with colons and what was made and done by one person in one day are found")
    func account() async throws {
        try await withBrowser(users: 60) { browser in
            let users = try #require(browser.simulator.oracle()).users
            let user = try #require(
                users.first { $0.seat && $0.lastActivity == nil && $0.accountID.contains("712020:") })
            for deed in Deed.allCases {
                let done = try browser.simulator.perform(deed: deed, accountID: user.accountID)[0]
                let ids = try await browser.ids(
                    """
                    issuekey in updatedBy("\(user.accountID)","2026/08/11","2026/08/12")
                        OR (worklogAuthor in ("\(user.accountID)") AND worklogDate >= "2026/08/11")
                        ORDER BY updated DESC
                    """)
                #expect(ids.first == String(done.issueID), "\(deed)")
            }
            #expect(try await browser.count("key in updatedBy('\(user.accountID)', '2026/08/10', '2026/08/11')") == 0)
        }
    }

    @Test("Terms about worklogs that AND joins are about one worklog")
    func oneWorklog() async throws {
        try await withBrowser(users: 60) { browser in
            let seats = try #require(browser.simulator.oracle()).users.filter { $0.seat && $0.lastActivity == nil }
            let (one, other) = (seats[0].accountID, seats[1].accountID)
            _ = try browser.simulator.perform(deed: .worklogged, accountID: one, issue: "10003")
            browser.simulator.advanceClock(by: .seconds(10 * 86_400))
            _ = try browser.simulator.perform(deed: .worklogged, accountID: other, issue: "10003")
            var later = browser
            later.token = browser.simulator.accessToken()
            let work = "worklogDate >= \"2026/08/20\""
            #expect(try await later.ids("worklogAuthor = \"\(one)\"") == ["10003"])
            #expect(try await later.ids("worklogAuthor = \"\(other)\" AND \(work)") == ["10003"])
            #expect(try await later.ids("worklogAuthor = \"\(one)\" AND \(work)").isEmpty)
        }
    }

    @Test("Walks and counts by `updated` and project are those of a look at every issue", arguments: [0, 2])
    func walks(hidden: Int) async throws {
        try await withBrowser(users: 30, issues: 510, configure: { $0.hiddenProjects = hidden }) { browser in
            _ = try browser.simulator.perform(count: 80, seed: 3)
            let ranges = [
                "updated >= \"2025-06-01 00:00\" AND updated < \"2025-09-01 00:00\"", "updated >= \"2026-08-10 00:00\"",
                "updated < \"2025-01-01 00:00\"", "project = WEB AND updated >= \"2025-10-01 10:30\"", "project = WEB",
                "project in (WEB, OPS) AND updated >= \"2026-01-01\"", "project = WEB AND created >= \"2026-01-01\"",
            ]
            for jql in ranges {
                let expected = try await browser.ids(plain(jql))
                #expect(!expected.isEmpty)
                #expect(try await browser.count(jql) == Int64(expected.count), "\(jql)")
                for order in ["updated DESC, id DESC", "updated ASC, id ASC", "id ASC", "created DESC", "id DESC"] {
                    let sorted = try await browser.ids("\(plain(jql)) ORDER BY \(order)")
                    for size in [5000, 11] {
                        let ids = try await browser.ids("\(jql) ORDER BY \(order)", pageSize: size)
                        #expect(ids == sorted, "\(jql) \(order) by \(size)")
                    }
                }
            }
        }
    }
}
