import TokenVault
import UsageModel

/// Atlassian's rotation of refresh tokens, as far as is known: a token works once; used again within ten minutes it is
/// answered once more; used after that it ends the whole consent.
struct RotationModel {
    /// What a use inside the leeway returns is not documented, so clients must bear both.
    enum Reuse: CaseIterable {
        case sameSuccessor
        case anotherSuccessor
    }

    static let leeway: Duration = .seconds(600)

    let reuse: Reuse
    private(set) var live: Set<String> = ["r0"]
    private var used: [String: (at: Instant, successor: String)] = [:]
    private var issued = 0
    private(set) var isEnded = false

    init(reuse: Reuse) {
        self.reuse = reuse
    }

    /// The successor; `nil` for 403.
    mutating func refresh(_ token: String, at now: Instant) -> String? {
        if isEnded { return nil }
        if live.remove(token) != nil {
            let successor = issue()
            used[token] = (now, successor)
            return successor
        }
        guard let use = used[token], now <= use.at + Self.leeway else {
            isEnded = true
            live = []
            return nil
        }
        return reuse == .sameSuccessor ? use.successor : issue()
    }

    /// Whether the consent can still be gone on with from this token.
    func isUsable(_ token: String, at now: Instant) -> Bool {
        !isEnded && (live.contains(token) || (used[token].map { now <= $0.at + Self.leeway } ?? false))
    }

    func firstUse(of token: String) -> Instant? { used[token]?.at }

    private mutating func issue() -> String {
        issued += 1
        live.insert("r\(issued)")
        return "r\(issued)"
    }
}
