import Glibc
import Synchronization

/// Lets a loop that polls hear of signals, so that what it changed is put back before the program ends of one.
///
/// One at a time in a process, and only in one that is the client's own.
struct SignalWatch {
    /// Readable when a signal has come.
    let descriptor: CInt
    private let writingEnd: CInt
    private var previous: [(number: CInt, action: sigaction)] = []
    /// The signal that asks the program to end, once one has come.
    private(set) var ending: CInt?

    /// `nil` where the system has no descriptors left.
    init?() {
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, Self.streamType, 0, &ends) == 0 else { return nil }
        (descriptor, writingEnd) = (ends[0], ends[1])
        wakeDescriptor.store(writingEnd, ordering: .sequentiallyConsistent)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] {
            var before = sigaction()
            sigaction(number, nil, &before)
            // What the program's caller had ignored stays so: nohup(1) means it.
            if number != SIGCHLD, Self.isIgnoring(before) { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                // Nothing here but what a signal may interrupt: <https://man7.org/linux/man-pages/man7/signal-safety.7.html>.
                var byte = UInt8(truncatingIfNeeded: number)
                let kept = errno
                _ = send(wakeDescriptor.load(ordering: .sequentiallyConsistent), &byte, 1, CInt(MSG_NOSIGNAL))
                errno = kept
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
            previous.append((number, before))
        }
    }

    /// Puts everything back. A signal that has come does now what it would have done.
    func end() {
        for (number, action) in previous {
            var action = action
            sigaction(number, &action, nil)
        }
        wakeDescriptor.store(-1, ordering: .sequentiallyConsistent)
        close(descriptor)
        close(writingEnd)
        if let ending { kill(getpid(), ending) }
    }

    /// Takes note of what has come.
    mutating func take() {
        var numbers = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &numbers, numbers.count, 0)
        for number in numbers.prefix(max(count, 0)) where CInt(number) != SIGCHLD { ending = ending ?? CInt(number) }
    }

    private static var streamType: CInt {
        CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    }

    private static func isIgnoring(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Where a signal's handler, which can be given nothing, says that it was called.
private let wakeDescriptor = Atomic<CInt>(-1)
