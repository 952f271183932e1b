import Foundation
import Glibc
import Synchronization
import TestSupport
import TokenVault
import UsageModel

/// One seeded schedule of the real vault on a real file: two callers at once, kills, faults, a full disk, a clock that
/// is set. Limits the size of files for the whole process.
final class VaultLife {
    private let directory: String
    private let key = VaultKey()
    private let clock = ManualClock()
    /// What the daemon's clock is wrong by. Atlassian's is not.
    private let wallOffset = SharedDuration()
    private let server: ScheduledServer
    private let account: AccountID
    private var random: SplitMix64
    private var life = 0
    private var lastUsed = Secret("ACCESS-r0")
    private var durable: Set<String> = []
    private(set) var refreshes = 0
    private(set) var kills = 0
    private(set) var hotJournals = 0
    /// A start so late that the token sent last was worth nothing any more.
    private(set) var leewayPassed = false
    private(set) var isLost = false
    private(set) var faults: [String] = []

    init(seed: UInt64, directory: String) throws {
        self.directory = directory
        random = SplitMix64(seed: seed)
        server = ScheduledServer(seed: seed, clock: clock) { limitFiles(to: 0) }
        account = try AccountID(rawValue: "5b10:alice").orThrow()
    }

    var fates: Set<ScheduledServer.Fate> { server.fates }

    func live(refreshes goal: Int) async throws {
        let vault = try open { (_) async throws(ExchangeError) in throw .clientRejected }
        try await vault.keep(
            IssuedTokens(
                accessToken: lastUsed, expiresIn: .seconds(3600), refreshToken: Secret("r0"), scopes: ["offline_access"]
            ),
            for: account)
        try await vault.close()
        await remember()
        while refreshes < goal, !isLost, life < 100 { try await liveOnce(until: goal) }
        if refreshes < goal, !isLost { faults.append("no end") }
        if leewayPassed, !isLost { faults.append("gone on after the leeway") }
        if server.mostInFlight > 1 { faults.append("two refreshes at once") }
    }

    // MARK: - One process

    private var path: String { "\(directory)/vault-\(life).db" }

    private func open(exchange: @escaping TokenVault.Exchange) throws -> TokenVault {
        // A weekly refresh would begin while nobody waits for it.
        var configuration = VaultConfiguration()
        configuration.refreshIdleAfter = .days(36_500)
        return try TokenVault(
            path: path, key: key, configuration: configuration, exchange: exchange, clock: clock,
            now: { [clock, wallOffset] in clock.wall + wallOffset.value })
    }

    private func liveOnce(until goal: Int) async throws {
        let (from, to) = (path, "\(directory)/vault-\(life + 1).db")
        let process = ScheduledServer.Process {
            limitFiles(to: rlim_t.max)
            try? copyVault(from: from, to: to)
        }
        let vault = try open(exchange: server.exchange(of: process))
        var wasRefreshing = false
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await vault.run() }
            while refreshes < goal, !isLost, !process.isKilled { await step(vault, process) }
            limitFiles(to: rlim_t.max)
            wasRefreshing = await vault.grants().first?.state == .refreshing
            vault.stop()
            await group.waitForAll()
        }
        try await vault.close()
        guard process.isKilled else { return }
        life += 1
        kills += 1
        if Int.random(in: 0..<4, using: &random) == 0 {
            try leaveHotJournal(at: path)
            hotJournals += 1
        }
        let isLong = Int.random(in: 0..<20, using: &random) == 0
        clock.advance(by: .seconds(Int.random(in: isLong ? 660...18000 : 0...60, using: &random)))
        setClock()
        if wasRefreshing, !server.isLastSentUsable { leewayPassed = true }
    }

    /// Time passes, two callers ask at once, and what they are given is looked for on the disk.
    private func step(_ vault: TokenVault, _ process: ScheduledServer.Process) async {
        let isPaused = await settled(vault)
        if process.isKilled { return }
        clock.advance(by: .seconds(Int.random(in: isPaused ? 1...30 : 1...2400, using: &random)))
        setClock()
        _ = await settled(vault)
        if process.isKilled { return }
        if isPaused { await remember() }
        if Int.random(in: 0..<12, using: &random) == 0 { limitFiles(to: 0) }
        let rejected = Bool.random(using: &random) ? lastUsed : nil
        let account = account
        async let first = Self.ask(vault, account)
        async let second = Self.ask(vault, account, rejecting: rejected)
        let answers = await [first, second]
        _ = await settled(vault)
        limitFiles(to: rlim_t.max)
        if process.isKilled { return }
        for answer in answers { await judge(answer) }
        if Int.random(in: 0..<12, using: &random) == 0 { process.kill() }
    }

    private static func ask(
        _ vault: TokenVault, _ account: AccountID, rejecting rejected: Secret? = nil
    ) async -> Result<Secret, VaultError> {
        do {
            return .success(try await vault.accessToken(for: account, rejecting: rejected))
        } catch {
            return .failure(error)
        }
    }

    private func judge(_ answer: Result<Secret, VaultError>) async {
        switch answer {
        case .success(let token):
            if !durable.contains(token.exposed) { await remember() }
            if !durable.contains(token.exposed) { faults.append("\(token.exposed) used too early") }
            if !lastUsed.matches(token) { refreshes += 1 }
            lastUsed = token
        case .failure(.reauthorise):
            if !isLost, !leewayPassed { faults.append("needless consent") }
            isLost = true
        case .failure(.unavailable), .failure(.full), .failure(.clientRejected): break
        case .failure(let error): faults.append("\(error)")
        }
    }

    /// Waits until nothing is under way but pauses. Whether the account's refresh pauses.
    private func settled(_ vault: TokenVault) async -> Bool {
        var isPaused = false
        await eventually {
            isPaused = await vault.grants().first?.state == .refreshing
            // Beside the account's pause there is the weekly look's.
            return clock.sleepers == (isPaused ? 2 : 1)
        }
        return isPaused
    }

    /// Notes the access token that a start from the files as they are would have.
    private func remember() async {
        // The copy needs room, whatever fills the disk of the vault.
        limitFiles(to: rlim_t.max)
        let copy = "\(directory)/copy.db"
        for suffix in ["", "-journal"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
        do {
            try copyVault(from: path, to: copy)
            // Long ago no token has expired, so that none is refreshed.
            let vault = try TokenVault(
                path: copy, key: key, exchange: { (_) async throws(ExchangeError) in throw .clientRejected },
                now: { Instant(milliseconds: 0) })
            durable.insert(try await vault.accessToken(for: account).exposed)
            try await vault.close()
        } catch {
            faults.append("a copy does not open: \(error)")
        }
    }

    /// Now and then, by minutes to days.
    private func setClock() {
        guard Int.random(in: 0..<12, using: &random) == 0 else { return }
        let minutes = Int.random(in: 1...4320, using: &random)
        wallOffset.add(.seconds(Bool.random(using: &random) ? minutes * 60 : -minutes * 60))
    }
}

private final class SharedDuration: Sendable {
    private let state = Mutex(Duration.zero)
    var value: Duration { state.withLock { $0 } }
    func add(_ duration: Duration) { state.withLock { $0 += duration } }
}
