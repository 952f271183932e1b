import Synchronization
import TokenVault
import UsageModel

/// A token endpoint with Atlassian's rotation, that counts what it is asked and can be told to misbehave.
final class TokenServer: Sendable {
    enum Fault {
        /// Refused without a look at the token.
        case refuse(ExchangeError)
        /// The token is used, and the answer lost.
        case loseAnswer
    }

    private struct State {
        var model = RotationModel(reuse: .sameSuccessor)
        var sent: [String] = []
        var faults: [Fault] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var accessTokens = 0
    }

    private let clock: ManualClock
    private let state = Mutex(State())

    init(clock: ManualClock) {
        self.clock = clock
    }

    /// What a consent brings. The tokens' texts are easy to find where they should not be.
    func consent(_ name: String = "r0", scopes: [String] = ["read:jira-user", "offline_access"]) -> IssuedTokens {
        IssuedTokens(
            accessToken: Secret("ACCESS-\(name)"), expiresIn: .seconds(3600), refreshToken: Secret(name),
            scopes: scopes)
    }

    /// Every refresh token that arrived, in order.
    var sent: [String] { state.withLock { $0.sent } }
    var heldRequests: Int { state.withLock { $0.held.count } }

    func misbehave(_ faults: Fault...) { state.withLock { $0.faults += faults } }

    /// From now on requests get no answer until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHeld = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    var exchange: TokenVault.Exchange {
        { (token) async throws(ExchangeError) in try await self.answer(token.exposed) }
    }

    private func answer(_ token: String) async throws(ExchangeError) -> IssuedTokens {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                state.sent.append(token)
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        let answer: Result<IssuedTokens, ExchangeError> = state.withLock { state in
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            if case .refuse(let error) = fault { return .failure(error) }
            guard let successor = state.model.refresh(token, at: clock.wall) else { return .failure(.dead) }
            if case .loseAnswer = fault { return .failure(.ambiguous) }
            state.accessTokens += 1
            return .success(
                IssuedTokens(
                    accessToken: Secret("ACCESS-\(state.accessTokens)"), expiresIn: .seconds(3600),
                    refreshToken: Secret(successor), scopes: []))
        }
        return try answer.get()
    }
}
