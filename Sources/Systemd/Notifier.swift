import CSystemd

/// Tells the service manager how the daemon is.
///
/// Source: sd_notify(3), systemd.service(5) for `Type=notify`. A notification that cannot be sent is no reason to
/// stop: `send` says so and changes nothing.
package struct Notifier: Sendable {
    package enum State: Sendable, Hashable {
        /// Start-up is over: what was ordered after the daemon may begin.
        case ready
        /// The daemon is on its way out.
        case stopping
        /// The daemon still does its work; due within `watchdogInterval`.
        case watchdog
        /// One line for `systemctl status`. Line ends become blanks, for they would begin another assignment.
        case status(String)
        /// Start or stop may take this much longer from now on, whatever the unit says.
        case extendTimeout(Duration)

        var assignment: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .status(let text): "STATUS=\(String(text.map { $0.isNewline ? " " : $0 }))"
            case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.inMicroseconds)"
            }
        }
    }

    package enum Delivery: Sendable, Hashable {
        case sent
        /// No service manager asked to be told (`NOTIFY_SOCKET` is not set).
        case nobodyListens
        /// errno(3).
        case failed(errno: Int32)
    }

    package init() {}

    /// Sends all states in one message. Never blocks for long: it is one datagram.
    @discardableResult
    package func send(_ states: State...) -> Delivery {
        // The environment is left as it is: unsetting it is not safe beside other threads.
        let result = sd_notify(0, states.map(\.assignment).joined(separator: "\n"))
        return result > 0 ? .sent : result == 0 ? .nobodyListens : .failed(errno: -result)
    }

    /// How often the service manager expects `watchdog` at the latest; best sent twice as often. `nil` where it does
    /// not watch this process. Source: sd_watchdog_enabled(3).
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }
}

extension Duration {
    fileprivate var inMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
