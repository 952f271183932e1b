import JiraCloud
import JiraSimulator
import TestSupport
import Testing
import UsageModel

@Suite("Against a simulated Jira Cloud", .timeLimit(.minutes(5)))
struct SimulatorTests {
    private let start = SimulatedJira.start

    private func with(
        scopes: [OAuthScope] = OAuthScope.allCases, _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (JiraSimulator, JiraSite, JiraCloud.OAuthClient, LeapingClock, String) async throws -> Void
    ) async throws {
        try await SimulatedJira.run(scopes: scopes, change) { jira in
            try await body(jira.simulator, jira.site, jira.oauth, jira.clock, jira.baseURL)
        }
    }

    @Test("from the consent's address to tokens, their successors, the sites they open, and the account behind them")
    func consent() async throws {
        try await with({ $0.listsOtherProducts = true }) { simulator, site, oauth, _, _ in
            let location = try await location(of: oauth.authorizationURL(state: Secret("the state")))
            #expect(location.hasPrefix("\(simulator.client.redirectURI)?code="))
            #expect(location.hasSuffix("&state=the%20state"))
            let code = location.drop { $0 != "=" }.dropFirst().prefix { $0 != "&" }

            let tokens = try await oauth.exchange(code: Secret(String(code)))
            #expect(Set(tokens.scopes) == Set(JiraCloud.OAuthClient.scopes))
            #expect(tokens.expiresIn == .seconds(3600))
            await #expect(throws: OAuthError.codeRejected) { try await oauth.exchange(code: Secret(String(code))) }

            let first = try #require(tokens.refresh)
            let renewed = try await oauth.refresh(first)
            #expect(renewed.refresh?.matches(first) == false)
            let sites = try await oauth.accessibleSites(access: renewed.access)
            #expect(sites.map(\.cloudID) == [site.cloudID])
            let myself = try await site.myself()
            #expect(myself.account.rawValue == simulator.callerAccountID)
            #expect(myself.timeZone == "America/New_York")

            var revocation = FaultRule()
            revocation.revokeRefreshTokens = true
            simulator.setFaults([revocation])
            await #expect(throws: OAuthError.refreshTokenDead(description: "refresh_token is invalid")) {
                try await oauth.refresh(try #require(renewed.refresh))
            }
        }
    }

    @Test("everybody, everything and every change is read, at the price that was foretold")
    func whole() async throws {
        try await with { simulator, site, _, clock, _ in
            let oracle = try #require(simulator.oracle())

            var people: [Person] = []
            var startAt = 0
            while case let page = try await site.users(startAt: startAt, limit: 15), page.rowCount > 0 {
                people += page.people
                startAt += page.rowCount
            }
            #expect(people.map(\.account.rawValue) == oracle.users.map(\.accountID))
            for (person, user) in zip(people, oracle.users) {
                let access = try #require(try await site.access(of: person.account)?.access)
                #expect(access.roles.map(\.key) == user.applicationRoles.map(\.key))
                #expect(Set(access.groups.map(\.id)) == Set(user.groups.map(\.id)))
                #expect(access.groupCount == user.groups.count)
            }

            let jql = "created >= 2000-01-01 ORDER BY id ASC"
            var ids: [IssueID] = []
            var token: String?
            repeat {
                let page = try await site.searchIssueIDs(jql: jql, pageToken: token, limit: 70)
                ids += page.ids
                token = page.next
            } while token != nil
            #expect(ids.count == oracle.counts.issues)
            let count = try await site.approximateCount(jql: "created >= 2000-01-01")
            #expect(count == oracle.counts.issues)

            var issues: [IssueSummary] = []
            repeat {
                let page = try await site.searchIssues(jql: jql, pageToken: token)
                issues += page.issues
                token = page.next
            } while token != nil
            #expect(issues.map(\.id) == ids)

            var comments = 0
            for issue in issues {
                var all: Set<JiraCloud.Comment> = []
                repeat {
                    let page = try await site.comments(of: issue.id, startAt: all.count)
                    #expect(page.total == issue.commentTotal)
                    all.formUnion(page.comments)
                    if page.comments.isEmpty { break }
                } while all.count < issue.commentTotal ?? 0
                #expect(all.count == issue.commentTotal, "\(issue.key)")
                let isPart = all.isSuperset(of: issue.comments)
                #expect(isPart, "\(issue.key)")
                comments += all.count
            }
            #expect(comments > 100)

            var histories: Set<Int64> = []
            var worklogsOfHistories: Set<Int64> = []
            repeat {
                let page = try await site.histories(of: ids, pageToken: token)
                for history in page.histories {
                    histories.insert(history.id)
                    for case .worklog(let id?) in history.items { worklogsOfHistories.insert(id) }
                }
                token = page.next
            } while token != nil
            #expect(histories.count > issues.count)

            var worklogs: Set<Int64> = []
            var since = Instant(milliseconds: 0)
            while true {
                let page = try await site.changedWorklogs(since: since)
                let rows = try await site.worklogs(ids: page.ids)
                #expect(rows.map(\.id).sorted() == page.ids.sorted())
                worklogs.formUnion(page.ids)
                since = page.until
                if page.isLast { break }
            }
            #expect(!worklogs.isEmpty)
            #expect(worklogs.isSubset(of: worklogsOfHistories))

            #expect(clock.sleeps == [])
            #expect(site.usage.total.failures == 0)
            #expect(site.usage.total.requests == simulator.statistics.total)
            #expect(site.usage.total.points == simulator.statistics.points)
        }
    }

    @Test("what is broken for a while is read all the same, and what stays broken is named")
    func faults() async throws {
        try await with { simulator, site, _, clock, _ in
            var cut = FaultRule(route: "/search/jql", times: 1)
            cut.cutAfterBytes = 100
            var overload = FaultRule(route: "/search/jql", skip: 1, times: 1, status: 503)
            overload.retryAfter = 20
            simulator.setFaults([cut, overload])
            let page = try await site.searchIssueIDs(jql: "created >= 2000-01-01", pageToken: nil)
            #expect(page.ids.count == 300)
            #expect(clock.sleeps.count == 2)
            #expect(clock.sleeps.last == .seconds(20))

            var malformed = FaultRule(route: "/search/jql")
            malformed.malformed = true
            simulator.setFaults([malformed])
            let error = await #expect(throws: JiraError.self) {
                try await site.searchIssueIDs(jql: "created >= 2000-01-01", pageToken: nil)
            }
            guard case .malformed(.search, let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.hasPrefix("not JSON at byte "))
        }
    }

    @Test("a spent quota is an instant to come back at, and the full hour is that instant")
    func quota() async throws {
        try await with({ $0.pointsPerHour = 20 }) { _, site, _, clock, _ in
            _ = try await site.searchIssueIDs(jql: "created >= 2000-01-01", pageToken: nil)
            let hour = start + .seconds(3600)
            await #expect(throws: JiraError.rateLimited(.myself, .globalQuota, until: hour)) {
                try await site.myself()
            }
            #expect(clock.sleeps == [])
            #expect(site.usage.rateLimit?.remaining == 0)
        }
    }

    @Test("a token without the scope is not taken for a rejected one")
    func scope() async throws {
        try await with(scopes: [.readJiraUser]) { simulator, site, _, _, _ in
            await #expect(throws: JiraError.scopeMissing(.count)) {
                try await site.approximateCount(jql: "created >= 2000-01-01")
            }
            #expect(simulator.statistics.total == 1)
        }
    }

    @Test("a missing permission and a bad query are told apart")
    func refusals() async throws {
        try await with { simulator, site, _, _, _ in
            let unbounded = await outcome { () throws(JiraError) in
                try await site.searchIssueIDs(jql: "ORDER BY id", pageToken: nil)
            }
            guard case .failure(.badRequest(.search, let message?)) = unbounded else {
                Issue.record("\(unbounded)")
                return
            }
            #expect(message.hasPrefix("Unbounded JQL queries are not allowed"))
            let before = try await site.permissions(["BROWSE_PROJECTS", "USER_PICKER"])
            #expect(before == ["BROWSE_PROJECTS": true, "USER_PICKER": true])
            var withheld = FaultRule()
            withheld.withhold = "USER_PICKER"
            simulator.setFaults([withheld])
            let after = try await site.permissions(["BROWSE_PROJECTS", "USER_PICKER"])
            #expect(after == ["BROWSE_PROJECTS": true, "USER_PICKER": false])
            let directory = await outcome { () throws(JiraError) in try await site.users(startAt: 0) }
            guard case .failure(.forbidden(.users, _)) = directory else {
                Issue.record("\(directory)")
                return
            }
        }
    }
}
