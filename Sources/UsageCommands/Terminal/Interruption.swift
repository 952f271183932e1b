import Glibc
import Synchronization

/// Lets a wait hear of the first Ctrl-C, so that the daemon is told to stop too; the second ends the program at once.
///
/// One at a time in a process, and only in one that is the client's own.
struct Interruption {
    /// Readable once somebody has pressed Ctrl-C.
    let descriptor: CInt
    private let writingEnd: CInt
    private let previous: sigaction

    /// `nil` where the system has no descriptors left: Ctrl-C then does what it did before.
    init?() {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        (descriptor, writingEnd) = (ends[0], ends[1])
        interruptionDescriptor.store(writingEnd, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            // Nothing here but what a signal may interrupt: <https://man7.org/linux/man-pages/man7/signal-safety.7.html>.
            let kept = errno
            let descriptor = interruptionDescriptor.exchange(-1, ordering: .sequentiallyConsistent)
            if descriptor < 0 { _exit(ExitStatus.interrupted.rawValue) }
            var byte: UInt8 = 0
            _ = send(descriptor, &byte, 1, CInt(MSG_NOSIGNAL))
            errno = kept
        }
        var previous = sigaction()
        sigaction(SIGINT, &action, &previous)
        self.previous = previous
    }

    /// Puts everything back.
    func end() {
        var action = previous
        sigaction(SIGINT, &action, nil)
        interruptionDescriptor.store(-1, ordering: .sequentiallyConsistent)
        close(descriptor)
        close(writingEnd)
    }
}

/// Where a signal's handler, which can be given nothing, says that it was called; negative once it has.
private let interruptionDescriptor = Atomic<CInt>(-1)
