import JiraSimulator
import Testing

/// Reads a whole site over REST and adds up by its own reading of the contract, to be held against the oracle.
struct SiteReading {
    struct Act: Hashable {
        let at: Int64
        let kind: String
        let account: String
        let issue: Int64
    }

    private(set) var acts: [Act] = []

    init(_ browser: Browser) async throws {
        let fields = ["creator", "created", "comment", "worklog"]
        for issue in try await browser.search("created >= 0", fields: fields, pageSize: 100) {
            try await add(issue, browser)
        }
    }

    private mutating func add(_ issue: JSON, _ browser: Browser) async throws {
        let id = try #require(issue["id"].string)
        let number = try #require(Int64(id))
        func act(_ kind: String, _ person: JSON, _ time: JSON) throws {
            let at = try #require(time.int ?? time.string.flatMap { Moment(text: $0)?.milliseconds })
            guard let account = person["accountId"].string, !account.isEmpty else { return }
            acts.append(Act(at: at, kind: kind, account: account, issue: number))
        }
        try act("created", issue["fields"]["creator"], issue["fields"]["created"])
        let histories = try await all("/issue/\(id)/changelog?", "values", browser)
        for history in histories {
            let names = history["items"].array.compactMap { $0["field"].string }
            var kinds: Set<String> = []
            for name in names {
                switch name {
                case "status": kinds.insert("transitioned")
                case "Attachment": kinds.insert("attached")
                case "WorklogId": kinds.insert("worklogged")
                case "timespent", "timeestimate": if !names.contains("WorklogId") { kinds.insert("edited") }
                default: kinds.insert("edited")
                }
            }
            for kind in kinds { try act(kind, history["author"], history["created"]) }
        }
        for comment in try await all("/issue/\(id)/comment?", "comments", browser) {
            try act("commented", comment["author"], comment["created"])
            if comment["updated"] != comment["created"] {
                try act("commented", comment["updateAuthor"], comment["updated"])
            }
        }
        for worklog in try await all("/issue/\(id)/worklog?", "worklogs", browser) {
            // Histories by somebody tell of a worklog; only what none tells counts at the worklog's own times.
            let told = histories.filter { history in
                history["author"]["accountId"].string.map { !$0.isEmpty } == true
                    && history["items"].array.contains { item in
                        item["field"].string == "WorklogId" && [item["from"], item["to"]].contains(worklog["id"])
                    }
            }
            .compactMap { $0["created"].string }
            if let created = worklog["created"].string, !told.contains(created) {
                try act("worklogged", worklog["author"], worklog["created"])
            }
            if let updated = worklog["updated"].string, worklog["updated"] != worklog["created"],
                !told.contains(updated)
            {
                try act("worklogged", worklog["updateAuthor"], worklog["updated"])
            }
        }
    }

    private func all(_ path: String, _ member: String, _ browser: Browser) async throws -> [JSON] {
        var rows: [JSON] = []
        while true {
            let page = try await browser.get("\(path)startAt=\(rows.count)").json
            rows += page[member].array
            guard Int64(rows.count) < page["total"].int ?? 0 else { return rows }
        }
    }

    func last(of account: String) -> Act? {
        let order = ["created", "transitioned", "edited", "attached", "worklogged", "commented"]
        return acts.filter { $0.account == account }.max { left, right in
            (left.at, order.firstIndex(of: left.kind) ?? 0, left.issue)
                < (right.at, order.firstIndex(of: right.kind) ?? 0, right.issue)
        }
    }
}

@Suite("The oracle tells what the REST API shows", .timeLimit(.minutes(5)))
struct OracleTests {
    private func compare(_ browser: Browser) async throws {
        let reading = try await SiteReading(browser)
        let oracle = try #require(browser.simulator.oracle())
        #expect(oracle.counts.activities == reading.acts.count)
        for user in oracle.users {
            let own = reading.acts.filter { $0.account == user.accountID }
            for kind in ActivityKind.allCases {
                let some = own.filter { $0.kind == kind.rawValue }
                #expect(user.activity[kind]?.count == some.count, "\(kind) of \(user.displayName)")
                #expect(user.activity[kind]?.lastAt?.milliseconds == some.map(\.at).max())
            }
            let last = reading.last(of: user.accountID)
            #expect(user.lastActivity?.at.milliseconds == last?.at)
            #expect(user.lastActivity?.kind.rawValue == last?.kind)
            #expect(user.lastActivity?.issueID == last?.issue)
        }
    }

    @Test("On a generated site, before and after more has happened", arguments: [1, 2, 3] as [UInt64])
    func bruteForce(seed: UInt64) async throws {
        try await withBrowser(users: 25, issues: 60, seed: seed) { browser in
            try await compare(browser)
            _ = try browser.simulator.perform(count: 60, seed: seed)
            try await compare(browser)
        }
    }

    @Test("Seats are enabled people with a role, and each role's verdicts add up")
    func seats() async throws {
        try await withBrowser(users: 80, issues: 300) { browser in
            let oracle = try #require(browser.simulator.oracle(thresholdDays: 60))
            for user in oracle.users {
                let path = "/user?accountId=\(user.accountID)&expand=groups,applicationRoles"
                let json = try await browser.get(path).json
                let roles = json["applicationRoles"]["items"].array
                let isSeat = json["active"].bool == true && json["accountType"].string == "atlassian" && !roles.isEmpty
                #expect(user.seat == isSeat)
                #expect(user.groups.map(\.id) == json["groups"]["items"].array.compactMap { $0["groupId"].string })
            }
            let since = oracle.asOf.milliseconds - 60 * 86_400_000
            for role in oracle.roles {
                let holders = oracle.users.filter { user in
                    user.seat && user.applicationRoles.contains { $0.key == role.key }
                }
                #expect(role.seats == holders.count)
                #expect(role.seats == role.active + role.inactive + role.neverActive)
                #expect(role.active == holders.count { ($0.lastActivity?.at.milliseconds ?? 0) > since })
                #expect(role.neverActive == holders.count { $0.lastActivity == nil })
            }
        }
    }

    @Test("As of an earlier instant, later activity is not there")
    func asOf() async throws {
        try await withBrowser { browser in
            let before = browser.simulator.now
            let account = try #require(browser.simulator.oracle()?.users.first { $0.seat }?.accountID)
            browser.simulator.advanceClock(by: .seconds(60))
            let done = try browser.simulator.perform(deed: .commented, accountID: account)[0]
            func last(_ moment: Moment?) -> Oracle.LastActivity? {
                browser.simulator.oracle(asOf: moment)?.users.first { $0.accountID == account }?.lastActivity
            }
            #expect(last(nil)?.at == done.at)
            #expect(last(done.at)?.at == done.at)
            #expect(last(before)?.at != done.at)
        }
    }

    @Test("Hidden projects' activity is nobody's evidence, but counted")
    func hidden() async throws {
        try await withBrowser(configure: { $0.hiddenProjects = 1 }) { browser in
            let oracle = try #require(browser.simulator.oracle())
            #expect(oracle.counts.hidden > 0)
            #expect(try await browser.count("created >= 0") == Int64(oracle.counts.issues))
            #expect(oracle.counts.issues < 120)
        }
    }

    @Test("Over HTTP it has the promised members")
    func wire() async throws {
        try await withBrowser { browser in
            let json = try await browser.send("/_sim/oracle?thresholdDays=30").json
            #expect(json.names == ["asOf", "thresholdDays", "users", "roles", "counts"])
            #expect(json["asOf"].string == "2026-08-11T12:00:00.000Z")
            let user = try #require(json["users"].array.first { $0["lastActivity"] != .null })
            #expect(
                user.names.isSuperset(of: [
                    "accountId", "displayName", "accountType", "enabled", "seat", "applicationRoles", "groups",
                    "lastActivity", "activity",
                ]))
            #expect(user["lastActivity"].names == ["at", "kind", "issueKey", "issueId"])
            #expect(user["activity"].names == Set(ActivityKind.allCases.map(\.rawValue)))
            #expect(try await browser.send("/_sim/oracle?cloudId=none").status == 404)
        }
    }
}
