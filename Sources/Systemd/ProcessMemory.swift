import CSystemd
@preconcurrency import Glibc

/// How much memory this process keeps, and what of it others may see.
package enum ProcessMemory {
    /// Keeps secrets in memory from core files and from other processes of the same user.
    ///
    /// Neither call can fail for the values given here. Source: `PR_SET_DUMPABLE` in prctl(2), setrlimit(2).
    package static func forbidDumps() {
        _ = csystemd_forbid_dumps()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    /// Lets a crash end the process at once, by the signal that it is, whatever caught such signals so far.
    ///
    /// Swift's runtime does by default, with a terminal or without: it prints registers and what they point to, and
    /// takes seconds in which a watchdog learns nothing. It reads its switch, `SWIFT_BACKTRACE`, before `main`, so that
    /// the program itself can only undo what it did. Source: docs/Backtracing.rst in swiftlang/swift.
    package static func forbidCrashReports() {
        for number in crashSignals { signal(number, SIG_DFL) }
    }

    /// What Swift's runtime catches, as of 6.3.
    static let crashSignals = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

    /// Has the buffers of large answers mapped, each by itself, so that their memory goes back as soon as they are freed.
    ///
    /// glibc would otherwise keep some tens of MiB: from the first large buffer that is freed on it takes others of that
    /// size from its heaps, of which there are many and where a small block behind keeps them resident
    /// (`M_MMAP_THRESHOLD` and `M_ARENA_MAX` in mallopt(3)). To be called before there is a second thread.
    package static func mapLargeBuffers() {
        _ = csystemd_map_buffers_from(128 * 1024, 2)
    }
}
