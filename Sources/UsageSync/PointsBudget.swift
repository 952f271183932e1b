package import JiraCloud
import Synchronization
package import UsageModel
package import UsageStore

/// The one `PointsQuota` of the program, which all syncs share. Never waits.
package final class PointsBudget: Sendable {
    private let quota: Mutex<PointsQuota>

    /// - Parameters:
    ///   - perHour: points, 1 or more.
    ///   - spent: what the program had spent before it was started.
    package init(perHour: Int, spent: SpentPoints? = nil) {
        quota = Mutex(PointsQuota(perHour: perHour, spent: spent))
    }

    package func reserve(
        _ points: Int, atLeast least: Int? = nil, for site: CloudID, now: Instant
    ) -> PointsDecision {
        quota.withLock { $0.reserve(points, atLeast: least, for: site, now: now) }
    }

    package func settle(_ reservation: PointsReservation, actual: Int, now: Instant) {
        quota.withLock { $0.settle(reservation, actual: actual, now: now) }
    }

    /// Adds what was just spent, at `now` by our clock.
    ///
    /// - Returns: when the next hour begins, where this one's points are spent; otherwise `nil`.
    func spend(_ points: Int, now: Instant) -> Instant? {
        quota.withLock { $0.spend(points, now: now) }
    }

    package func note(_ rateLimit: RateLimitState, from site: CloudID, now: Instant) {
        quota.withLock { $0.note(rateLimit, from: site, now: now) }
    }

    package func exhausted(until: Instant, scope: QuotaScope, now: Instant) {
        quota.withLock { $0.exhausted(until: until, scope: scope, now: now) }
    }

    package func used(now: Instant) -> Int { quota.withLock { $0.used(now: now) } }
    package var reserved: Int { quota.withLock { $0.reserved } }
    func spent(now: Instant) -> SpentPoints { quota.withLock { $0.spent(now: now) } }
    package var limit: Int { quota.withLock { $0.limit } }
    package func resetsAt(now: Instant) -> Instant { quota.withLock { $0.resetsAt(now: now) } }

    package func available(for site: CloudID, now: Instant) -> Int {
        quota.withLock { $0.available(for: site, now: now) }
    }
}
