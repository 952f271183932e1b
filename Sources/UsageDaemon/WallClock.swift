import Glibc
import UsageModel

/// The time of day.
enum WallClock {
    static func now() -> Instant {
        var time = timespec()
        // Cannot fail for this clock (clock_gettime(2)).
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
