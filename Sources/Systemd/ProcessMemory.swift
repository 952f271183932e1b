import CSystemd
@preconcurrency import Glibc

/// What of this process's memory others may see.
package enum ProcessMemory {
    /// Keeps secrets in memory from core files and from other processes of the same user.
    ///
    /// Neither call can fail for the values given here. Source: `PR_SET_DUMPABLE` in prctl(2), setrlimit(2).
    package static func forbidDumps() {
        _ = csystemd_forbid_dumps()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
