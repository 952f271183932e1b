import Measurement

/// What was wanted of a figure, and whether it is so.
struct Goal {
    let text: String
    let isReached: Bool

    /// For a table's columns "wanted" and "reached".
    static func cells(_ goal: Goal?) -> [Table.Cell] {
        guard let goal else { return [.none, .none] }
        return [.text(goal.text), .text(goal.isReached ? "yes" : "no")]
    }

    static func p50(_ figure: Latencies, atMost bound: Double, _ text: String) -> Goal {
        Goal(text: "p50 ≤ \(text)", isReached: figure.median <= bound)
    }
}
