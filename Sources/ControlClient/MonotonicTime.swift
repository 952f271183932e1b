import Glibc

/// The clock that nobody sets.
package enum MonotonicTime {
    /// Since some moment of this machine's past.
    package static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
