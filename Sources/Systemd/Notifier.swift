import CSystemd
import Glibc

/// Tells the service manager how the daemon is.
///
/// Source: sd_notify(3), systemd.service(5) for `Type=notify` and `FileDescriptorStoreMax=`. A notification that cannot be sent is no reason to
/// stop: `send` says so and changes nothing.
package struct Notifier: Sendable {
    package enum State: Sendable, Hashable {
        /// Start-up, or reading the configuration anew, is over: what was ordered after the daemon may begin.
        case ready
        /// The daemon reads its configuration anew, until it says `ready`.
        case reloading
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
            // The time is what `Type=notify-reload` goes by, which the user's unit may be.
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .status(let text): "STATUS=\(String(text.map { $0.isNewline ? " " : $0 }))"
            case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.inMicroseconds)"
            }
        }

        private static var monotonicMicroseconds: Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
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
        Delivery(sd_notify(0, states.map(\.assignment).joined(separator: "\n")))
    }

    // MARK: - The store of open files

    /// Has the service manager keep a copy of an open file until the unit is stopped: the next start of the daemon is
    /// handed it as a `PassedDescriptor`, after a crash too.
    ///
    /// A unit with `FileDescriptorStoreMax=0`, which is the default, keeps nothing and does not say so.
    ///
    /// - Parameter name: printable ASCII without colons, 255 characters at most.
    @discardableResult
    package func keep(_ descriptor: Int32, as name: String) -> Delivery {
        // Not dropped when something happens to it: a socket that listens is there until it is closed.
        Delivery(sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDPOLL=0\nFDNAME=\(name)", [descriptor], 1))
    }

    /// Has the service manager close what it keeps under this name.
    @discardableResult
    package func forget(_ name: String) -> Delivery {
        Delivery(sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)"))
    }

    /// How often the service manager expects `watchdog` at the latest; best sent twice as often. `nil` where it does
    /// not watch this process. Source: sd_watchdog_enabled(3).
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }
}

extension Notifier.Delivery {
    /// - Parameter result: of sd_notify(3) and its like.
    fileprivate init(_ result: Int32) {
        self = result > 0 ? .sent : result == 0 ? .nobodyListens : .failed(errno: -result)
    }
}

extension Duration {
    fileprivate var inMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
