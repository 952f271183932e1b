import JiraSimulator
import Testing

@Suite("People come, go, and get and lose their roles", .timeLimit(.minutes(5)))
struct PersonHappeningTests {
    private struct Shown: Equatable {
        let isEnabled: Bool?
        let name: String?
        let roles: Set<String>
        let groups: Set<String>

        init(_ user: JSON) {
            isEnabled = user["active"].bool
            name = user["displayName"].string
            roles = Set(user["applicationRoles"]["items"].array.compactMap { $0["key"].string })
            groups = Set(user["groups"]["items"].array.compactMap { $0["name"].string })
        }

        init(_ user: Oracle.User) {
            isEnabled = user.enabled
            name = user.displayName
            roles = Set(user.applicationRoles.map(\.key))
            groups = Set(user.groups.map(\.name))
        }
    }

    private func user(_ account: String, _ browser: Browser) async throws -> Shown {
        let json = try await browser.get("/user?accountId=\(account)&expand=groups,applicationRoles").json
        #expect(json["groups"]["size"].int == Int64(json["groups"]["items"].array.count))
        #expect(json["applicationRoles"]["size"].int == Int64(json["applicationRoles"]["items"].array.count))
        let shown = Shown(json)
        let told = browser.simulator.oracle()?.users.first { $0.accountID == account }
        #expect(told.map { Shown($0) } == shown)
        return shown
    }

    @Test("A new account is the last of the users, without a seat until it has a role")
    func newAccount() async throws {
        try await withBrowser { browser in
            let answer = try await browser.control("people", #"{"displayName":"Newly Come"}"#).json
            let account = try #require(answer["accountId"].string)
            let users = try await browser.get("/users/search?maxResults=1000").json.array
            #expect(users.count == 31 && users.last?["accountId"].string == account)
            #expect(try await user(account, browser).roles.isEmpty)
            #expect(browser.simulator.oracle()?.users.last?.seat == false)
            try browser.simulator.changePerson(account, [.grant(role: "jira-software")])
            #expect(try await user(account, browser).groups == ["jira-software-users"])
            #expect(browser.simulator.oracle()?.users.last?.seat == true)
            let done = try browser.simulator.perform(deed: .commented, accountID: account)[0]
            #expect(try await browser.ids("key in updatedBy('\(account)')") == [String(done.issueID)])
            #expect(browser.simulator.oracle()?.users.last?.lastActivity?.at == done.at)
            let app = NewAccount(displayName: "Bot", kind: .app, accountID: "557058:bot")
            #expect(try browser.simulator.addAccount(app) == "557058:bot")
            #expect(throws: ActivityError.accountExists("557058:bot")) { try browser.simulator.addAccount(app) }
            #expect(try await browser.get("/user?accountId=557058:bot").json["accountType"].string == "app")
        }
    }

    @Test("Roles and groups go together as far as groups grant roles")
    func roles() async throws {
        try await withBrowser { browser in
            let account = try browser.simulator.addAccount(NewAccount(displayName: "Newly Come"))
            let steps: [([PersonChange], roles: Set<String>, groups: Set<String>)] = [
                ([.join(group: "team-platform")], [], ["team-platform"]),
                ([.join(group: "jira-core-users")], ["jira-core"], ["team-platform", "jira-core-users"]),
                (
                    [.grant(role: "jira-software")], ["jira-core", "jira-software"],
                    ["team-platform", "jira-core-users", "jira-software-users"]
                ),
                ([.withdraw(role: "jira-core")], ["jira-software"], ["team-platform", "jira-software-users"]),
                ([.leave(group: "jira-software-users")], [], ["team-platform"]),
                ([.leave(group: "team-platform"), .grant(role: "jira-core")], ["jira-core"], ["jira-core-users"]),
            ]
            for (changes, roles, groups) in steps {
                try browser.simulator.changePerson(account, changes)
                let shown = try await user(account, browser)
                #expect(shown.roles == roles && shown.groups == groups, "\(changes)")
            }
        }
    }

    @Test("A name changes, an account is deactivated and comes back, over HTTP, and the rest is left alone")
    func standing() async throws {
        try await withBrowser { browser in
            let seat = try #require(browser.simulator.oracle()?.users.first { $0.seat })
            let before = try await user(seat.accountID, browser)
            let fetched = browser.simulator.now.rfc3339
            browser.simulator.advanceClock(by: .seconds(60))
            for (body, isEnabled, name) in [
                (#""enabled":false"#, false, seat.displayName), (#""displayName":"Other Name""#, false, "Other Name"),
                (#""enabled":true"#, true, "Other Name"),
            ] {
                _ = try await browser.control("people", "{\"accountId\":\"\(seat.accountID)\",\(body)}")
                let shown = try await user(seat.accountID, browser)
                #expect(shown.isEnabled == isEnabled && shown.name == name)
                #expect(shown.roles == before.roles && shown.groups == before.groups)
                #expect(browser.simulator.oracle()?.users.first { $0.accountID == seat.accountID }?.seat == isEnabled)
            }
            // A changed name is personal data that must be fetched again.
            let report = "{\"accounts\":[{\"accountId\":\"\(seat.accountID)\",\"updatedAt\":\"\(fetched)\"}]}"
            let answer = try await browser.send("/app/report-accounts/", body: report, bearer: browser.token).json
            #expect(answer["accounts"].array.first?["status"].string == "updated")
        }
    }

    @Test("What cannot happen is refused with the reason, and nothing of it happens")
    func refused() async throws {
        try await withBrowser { browser in
            let account = browser.simulator.callerAccountID
            let before = try await user(account, browser)
            for (body, word) in [
                (#""accountId":"nobody""#, "nobody"), ("\"accountId\":\"\(account)\",\"grantRoles\":[\"tea\"]", "tea"),
                ("\"accountId\":\"\(account)\",\"enabled\":false,\"joinGroups\":[\"tea\"]", "tea"),
                (#""accountType":"robot""#, "robot"), (#""displayName":"A","cloudId":"none""#, "none"),
            ] {
                let answer = try await browser.control("people", "{\(body)}")
                #expect(answer.status == 400)
                #expect(answer.text.contains(word), "\(answer.text)")
            }
            #expect(try await user(account, browser) == before)
        }
    }
}
