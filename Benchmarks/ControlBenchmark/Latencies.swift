import Glibc
import Measurement

/// How long each of many things took.
struct Latencies: Sendable {
    /// Seconds.
    private var samples: [Double] = []

    var count: Int { samples.count }
    var longest: Double { samples.max() ?? .nan }
    var median: Double { quantile(0.5) }
    var p99: Double { quantile(0.99) }

    mutating func append(_ seconds: Double) { samples.append(seconds) }

    mutating func append(_ other: Latencies) { samples += other.samples }

    /// The smallest sample that so many of all do not exceed.
    private func quantile(_ share: Double) -> Double {
        guard !samples.isEmpty else { return .nan }
        let place = Int((share * Double(samples.count)).rounded(.up)) - 1
        return samples.sorted()[min(max(place, 0), samples.count - 1)]
    }

    mutating func time<Value>(_ body: () throws -> Value) rethrows -> Value {
        let start = Self.now()
        let value = try body()
        samples.append(Double(Self.now() - start) / 1e9)
        return value
    }

    /// Nanoseconds on a clock that does not jump.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// p50, p99, longest and number, for a table.
    ///
    /// - Parameter unit: of the table, in seconds.
    func cells(in unit: Double) -> [Table.Cell] {
        [.measure(median / unit), .measure(p99 / unit), .measure(longest / unit), .count(count)]
    }

    static let microsecond = 1e-6
    static let millisecond = 1e-3
}
