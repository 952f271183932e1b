import Synchronization
import UsageModel

/// What may be spent of Atlassian's points in an hour, over all sites: the quota belongs to the app.
///
/// The quota starts anew at the top of each hour of UTC, and nothing is carried over
/// (<https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>).
package final class PointsBudget: Sendable {
    private struct Hour {
        var number: Int64
        var spent = 0
    }

    private static let length: Int64 = 3_600_000

    private let perHour: Int
    private let hour = Mutex(Hour(number: .min))

    /// - Parameter perHour: points, 1 or more.
    package init(perHour: Int) {
        self.perHour = perHour
    }

    /// Adds what was just spent, at `now` by our clock.
    ///
    /// - Returns: when the next hour begins, where this one's points are spent; otherwise `nil`.
    func spend(_ points: Int, now: Instant) -> Instant? {
        let number = now.milliseconds / Self.length
        let spent = hour.withLock { hour in
            if hour.number != number { hour = Hour(number: number) }
            hour.spent += points
            return hour.spent
        }
        return spent < perHour ? nil : Instant(milliseconds: (number + 1) * Self.length)
    }
}
