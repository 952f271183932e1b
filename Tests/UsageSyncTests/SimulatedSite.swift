import JiraCloud
import JiraSimulator
import Logging
import Synchronization
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

/// A simulated Jira, a store of its own, and the sync between them.
struct SimulatedSite: Sendable {
    let simulator: JiraSimulator
    let store: UsageStore
    let sync: SiteSync
    let access: SimulatedAccess
    let transport: HTTPTransport

    /// Runs `body` beside the sync, which makes no pass but the first by itself. Nothing waits between two tries.
    ///
    /// - Parameters:
    ///   - faults: in force from before that pass.
    ///   - clockError: by how much our own clock is ahead of Jira's.
    static func with(
        _ configuration: SimulatorConfiguration, history: Duration? = nil, pointsPerHour: Int = .max,
        concurrency: Int = 8, faults: [FaultRule] = [], clockError: @escaping @Sendable () -> Duration = { .zero },
        _ body: (SimulatedSite) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await withJiraSimulator(configuration) { running in
                let store = try UsageStore(path: "\(directory)/usage.db")
                let simulator = running.simulator
                simulator.setFaults(faults)
                let transport = HTTPTransport(try JiraConfiguration(of: running))
                let cloudID = CloudID(rawValue: try #require(simulator.cloudIDs.first))
                let caller = try #require(AccountID(rawValue: simulator.callerAccountID))
                let now: @Sendable () -> Instant = { Instant(milliseconds: simulator.now.milliseconds) + clockError() }
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let site = try await store.connect(
                    cloudID: cloudID, name: "Site", url: "https://site.atlassian.net", grantAccount: caller, at: now())
                let access = SimulatedAccess(simulator)
                let jira = JiraSite(
                    cloudID: cloudID, transport: transport, now: now, logger: logger,
                    accessToken: { await access.token(rejected: $0) })
                let sync = SiteSync(
                    site: site, jira: jira, store: store,
                    configuration: {
                        SyncConfiguration(
                            interval: .seconds(86_400), history: history, concurrency: concurrency,
                            pointsPerHour: pointsPerHour)
                    },
                    budget: PointsBudget(perHour: pointsPerHour), clock: ContinuousClock(), now: now, logger: logger)
                let simulated = SimulatedSite(
                    simulator: simulator, store: store, sync: sync, access: access, transport: transport)
                let outcome = await withTaskGroup { group in
                    group.addTask { await sync.run() }
                    defer { group.cancelAll() }
                    do {
                        try await body(simulated)
                        return Result<Void, any Error>.success(())
                    } catch {
                        return .failure(error)
                    }
                }
                try await transport.shutdown()
                try store.close()
                try outcome.get()
            }
        }
    }

    /// A pass that begins now, to its end.
    func pass(sourceLocation: SourceLocation = #_sourceLocation) async {
        let failure = await sync.outcome()
        #expect(failure == nil, sourceLocation: sourceLocation)
    }

    /// Everybody, as the store knows them, must be as the oracle says.
    func expectOracle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let wrong = try await differences()
        #expect(wrong.isEmpty, "\(wrong.count) differences: \(wrong.prefix(3))", sourceLocation: sourceLocation)
    }

    /// In what the store and the oracle differ: a line for each user, and one for the totals.
    func differences() async throws -> [String] {
        let oracle = try #require(simulator.oracle())
        var wrong: [String] = []
        for user in oracle.users {
            let found = try await store.find(user.accountID, on: nil)
            guard let record = try await store.records(of: found.map(\.key), asOf: nil).first else {
                wrong.append("\(user.accountID) is missing")
                continue
            }
            let (told, right) = (Facts(record), Facts(user))
            if told != right { wrong.append("\(user.accountID):\n  told  \(told)\n  right \(right)") }
        }
        let counts = try await store.counts(of: sync.site.key)
        if (counts.activities, counts.issues) != (oracle.counts.activities, oracle.counts.issues) {
            wrong.append(
                """
                \(counts.activities) activities on \(counts.issues) issues, and right are \
                \(oracle.counts.activities) on \(oracle.counts.issues)
                """)
        }
        return wrong
    }
}

extension JiraConfiguration {
    /// Nothing waits between two tries.
    init(of running: RunningSimulator) throws {
        let client = running.simulator.client
        try self.init(
            authorizationServer: running.baseURL, apiBase: running.baseURL, clientID: client.id,
            clientSecret: Secret(client.secret), redirectURI: client.redirectURI, userAgent: "test/1",
            retry: RetryPolicy(base: .zero, cap: .zero, patience: .zero))
    }
}

/// Where the sync gets its tokens: what a test wants to happen between two requests happens here.
final class SimulatedAccess: Sendable {
    private struct State {
        var token: Secret?
        var beforeRequest: (@Sendable () async -> Void)?
    }

    private let simulator: JiraSimulator
    private let state = Mutex(State())

    init(_ simulator: JiraSimulator) {
        self.simulator = simulator
    }

    /// Called before each request, several at once where the sync asks several things at once; `nil` for nothing.
    func setBeforeRequest(_ action: (@Sendable () async -> Void)?) {
        state.withLock { $0.beforeRequest = action }
    }

    /// The same token until it is rejected.
    func token(rejected: Secret?) async -> Secret {
        await state.withLock { $0.beforeRequest }?()
        return state.withLock { state in
            if let token = state.token, !(rejected.map(token.matches) ?? false) { return token }
            let token = Secret(simulator.accessToken())
            state.token = token
            return token
        }
    }
}

/// What is compared of one user.
private struct Facts: Equatable, CustomStringConvertible {
    let seat: Bool
    let roles: Set<String>
    let groups: Set<String>
    let last: String
    let tallies: [String: String]

    init(_ record: UsageRecord) {
        seat = record.holdsSeat
        roles = Set(record.roles.map { "\($0.key) \($0.name)" })
        groups = Set(record.groups.map { "\($0.id) \($0.name)" })
        last =
            record.last.map { "\($0.at.milliseconds) \($0.kind.rawValue) \($0.issue) \($0.issueKey ?? "")" } ?? "never"
        tallies = Dictionary(
            uniqueKeysWithValues: record.tallies.map {
                ($0.key.rawValue, "\($0.value.count) \($0.value.lastAt?.milliseconds ?? 0)")
            })
    }

    init(_ user: Oracle.User) {
        seat = user.seat
        roles = Set(user.applicationRoles.map { "\($0.key) \($0.name)" })
        groups = Set(user.groups.map { "\($0.id) \($0.name)" })
        last =
            user.lastActivity.map { "\($0.at.milliseconds) \($0.kind.rawValue) \($0.issueID) \($0.issueKey)" }
            ?? "never"
        tallies = Dictionary(
            uniqueKeysWithValues: user.activity.filter { $0.value.count > 0 }.map {
                ($0.key.rawValue, "\($0.value.count) \($0.value.lastAt?.milliseconds ?? 0)")
            })
    }

    var description: String {
        "\(seat) \(roles.sorted()) \(groups.sorted()) \(last) \(tallies.sorted { $0.key < $1.key })"
    }
}
