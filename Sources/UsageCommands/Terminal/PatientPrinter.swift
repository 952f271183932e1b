import ControlClient
import Glibc

/// Prints what comes piece by piece. Where nobody takes it for a while it is kept, so that whoever it comes from need not
/// wait: the daemon gives up a connection that takes nothing for half a minute, and a person may look at one page of a pager
/// for longer.
struct PatientPrinter {
    /// A pipe that takes anything takes so much without waiting (`PIPE_BUF`, pipe(7)).
    private static let pieceLength = 4096

    private let console: Console
    private let patience: Duration
    private var kept: [UInt8] = []
    /// What of `kept` was printed already.
    private var printed = 0

    /// - Parameter patience: how long one piece is waited for.
    init(_ console: Console, patience: Duration = .seconds(5)) {
        self.console = console
        self.patience = patience
    }

    /// Prints what is taken; the rest with what comes next.
    mutating func print(_ bytes: [UInt8]) -> Console.Writing {
        let deadline = MonotonicTime.now() + (kept.isEmpty ? patience : .zero)
        kept += bytes
        while printed < kept.count {
            let left = max(deadline - MonotonicTime.now(), .zero)
            var entry = pollfd(fd: console.output, events: Int16(POLLOUT), revents: 0)
            if poll(&entry, 1, Int32(left / .milliseconds(1))) <= 0 {
                if printed > kept.count / 2 { forgetPrinted() }
                return .done
            }
            let piece = kept[printed..<min(printed + Self.pieceLength, kept.count)]
            let count = piece.withUnsafeBytes { write(console.output, $0.baseAddress, $0.count) }
            if count > 0 {
                printed += count
            } else if errno != EINTR, errno != EAGAIN {
                return errno == EPIPE ? .unread : .failed(errno: errno)
            }
        }
        forgetPrinted()
        return .done
    }

    /// Prints the rest, for as long as it takes.
    mutating func finish() -> Console.Writing {
        forgetPrinted()
        defer { kept = [] }
        return console.print(kept)
    }

    private mutating func forgetPrinted() {
        kept.removeFirst(printed)
        printed = 0
    }
}
