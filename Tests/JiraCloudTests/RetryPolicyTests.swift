import JiraCloud
import TestSupport
import Testing

@Suite("Waiting before the next try")
struct RetryPolicyTests {
    @Test(
        "doubles from two seconds up to thirty, with jitter from ×0.7 to ×1.3",
        arguments: [
            (1, 1.4, 2.6), (2, 2.8, 5.2), (3, 5.6, 10.4), (4, 11.2, 20.8), (5, 21.0, 39.0), (6, 21.0, 39.0),
            (1000, 21.0, 39.0),
        ])
    func table(failed: Int, shortest: Double, longest: Double) {
        var generator = SplitMix64(seed: 1)
        let waits = (0..<1000).map { _ in RetryPolicy().delay(afterTries: failed, using: &generator) / .seconds(1) }
        // The whole range, and nothing outside it.
        #expect(waits.allSatisfy { $0 >= shortest - 1e-9 && $0 <= longest + 1e-9 })
        #expect(waits.contains { $0 < shortest * 1.02 } && waits.contains { $0 > longest * 0.98 })
    }

    @Test("never ends before the minimum that Jira asked for")
    func minimum() {
        var generator = SplitMix64(seed: 1)
        #expect(RetryPolicy().delay(afterTries: 1, atLeast: .seconds(17), using: &generator) == .seconds(17))
        #expect(RetryPolicy().delay(afterTries: 4, atLeast: .seconds(1), using: &generator) > .seconds(11))
    }
}
