import JiraCloud
import Logging
import TestInstallation
import UsageModel
import UsageStore
import UsageSync

/// The sync of one simulated site inside this process: the daemon's own classes, over HTTP and with a database on disk.
struct SyncInside: Sendable {
    let sync: SiteSync
    /// What is asked of Jira, for whoever wants to ask without the sync.
    let jira: JiraSite

    /// Makes one, hands it to `body`, which has to run it, and closes what was opened.
    static func with<Value>(
        _ simulator: Simulator, tokens: Tokens, databasePath: String, pointsPerHour: Int,
        clock: any Clock<Duration>, now: @escaping @Sendable () -> Instant,
        _ body: (SyncInside) async throws -> Value
    ) async throws -> Value {
        let transport = HTTPTransport(
            try JiraConfiguration(
                authorizationServer: simulator.baseURL, apiBase: simulator.baseURL, clientID: simulator.clientID,
                clientSecret: Secret(simulator.clientSecret), redirectURI: "http://127.0.0.1:8736/callback",
                userAgent: "SyncBenchmark"))
        let calls = SimulatorCalls(simulator)
        let token = try await tokens.token()
        let cloudID = CloudID(rawValue: try await calls.cloudID(token: token))
        guard
            let account = AccountID(
                rawValue: try await calls.callerAccountID(cloudID: cloudID.rawValue, token: token))
        else { throw SimulatorCalls.Refused(description: "the simulator's caller has no account id") }
        let store = try UsageStore(path: databasePath)
        let site = try await store.connect(
            cloudID: cloudID, name: "Site", url: "https://site.atlassian.net", grantAccount: account, at: now())
        let logger = Logger(label: "sync") { _ in SwiftLogNoOpLogHandler() }
        let jira = JiraSite(
            cloudID: cloudID, transport: transport, clock: clock, now: now, logger: logger,
            accessToken: { rejected throws(AccessTokenError) in
                do {
                    return Secret(try await tokens.token(rejected: rejected?.exposed))
                } catch {
                    throw .notNow
                }
            })
        let sync = SiteSync(
            site: site, jira: jira, store: store,
            configuration: {
                SyncConfiguration(interval: .seconds(900), history: nil, pointsPerHour: pointsPerHour)
            },
            budget: PointsBudget(perHour: pointsPerHour), clock: clock, now: now, logger: logger)
        let value: Value
        do {
            value = try await body(SyncInside(sync: sync, jira: jira))
        } catch {
            try await transport.shutdown()
            try store.close()
            throw error
        }
        try await transport.shutdown()
        try store.close()
        return value
    }
}
