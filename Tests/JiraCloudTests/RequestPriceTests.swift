import JiraCloud
import JiraSimulator
import TestSupport
import Testing
import UsageModel

@Suite("Prices, told before anything is asked", .timeLimit(.minutes(5)))
struct RequestPriceTests {
    /// Something to ask for, with the price that is told for it.
    private struct Errand {
        let endpoint: JiraCloud.Endpoint
        let price: RequestPrice
        /// Whether the simulator's site has so much of it that the price is reached.
        var isReached = true
        let run: (JiraSite) async throws -> Void
    }

    private func errands(_ jira: SimulatedJira) async throws -> [Errand] {
        let all = "created >= 2000-01-01 ORDER BY id ASC"
        let ids = try await jira.issueIDs()
        let account = try #require(AccountID(rawValue: jira.simulator.callerAccountID))
        let groups = try await jira.site.groups(of: account)
        let issues = try await jira.site.issuesWithComments(ids: ids)
        let talkative = try #require(issues.max { $0.commentTotal ?? 0 < $1.commentTotal ?? 0 })
        let worklogs = try await jira.site.changedWorklogs(since: Instant(milliseconds: 0)).ids
        try #require(worklogs.count == 1000)
        let projects = try await jira.site.projects()
        return [
            Errand(endpoint: .serverInfo, price: .serverInfo) { _ = try await $0.serverInfo() },
            Errand(endpoint: .myself, price: .myself) { _ = try await $0.myself() },
            Errand(endpoint: .permissions, price: .permissions(2)) {
                _ = try await $0.permissions(["USER_PICKER", "BROWSE_PROJECTS"])
            },
            Errand(endpoint: .projects, price: .projects(limit: projects.count)) {
                _ = try await $0.projects(startAt: 0)
            },
            Errand(endpoint: .projects, price: .projects(), isReached: false) { _ = try await $0.projects() },
            Errand(endpoint: .users, price: .users(limit: 40)) { _ = try await $0.users(startAt: 0, limit: 40) },
            Errand(endpoint: .users, price: .users(), isReached: false) { _ = try await $0.users(startAt: 0) },
            Errand(endpoint: .user, price: .access) { _ = try await $0.access(of: account) },
            Errand(endpoint: .userGroups, price: .userGroups(groups.count)) { _ = try await $0.groups(of: account) },
            Errand(endpoint: .groups, price: .groups(limit: 1)) {
                _ = try await $0.groups(granting: "jira-software", startAt: 0)
            },
            Errand(endpoint: .groups, price: .groups(), isReached: false) {
                _ = try await $0.groups(granting: "jira-software")
            },
            Errand(endpoint: .search, price: .searchIssues()) {
                _ = try await $0.searchIssues(jql: all, pageToken: nil)
            },
            Errand(endpoint: .search, price: .searchIssueIDs(limit: 700)) {
                _ = try await $0.searchIssueIDs(jql: all, pageToken: nil, limit: 700)
            },
            Errand(endpoint: .search, price: .searchIssueIDs(), isReached: false) {
                _ = try await $0.searchIssueIDs(jql: all, pageToken: nil)
            },
            Errand(endpoint: .count, price: .count) { _ = try await $0.approximateCount(jql: all) },
            Errand(endpoint: .issues, price: .issues(100)) { _ = try await $0.issues(ids: Array(ids.prefix(100))) },
            Errand(endpoint: .issues, price: .issues(1000), isReached: false) {
                _ = try await $0.issues(ids: Array(ids.prefix(1000)))
            },
            Errand(endpoint: .issues, price: .issuesWithComments(101)) {
                _ = try await $0.issuesWithComments(ids: Array(ids.prefix(101)))
            },
            Errand(endpoint: .changelog, price: .histories(of: 1000), isReached: false) {
                _ = try await $0.histories(of: Array(ids.prefix(1000)), pageToken: nil)
            },
            Errand(endpoint: .comments, price: .comments(limit: 1)) {
                _ = try await $0.comments(of: talkative.id, startAt: 0, limit: 1)
            },
            Errand(endpoint: .comments, price: .comments(), isReached: false) {
                _ = try await $0.comments(of: talkative.id, startAt: 0)
            },
            Errand(endpoint: .updatedWorklogs, price: .worklogFeed) {
                _ = try await $0.changedWorklogs(since: Instant(milliseconds: 0))
            },
            Errand(endpoint: .worklogs, price: .worklogs(worklogs.count)) { _ = try await $0.worklogs(ids: worklogs) },
        ]
    }

    @Test("nothing costs more points, or more requests, than was told, and a full answer costs just that")
    func prices() async throws {
        try await SimulatedJira.run({ $0.issues = 4000 }) { jira in
            let errands = try await errands(jira)
            let priced = Set(errands.map(\.endpoint)).union([.token, .accessibleResources, .accountReports])
            #expect(priced == Set(JiraCloud.Endpoint.allCases))
            for errand in errands {
                let before = jira.site.usage
                jira.simulator.resetStatistics()
                try await errand.run(jira.site)
                let statistics = jira.simulator.statistics
                let (price, name) = (errand.price, errand.endpoint.rawValue)
                #expect(statistics.points == jira.site.usage.total.points - before.total.points, "\(name)")
                #expect(statistics.points <= price.points && statistics.points > 0, "\(name)")
                #expect(statistics.total <= price.requests, "\(name)")
                if errand.isReached, price.requests == statistics.total {
                    #expect(statistics.points == price.points, "\(name)")
                }
            }
        }
    }

    @Test("what goes wrong before it goes well is in the price of the tries that there may be")
    func retries() async throws {
        let policy = RetryPolicy()
        try await SimulatedJira.run({ $0.issues = 4000 }) { jira in
            for errand in try await errands(jira) {
                let before = jira.site.usage.total
                jira.simulator.setFaults([FaultRule(route: "/", times: policy.tries - 1, status: 503)])
                try await errand.run(jira.site)
                let after = jira.site.usage.total
                let price = errand.price.retried(policy)
                #expect(after.failures - before.failures == policy.tries - 1, "\(errand.endpoint)")
                #expect(after.points - before.points <= price.points, "\(errand.endpoint)")
                #expect(after.requests - before.requests <= price.requests, "\(errand.endpoint)")
            }
        }
    }

    @Test("a site that takes no thousand issues, or no thousand people, costs no more for that", arguments: 0...6)
    func fallBacks(refusals: Int) async throws {
        try await SimulatedJira.run({
            $0.issues = 1000; $0.users = 1000
        }) { jira in
            let ids = try await jira.issueIDs()
            jira.simulator.resetStatistics()
            let before = jira.site.usage.total
            jira.simulator.setFaults([
                FaultRule(route: "/issue/bulkfetch", times: min(refusals, 1), status: 400),
                FaultRule(route: "/users/search", times: min(refusals, 5), status: 409),
            ])
            let issues = try await jira.site.issues(ids: ids)
            #expect(issues.count == 1000)
            let bulk = jira.site.usage.total
            #expect(bulk.points - before.points <= RequestPrice.issues(1000).points)
            #expect(bulk.requests - before.requests <= RequestPrice.issues(1000).requests)
            let people = try await jira.site.users(startAt: 0)
            #expect(people.rowCount == people.limit)
            let roster = jira.site.usage.total
            #expect(roster.points - bulk.points <= RequestPrice.users().points)
            #expect(roster.requests - bulk.requests <= RequestPrice.users().requests)
        }
    }
}
