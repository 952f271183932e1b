import UsageModel
import UsageStore

/// Cuts the way back into windows of `updated`, newest first, that can be walked at the same time and hold about as
/// many issues each.
struct WindowPlan: Sendable {
    /// As many issues as the bulk changelog takes at once; few enough that no page token comes near its seven days.
    static let mostIssues = 1000.0
    private static let leastIssues = 250.0

    /// Issues in a millisecond, as the last window had them.
    private var density: Double
    private let concurrency: Int

    /// - Parameters:
    ///   - total: issues from the floor to now.
    ///   - span: from the floor to now.
    init(total: Int, span: Duration, concurrency: Int) {
        density = max(Double(total), 1) / Double(max(span.inMilliseconds, 1))
        self.concurrency = concurrency
    }

    /// How many issues there may be in so long a time.
    func issues(in span: Duration) -> Double { density * Double(span.inMilliseconds) }

    mutating func walked(_ issues: Int, in span: Duration) {
        guard issues > 0, span > .zero else { return }
        density = Double(issues) / Double(span.inMilliseconds)
    }

    /// Where the window ends that begins before `upper`, on the way back to `goal`, which is a bound too.
    func lower(below upper: Instant, goal: Instant, zone: ProfileZone) -> Instant {
        let left = upper.duration(since: goal)
        let wanted = min(max(issues(in: left) / Double(concurrency), Self.leastIssues), Self.mostIssues)
        let length = Duration.milliseconds(Int64(min(wanted / density, Double(left.inMilliseconds))))
        return max(goal, zone.bound(atOrBefore: upper - max(length, .seconds(3600))))
    }
}
