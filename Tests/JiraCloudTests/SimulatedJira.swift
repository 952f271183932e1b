import JiraCloud
import JiraSimulator
import TestSupport
import Testing
import UsageModel

/// A client of each kind before a simulated Jira Cloud whose clock stands still.
struct SimulatedJira: Sendable {
    let simulator: JiraSimulator
    let site: JiraSite
    let oauth: JiraCloud.OAuthClient
    let clock: LeapingClock
    let baseURL: String

    static let start = Instant("2026-11-23T12:00:00Z") ?? Instant(milliseconds: 0)

    /// Runs `body` before a fresh site of 40 users and 300 issues, unless `change` has it otherwise.
    static func run(
        scopes: [OAuthScope] = OAuthScope.allCases, _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (SimulatedJira) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration(
            users: 40, issues: 300, seed: 7, time: .frozen(at: Moment(milliseconds: start.milliseconds)))
        change(&configuration)
        try await withJiraSimulator(configuration) { running in
            let simulator = running.simulator
            let transport = HTTPTransport(
                try JiraConfiguration(
                    authorizationServer: running.baseURL, apiBase: running.baseURL, clientID: simulator.client.id,
                    clientSecret: Secret(simulator.client.secret), redirectURI: simulator.client.redirectURI,
                    userAgent: "tests/1"))
            let (clock, logger) = (LeapingClock(), RecordedLog().logger)
            let now: @Sendable () -> Instant = { Instant(milliseconds: simulator.now.milliseconds) }
            let jira = SimulatedJira(
                simulator: simulator,
                site: JiraSite(
                    cloudID: CloudID(rawValue: try #require(simulator.cloudIDs.first)), transport: transport,
                    clock: clock, generator: SplitMix64(seed: 1), now: now, logger: logger,
                    accessToken: { _ in Secret(simulator.accessToken(scopes)) }),
                oauth: OAuthClient(
                    transport: transport, clock: clock, generator: SplitMix64(seed: 1), now: now, logger: logger),
                clock: clock, baseURL: running.baseURL)
            do {
                try await body(jira)
                try await transport.shutdown()
            } catch {
                try await transport.shutdown()
                throw error
            }
        }
    }

    /// Every issue's id, from the search.
    func issueIDs() async throws -> [IssueID] {
        var ids: [IssueID] = []
        var token: String?
        repeat {
            let page = try await site.searchIssueIDs(jql: "created >= 2000-01-01 ORDER BY id ASC", pageToken: token)
            ids += page.ids
            token = page.next
        } while token != nil
        return ids
    }
}
