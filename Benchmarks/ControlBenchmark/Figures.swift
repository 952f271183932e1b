import Measurement

/// One line of a table: ours, or a peer's with how many times as long ours takes.
struct LatencyTable {
    private(set) var table: Table
    private let unit: Double

    /// - Parameters:
    ///   - unit: in seconds.
    ///   - unitName: as in "p50, ms".
    init(_ name: String, unit: Double, named unitName: String) {
        table = Table(
            name,
            [
                "what": "what", "p50": "p50, \(unitName)", "p99": "p99, \(unitName)", "longest": "longest, \(unitName)",
                "samples": "samples", "wanted": "wanted", "reached": "reached", "ratioP50": "ours : this, p50",
                "ratioP99": "p99",
            ])
        self.unit = unit
    }

    mutating func append(_ what: String, _ figure: Latencies, _ goal: Goal? = nil) {
        table.append([.text(what)] + figure.cells(in: unit) + Goal.cells(goal) + [.none, .none])
    }

    mutating func append(peer what: String, _ figure: Latencies, ours: Latencies) {
        table.append(
            [.text(what)] + figure.cells(in: unit) + Goal.cells(nil)
                + [.measure(ours.median / figure.median), .measure(ours.p99 / figure.p99)])
    }

    mutating func note(_ text: String) { table.notes.append(text) }
}

/// Several runs of the same, as things a second.
struct Rates {
    private var runs: [Double] = []

    var median: Double { runs.isEmpty ? .nan : runs.sorted()[runs.count / 2] }

    mutating func append(_ count: Int, in seconds: Double) { runs.append(Double(count) / seconds) }

    var cells: [Table.Cell] {
        [.measure(median), .measure(runs.min() ?? .nan), .measure(runs.max() ?? .nan), .count(runs.count)]
    }
}

/// The same for what is counted by the second.
struct RateTable {
    private(set) var table: Table

    init(_ name: String, of things: String, _ further: KeyValuePairs<String, String> = [:]) {
        table = Table(
            name,
            [
                "what": "what", "rate": "\(things)/s", "lowest": "lowest", "highest": "highest", "runs": "runs",
                "wanted": "wanted", "reached": "reached", "ratio": "ours : this",
            ])
    }

    mutating func append(_ what: String, _ rates: Rates, atLeast bound: Double, _ text: String) {
        let goal = Goal(text: "≥ \(text)", isReached: rates.median >= bound)
        table.append([.text(what)] + rates.cells + Goal.cells(goal) + [.none])
    }

    mutating func append(peer what: String, _ rates: Rates, ours: Rates) {
        table.append([.text(what)] + rates.cells + Goal.cells(nil) + [.measure(ours.median / rates.median)])
    }

    mutating func note(_ text: String) { table.notes.append(text) }
}
