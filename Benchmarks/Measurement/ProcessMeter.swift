import Foundation
package import Glibc

/// What the kernel has counted of a process.
package struct ProcessMeter {
    private let pid: pid_t

    package init(pid: pid_t) {
        self.pid = pid
    }

    /// The most memory it has had resident so far, or since `forgetPeak`, in MiB: `VmHWM` of proc_pid_status(5).
    package var peakMemory: Double { mebibytes("VmHWM") }

    /// The memory it has resident now, in MiB: `VmRSS` of proc_pid_status(5).
    package var residentMemory: Double { mebibytes("VmRSS") }

    /// What of that is its own and in no file, in MiB: `RssAnon` of proc_pid_status(5).
    package var anonymousMemory: Double { mebibytes("RssAnon") }

    private func mebibytes(_ name: String) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        return (kibibytes ?? .nan) / 1024
    }

    /// From now on `peakMemory` counts anew: proc_pid_clear_refs(5).
    package func forgetPeak() throws {
        let file = try FileHandle(forWritingTo: URL(filePath: "/proc/\(pid)/clear_refs"))
        defer { try? file.close() }
        try file.write(contentsOf: Data("5".utf8))
    }

    /// Waits until it has spent next to no time on a processor for a while, or until there is no more patience.
    package func settle(for calm: Duration, within patience: Duration) async throws {
        let end = ContinuousClock.now + patience
        var spent: Double
        repeat {
            spent = processorTime
            try await Task.sleep(for: calm)
        } while processorTime - spent > 0.01 * (calm / .seconds(1)) && ContinuousClock.now < end
    }

    /// The time it has spent on processors so far, in seconds: `utime` and `stime` of proc_pid_stat(5).
    package var processorTime: Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        // The name, in parentheses, may hold spaces; the fields behind it begin with the third.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// Seconds on a clock that does not jump.
package struct Stopwatch {
    private let start = ContinuousClock.now

    package init() {}

    package var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
}
