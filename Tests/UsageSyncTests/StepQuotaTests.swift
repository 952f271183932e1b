import JiraCloud
import JiraSimulator
import Logging
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("The points of a step", .timeLimit(.minutes(3)))
struct StepQuotaTests {
    private static let noon = Instant(milliseconds: 1_800_000_000_000 - 1_800_000_000_000 % 3_600_000)
    private static let nextHour = noon + .seconds(3600)
    private static let other = CloudID(rawValue: "other")

    /// A quota before a simulated Jira, whose clock stands at noon.
    private struct Bench {
        let site: CloudID
        let jira: JiraSite
        let budget: PointsBudget
        let quota: StepQuota

        func granted(_ step: Step, sourceLocation: SourceLocation = #_sourceLocation) throws -> StepQuota.Permit {
            let decision = quota.permit(for: step, now: StepQuotaTests.noon)
            guard case .granted(let permit) = decision else {
                Issue.record("\(decision)", sourceLocation: sourceLocation)
                throw CancellationError()
            }
            return permit
        }

        func refused(_ step: Step, sourceLocation: SourceLocation = #_sourceLocation) throws -> SyncFailure {
            guard case .refused(let failure) = quota.permit(for: step, now: StepQuotaTests.noon) else {
                Issue.record("\(step) is granted", sourceLocation: sourceLocation)
                throw CancellationError()
            }
            return failure
        }
    }

    /// - Parameter atlassian: the points an hour that Jira allows; `nil` for as many as it usually does.
    private func bench(
        pointsPerHour: Int, atlassian: Int? = nil, _ body: (Bench) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration(
            users: 20, issues: 60, seed: 3, time: .frozen(at: Moment(milliseconds: Self.noon.milliseconds)))
        configuration.pointsPerHour = atlassian
        try await withJiraSimulator(configuration) { running in
            let simulator = running.simulator
            let transport = HTTPTransport(
                try JiraConfiguration(
                    authorizationServer: running.baseURL, apiBase: running.baseURL, clientID: simulator.client.id,
                    clientSecret: Secret(simulator.client.secret), redirectURI: simulator.client.redirectURI,
                    userAgent: "test/1", retry: RetryPolicy(base: .zero, cap: .zero, patience: .zero)))
            let site = CloudID(rawValue: try #require(simulator.cloudIDs.first))
            let jira = JiraSite(
                cloudID: site, transport: transport, now: { Self.noon },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                accessToken: { _ in Secret(simulator.accessToken()) })
            let budget = PointsBudget(perHour: pointsPerHour)
            let quota = StepQuota(cloudID: site, jira: jira, budget: budget)
            do {
                try await body(Bench(site: site, jira: jira, budget: budget, quota: quota))
            } catch {
                try await transport.shutdown()
                throw error
            }
            try await transport.shutdown()
        }
    }

    private static let everything = "updated >= \"2000-01-01\" ORDER BY updated DESC"
    private static let page = Step.readPage(walk: 1, jql: everything, pageToken: nil)

    @Test("what may be needed is set aside while a step is under way, and what was not needed is given back")
    func settling() async throws {
        try await bench(pointsPerHour: 1000) { bench in
            let permit = try bench.granted(Self.page)
            // A page has a hundred issues at most, with a point each and one for the request.
            #expect(bench.budget.reserved == 101 && bench.budget.used(now: Self.noon) == 0)
            let page = try await bench.jira.searchIssues(jql: Self.everything, pageToken: nil)
            permit.settle(now: Self.noon)
            #expect(page.issues.count == 60)
            #expect(bench.budget.reserved == 0 && bench.budget.used(now: Self.noon) == 61)
            permit.settle(now: Self.noon)
            #expect(bench.budget.used(now: Self.noon) == 61)
        }
    }

    @Test("of steps that are under way together, each point is booked once, whichever ends first")
    func together() async throws {
        try await bench(pointsPerHour: 10_000) { bench in
            try await withThrowingTaskGroup { group in
                for _ in 0..<12 {
                    let permit = try bench.granted(Self.page)
                    group.addTask {
                        _ = try await bench.jira.searchIssues(jql: Self.everything, pageToken: nil)
                        permit.settle(now: Self.noon)
                    }
                }
                try await group.waitForAll()
            }
            #expect(bench.budget.reserved == 0)
            #expect(bench.budget.used(now: Self.noon) == 12 * 61)
        }
    }

    @Test("a step that was never asked gives everything back")
    func unasked() async throws {
        try await bench(pointsPerHour: 200) { bench in
            for _ in 0..<5 { try bench.granted(Self.page).settle(now: Self.noon) }
            #expect(bench.budget.available(for: bench.site, now: Self.noon) == 200)
        }
    }

    @Test("where the hour's points do not suffice it is told when there are new ones; the store costs none")
    func refused() async throws {
        try await bench(pointsPerHour: 200) { bench in
            _ = bench.budget.spend(150, now: Self.noon)
            let failure = try bench.refused(Self.page)
            #expect(failure.kind == .rateLimited && failure.retryAt == Self.nextHour)
            _ = bench.budget.spend(51, now: Self.noon)
            #expect(try bench.refused(.readFacts).retryAt == Self.nextHour)
            let query = CandidateQuery(
                quietSince: Self.noon, reach: nil, renewBefore: Self.noon, retryBefore: Self.noon)
            for step: Step in [
                .listRoles, .listAccounts(.unread, after: 0), .countQuiet(since: Self.noon),
                .listCandidates(query, after: 0), .findWitness(from: Self.noon, until: Self.noon), .review([]),
            ] {
                try bench.granted(step).settle(now: Self.noon)
            }
            #expect(bench.budget.used(now: Self.noon) == 201)
        }
    }

    @Test("what may cost more than any hour has is asked once a good part of an hour is left, and not before")
    func tooMuch() async throws {
        try await bench(pointsPerHour: 60) { bench in
            _ = bench.budget.spend(31, now: Self.noon)
            let failure = try bench.refused(Self.page)
            #expect(failure.retryAt == Self.nextHour)
        }
        try await bench(pointsPerHour: 60) { bench in
            _ = bench.budget.spend(20, now: Self.noon)
            let permit = try bench.granted(Self.page)
            #expect(bench.budget.available(for: Self.other, now: Self.noon) == 0)
            permit.settle(now: Self.noon)
            #expect(bench.budget.available(for: Self.other, now: Self.noon) == 40)
        }
        try await bench(pointsPerHour: 1) { bench in try bench.granted(Self.page).settle(now: Self.noon) }
    }

    @Test("what an answer says of Jira's own points is kept to")
    func notices() async throws {
        try await bench(pointsPerHour: 10_000, atlassian: 70) { bench in
            let permit = try bench.granted(Self.page)
            _ = try await bench.jira.searchIssues(jql: Self.everything, pageToken: nil)
            permit.settle(now: Self.noon)
            #expect(bench.budget.available(for: Self.other, now: Self.noon) == 70 - 61)
        }
    }

    @Test(
        "a refusal of Jira's stops all sites for the app's points, this one for its own, and none for a mere rush",
        arguments: [
            (.globalQuota, (site: 0, other: 0)), (.tenantQuota, (site: 0, other: 1000)),
            (.burst, (site: 1000, other: 1000)), (.unstated, (site: 1000, other: 1000)),
        ] as [(RateLimitReason, (site: Int, other: Int))])
    func refusals(reason: RateLimitReason, left: (site: Int, other: Int)) async throws {
        try await bench(pointsPerHour: 1000) { bench in
            let until = Self.nextHour + .seconds(5)
            bench.quota.note(JiraError.rateLimited(.search, reason, until: until), now: Self.noon)
            bench.quota.note(CancellationError(), now: Self.noon)
            #expect(bench.budget.available(for: bench.site, now: Self.noon) == left.site)
            #expect(bench.budget.available(for: Self.other, now: Self.noon) == left.other)
            let retryAt = left.site == 0 ? try bench.refused(Self.page).retryAt : until
            #expect(retryAt == until)
            #expect(bench.budget.available(for: bench.site, now: until) == 1000)
        }
    }
}
