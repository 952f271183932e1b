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
    /// Issues that lie behind the last window, about.
    private var rest: Double
    private let concurrency: Int

    /// - Parameters:
    ///   - total: issues from the floor to now.
    ///   - span: from the floor to now.
    init(total: Int, span: Duration, concurrency: Int) {
        rest = max(Double(total), 1)
        density = rest / Double(max(span.inMilliseconds, 1))
        self.concurrency = concurrency
    }

    /// How many issues there may be in so long a time.
    func issues(in span: Duration) -> Double { density * Double(span.inMilliseconds) }

    mutating func walked(_ issues: Int, in span: Duration) {
        guard issues > 0, span > .zero else { return }
        density = Double(issues) / Double(span.inMilliseconds)
    }

    /// Where the window ends that begins before `upper`, on the way back to `goal`, which is a bound too.
    ///
    /// - Parameter urgent: a stretch of the way for which somebody waits: its windows are as small as they must be for all
    ///   of them to be walked at once. Other windows are large, for the last page of each is half empty as a rule.
    mutating func lower(below upper: Instant, goal: Instant, urgent: Duration?, zone: ProfileZone) -> Instant {
        let left = Double(upper.duration(since: goal).inMilliseconds)
        var (size, density) = (Self.mostIssues, density)
        if let urgent {
            size = min(max(issues(in: urgent) / Double(concurrency), Self.leastIssues), size)
        } else {
            // Further back a site had fewer issues a day, as a rule.
            density = max(density / 2, min(density, rest / max(left, 1)))
        }
        let length = min(size / density, left)
        rest = max(0, rest - density * length)
        return max(goal, zone.bound(atOrBefore: upper - max(.milliseconds(Int64(length)), .seconds(3600))))
    }
}
