import TestSupport
import Testing
import TokenVault
import UsageModel

/// A vault on a real file, with a clock and a token server of its own.
struct Bench {
    let path: String
    let key = VaultKey()
    let clock = ManualClock()
    let server: TokenServer
    let alice: AccountID
    let bob: AccountID

    static func run(_ body: (Bench) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await body(Bench(directory: directory))
        }
    }

    private init(directory: String) throws {
        path = "\(directory)/vault.db"
        server = TokenServer(clock: clock)
        alice = try AccountID(rawValue: "5b10:alice").orThrow()
        bob = try AccountID(rawValue: "5b10:bob").orThrow()
    }

    func open(_ key: VaultKey? = nil, path: String? = nil) throws(VaultError) -> TokenVault {
        try TokenVault(
            path: path ?? self.path, key: key ?? self.key, exchange: server.exchange, clock: clock,
            now: { [clock] in clock.wall })
    }

    /// Runs `vault` while `body` does its work, then stops and closes it.
    func running(_ vault: TokenVault, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await vault.run() }
            do {
                try await body()
            } catch {
                vault.stop()
                throw error
            }
            vault.stop()
            try await group.waitForAll()
        }
        try await vault.close()
    }
}

struct Missing: Error {}

extension Optional {
    func orThrow() throws(Missing) -> Wrapped {
        guard let self else { throw Missing() }
        return self
    }
}

/// Why the vault gives no token; `nil` where it gives one.
func refusal(by vault: TokenVault, of account: AccountID, rejecting rejected: Secret? = nil) async -> VaultError? {
    do {
        _ = try await vault.accessToken(for: account, rejecting: rejected)
        return nil
    } catch {
        return error
    }
}

/// Asks the vault for a token, which must be this one.
func expect(
    _ token: String, from vault: TokenVault, for account: AccountID, rejecting rejected: Secret? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let answer = try await vault.accessToken(for: account, rejecting: rejected)
    #expect(answer.exposed == token, sourceLocation: sourceLocation)
}
