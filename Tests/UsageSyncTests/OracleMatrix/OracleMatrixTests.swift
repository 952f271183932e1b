import Foundation
import Testing

@Suite("The sync goes through anything, and is as the oracle says in the end", .timeLimit(.minutes(20)))
struct OracleMatrixTests {
    struct Run: Sendable, CustomTestStringConvertible {
        let scenario: Scenario
        let seed: UInt64

        var testDescription: String { "\(scenario.rawValue), seed \(seed)" }
    }

    /// `JIRA_USAGED_ORACLE_SEEDS` says how many seeds each scenario has; `JIRA_USAGED_ORACLE_RUN=zones:7` goes through one
    /// alone.
    static let runs: [Run] = {
        let environment = ProcessInfo.processInfo.environment
        let seeds = max(1, environment["JIRA_USAGED_ORACLE_SEEDS"].flatMap { UInt64($0) } ?? 2)
        let parts = (environment["JIRA_USAGED_ORACLE_RUN"] ?? "").split(separator: ":").map(String.init)
        if let scenario = parts.first.flatMap(Scenario.init(rawValue:)) {
            let seed = parts.dropFirst().first.flatMap { UInt64($0) }
            return (seed.map { $0...$0 } ?? 1...seeds).map { Run(scenario: scenario, seed: $0) }
        }
        return Scenario.allCases.flatMap { scenario in (1...seeds).map { Run(scenario: scenario, seed: $0) } }
    }()

    @Test("no seat is taken for unused that is used, at no moment, and the end is the oracle's", arguments: runs)
    func run(_ run: Run) async throws {
        let wrong = try await Ordeal.run(run.scenario, seed: run.seed)
        if !wrong.isEmpty {
            Issue.record(
                """
                scenario \(run.scenario.rawValue), seed \(run.seed): \(wrong.count) wrong
                \(wrong.prefix(4).joined(separator: "\n"))
                """)
        }
    }
}
