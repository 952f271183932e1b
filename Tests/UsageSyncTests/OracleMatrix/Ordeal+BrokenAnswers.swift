import JiraSimulator
import TestSupport
import UsageModel
import UsageSync

extension Ordeal {
    /// Answers that are refused, cut or nonsense, at places that the seed chooses.
    mutating func goThroughBrokenAnswers() async throws {
        for _ in 0..<6 {
            site.simulator.setFaults((0..<Int.random(in: 1...6, using: &draw)).map { _ in brokenAnswer() })
            try await troubledPass(mayFail: [.unavailable, .rateLimited, .protocolViolated])
            if Bool.random(using: &draw) {
                try act(.random(in: 1...120, using: &draw))
                pause(60...86_400)
            }
        }
        site.simulator.setFaults([])
        try await pass()
        try await expectOracle()
    }

    private static let routes = [
        "/search/jql", "/search/jql", "/search/approximate-count", "/changelog/bulkfetch", "/comment", "/users/search",
        "/user", "/worklog/updated", "/worklog/list", "/mypermissions", "/serverInfo", "/myself",
    ]

    private mutating func brokenAnswer() -> FaultRule {
        var rule = FaultRule(
            route: Self.routes.randomElement(using: &draw) ?? "", skip: .random(in: 0...5, using: &draw),
            times: .random(in: 1...6, using: &draw))
        switch Int.random(in: 0..<8, using: &draw) {
        case 0: rule.status = 429
        case 1: (rule.status, rule.retryAfter) = (429, .random(in: 1...90, using: &draw))
        case 2: (rule.status, rule.reason) = (429, "jira-burst-based")
        case 3: (rule.status, rule.reason) = (429, "jira-quota-global-based")
        case 4: rule.status = [500, 502, 503, 504].randomElement(using: &draw)
        case 5: (rule.status, rule.retryAfter) = (503, .random(in: 1...90, using: &draw))
        case 6: rule.cutAfterBytes = .random(in: 0...3000, using: &draw)
        default: rule.malformed = true
        }
        return rule
    }
}
