import Synchronization
import TestSupport
import TokenVault
import UsageModel

/// A token endpoint with Atlassian's rotation, which draws from a seed what becomes of each request, and what becomes of
/// the process that sent it.
final class ScheduledServer: Sendable {
    enum Fate: Hashable, CaseIterable {
        case answers
        /// The token is used, and the answer lost.
        case losesAnswer
        case serverError
        case rateLimits
        case refusesClient
        /// The disk is full when the answer arrives.
        case fillsDisk
        /// The process is killed before the token is used.
        case killsBefore
        /// The process is killed after the token was used.
        case killsAfter
    }

    /// One life of the daemon. Once killed it may run on in this test's process, and counts for nothing.
    final class Process: Sendable {
        private let life = Mutex(true)
        /// Leaves the files as they are to the next life.
        private let onKill: @Sendable () -> Void

        init(onKill: @escaping @Sendable () -> Void) {
            self.onKill = onKill
        }

        var isKilled: Bool { life.withLock { !$0 } }

        func kill() {
            life.withLock { isAlive in
                if isAlive { onKill() }
                isAlive = false
            }
        }
    }

    private struct State {
        var model: RotationModel
        var random: SplitMix64
        var fates: Set<Fate> = []
        var inFlight = 0
        var mostInFlight = 0
        var lastSent: String?
        var rotations = 0
    }

    private let clock: ManualClock
    private let state: Mutex<State>
    private let fillDisk: @Sendable () -> Void

    init(seed: UInt64, clock: ManualClock, fillDisk: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.fillDisk = fillDisk
        state = Mutex(
            State(
                model: RotationModel(reuse: seed.isMultiple(of: 2) ? .sameSuccessor : .anotherSuccessor),
                random: SplitMix64(seed: seed ^ 0x5EED)))
    }

    var fates: Set<Fate> { state.withLock { $0.fates } }
    /// How many requests were under way at once, at most.
    var mostInFlight: Int { state.withLock { $0.mostInFlight } }
    /// Whether the token that was sent last can be gone on with.
    var isLastSentUsable: Bool {
        state.withLock { state in state.lastSent.map { state.model.isUsable($0, at: clock.wall) } ?? true }
    }

    func exchange(of process: Process) -> TokenVault.Exchange {
        { (token) async throws(ExchangeError) in
            // What a killed process would still send was never sent.
            if process.isKilled { throw .ambiguous }
            let fate = self.arrive(token.exposed)
            defer { self.state.withLock { $0.inFlight -= 1 } }
            await Task.yield()
            return try self.answer(token.exposed, fate, process)
        }
    }

    /// Faults end some time after the token was used, so that every loss would be needless.
    private func arrive(_ token: String) -> Fate {
        state.withLock { state in
            state.inFlight += 1
            state.mostInFlight = max(state.mostInFlight, state.inFlight)
            state.lastSent = token
            let mayFail = state.model.firstUse(of: token).map { clock.wall < $0 + .seconds(420) } ?? true
            let isLucky = !mayFail || Int.random(in: 0..<3, using: &state.random) == 0
            let fate = isLucky ? .answers : Fate.allCases.randomElement(using: &state.random) ?? .answers
            state.fates.insert(fate)
            return fate
        }
    }

    private func answer(_ token: String, _ fate: Fate, _ process: Process) throws(ExchangeError) -> IssuedTokens {
        switch fate {
        case .serverError: throw .ambiguous
        case .rateLimits: throw .rateLimited(retryAfter: .seconds(20))
        case .refusesClient: throw .clientRejected
        case .killsBefore:
            process.kill()
            throw .ambiguous
        case .answers, .losesAnswer, .fillsDisk, .killsAfter: break
        }
        let answer: IssuedTokens? = state.withLock { state in
            guard let successor = state.model.refresh(token, at: clock.wall) else { return nil }
            state.rotations += 1
            return IssuedTokens(
                accessToken: Secret("ACCESS-\(state.rotations)"), expiresIn: .seconds(3600),
                refreshToken: Secret(successor), scopes: [])
        }
        if fate == .killsAfter { process.kill() }
        if fate == .losesAnswer || fate == .killsAfter { throw .ambiguous }
        guard let answer else { throw .dead }
        if fate == .fillsDisk { fillDisk() }
        return answer
    }
}
