import ControlProtocol
import JiraCloud
import JiraSimulator
import Logging
import Synchronization
import TestSupport
import Testing
import TokenVault
import UsageModel
import UsageStore
import UsageSync

@testable import UsageDaemon

/// A connector before a simulated Atlassian, with a clock of its own.
private struct ConnectorBench {
    let connector: SiteConnector
    let store: UsageStore
    let vault: TokenVault
    let directory: String
    private let clock: Clock

    private final class Clock: Sendable {
        let now = Mutex(Instant(milliseconds: 1_800_000_000_000))
    }

    static func run(_ body: (ConnectorBench) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await withJiraSimulator(SimulatorConfiguration(users: 5, issues: 5)) { running in
                let client = running.simulator.client
                let transport = HTTPTransport(
                    try JiraConfiguration(
                        authorizationServer: running.baseURL, apiBase: running.baseURL, clientID: client.id,
                        clientSecret: Secret(client.secret), redirectURI: client.redirectURI, userAgent: "test/1"))
                let clock = Clock()
                let now: @Sendable () -> Instant = { clock.now.withLock { $0 } }
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let store = try UsageStore(path: "\(directory)/usage.db")
                let vault = try TokenVault(
                    path: "\(directory)/vault.db", key: VaultKey(),
                    exchange: { _ throws(ExchangeError) in throw .ambiguous }, now: now)
                let budget = PointsBudget(perHour: 65_000)
                let connector = SiteConnector(
                    atlassian: .success(
                        Atlassian(
                            oauth: OAuthClient(transport: transport, now: now, logger: logger),
                            site: { cloudID, tokens in
                                JiraSite(
                                    cloudID: cloudID, transport: transport, now: now, logger: logger,
                                    accessToken: tokens)
                            },
                            personalData: { tokens in
                                PersonalDataAPI(transport: transport, now: now, logger: logger, accessToken: tokens)
                            })),
                    redirectURI: client.redirectURI, vault: .open(vault), store: store, service: SyncService(),
                    makeSync: { site, jira, isCovered in
                        SiteSync(
                            site: site, jira: jira, store: store,
                            configuration: { SyncConfiguration(interval: .seconds(900), history: nil) }, budget: budget,
                            clock: ContinuousClock(), now: now, logger: logger, isCovered: isCovered)
                    }, now: now, logger: logger)
                let outcome: Result<Void, any Error>
                do {
                    outcome = .success(
                        try await body(
                            ConnectorBench(
                                connector: connector, store: store, vault: vault, directory: directory, clock: clock)))
                } catch {
                    outcome = .failure(error)
                }
                try await transport.shutdown()
                try await vault.close()
                try store.close()
                try outcome.get()
            }
        }
    }

    func pass(_ duration: Duration) {
        clock.now.withLock { $0 = $0 + duration }
    }

    /// Where the browser is sent after the person has consented.
    func consent(_ invitation: AuthInvitation) async throws -> Secret {
        let outcome = try await runToEnd(
            "curl", ["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", invitation.authorizationUrl],
            directory: directory)
        return Secret(outcome.output)
    }

    /// What keeps a consent from being brought to its end; `nil` where a site is connected.
    func refusal(_ redirected: Secret) async -> ControlError? {
        do {
            _ = try await connector.complete(redirectURL: redirected, site: nil)
            return nil
        } catch {
            return error
        }
    }
}

@Suite("Connecting a site", .timeLimit(.minutes(5)))
struct SiteConnectorTests {
    @Test("an invitation is good for ten minutes, and says until when", arguments: [(599, true), (600, false)])
    func lifetime(seconds: Int, isGood: Bool) async throws {
        try await ConnectorBench.run { bench in
            let invitation = try await bench.connector.begin()
            #expect(invitation.expiresAt == Instant(milliseconds: 1_800_000_600_000))
            let redirected = try await bench.consent(invitation)
            bench.pass(.seconds(seconds))
            let refusal = await bench.refusal(redirected)
            #expect(refusal?.kind == (isGood ? nil : .badRedirect))
            #expect(refusal?.hint?.contains("auth begin") != false)
            let sites = try await bench.store.sites()
            #expect(sites.count == (isGood ? 1 : 0))
            let grants = await bench.vault.grants()
            #expect(grants.count == (isGood ? 1 : 0))
        }
    }

    @Test("of more invitations than eight the oldest is taken back")
    func limit() async throws {
        try await ConnectorBench.run { bench in
            var invitations: [AuthInvitation] = []
            for _ in 0..<9 { invitations.append(try await bench.connector.begin()) }
            let states = Set(invitations.map(\.authorizationUrl))
            #expect(states.count == 9)
            let oldest = await bench.refusal(try await bench.consent(invitations[0]))
            #expect(oldest?.kind == .badRedirect)
            let second = await bench.refusal(try await bench.consent(invitations[1]))
            #expect(second == nil)
        }
    }
}
