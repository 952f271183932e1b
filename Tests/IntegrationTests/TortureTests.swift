import TestInstallation
import Testing

@Suite("A daemon that is killed loses nothing")
struct TortureTests {
    @Test(
        "killed 15 times at any moment it loses nothing and counts nothing twice",
        .timeLimit(.minutes(5)))
    func killedAgainAndAgain() async throws {
        let torture = Torture(seed: .random(in: 0..<1_000_000), kills: 15)
        print("The seed of the kills is \(torture.seed): make torture-sync KILLS=15 SEED=\(torture.seed)")
        let outcome = try await torture.run()
        let comparison = outcome.comparison
        #expect(comparison.users == torture.users)
        #expect(comparison.differences.isEmpty, "seed \(torture.seed): \(comparison.differences.prefix(3))")
        #expect(comparison.lost == 0, "seed \(torture.seed)")
        #expect(comparison.invented == 0, "seed \(torture.seed)")
        #expect(comparison.surplusIssues == 0, "seed \(torture.seed)")
        #expect(outcome.extraRequests <= outcome.allowedExtraRequests, "seed \(torture.seed)")
        print(
            "Killed while \(outcome.kills.map { "\($0.key.rawValue): \($0.value)" }.sorted().joined(separator: ", "));",
            "\(outcome.requests) requests, \(outcome.undisturbedRequests) undisturbed,",
            "\(outcome.allowedExtraRequests) more allowed")
    }
}
