@preconcurrency import Glibc

/// Holds a state directory for this process alone, for as long as it lives.
///
/// The lock is the kernel's (`flock(2)`), so a killed daemon leaves none behind; the file holds the process id, for
/// the message to the one who starts a second daemon.
struct StateLock: ~Copyable {
    enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Another daemon has the directory; `holder` is its process id, where it can be read.
        case held(path: String, holder: Int32?)
        case failed(path: String, errno: Int32)

        var description: String {
            switch self {
            case .held(let path, let holder):
                "another jira-usaged\(holder.map { " (pid \($0))" } ?? "") uses this state directory (\(path) is locked); stop that one first, or name another state_directory"
            case .failed(let path, let errno):
                "cannot lock \(path): \(String(cString: strerror(errno))); the state directory must exist and be writable by the daemon's user"
            }
        }
    }

    private let descriptor: Int32

    init(directory: String) throws(Failure) {
        let path = "\(directory)/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .failed(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno
            defer { close(descriptor) }
            guard failure == EWOULDBLOCK else { throw .failed(path: path, errno: failure) }
            throw .held(path: path, holder: Self.holder(descriptor))
        }
        // Who holds it is only told, so a failed write does not matter; a full disk must not keep us from starting.
        let pid = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, pid, pid.utf8.count, 0)
    }

    deinit { close(descriptor) }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).prefix { $0 != "\n" })
    }
}
