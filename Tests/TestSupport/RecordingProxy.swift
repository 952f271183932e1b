import Foundation
package import Glibc
import Synchronization

/// Stands before a Unix socket, passes everything on, and remembers it; and what the system shows to others of whoever
/// asks, at the moment at which the question is there.
package final class RecordingProxy: Sendable {
    private struct Record {
        var replies: [UInt8] = []
        var callers: [UInt8] = []
    }

    private let record = Mutex(Record())
    private let listener: Int32
    private let target: String

    /// - Parameters:
    ///   - path: of the socket that it makes.
    ///   - target: of the socket that it passes on to.
    package init(path: String, target: String) throws {
        self.target = target
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard withUnixAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
            throw ChildProcess.Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        Thread.detachNewThread { [self] in accept() }
    }

    /// All that was answered.
    package var replies: [UInt8] { record.withLock { $0.replies } }

    /// Argument lists and environments of those who asked.
    package var callers: [UInt8] { record.withLock { $0.callers } }

    /// Accepts no more; to be called at the end, for the thread that waits holds on to this.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let caller = Glibc.accept(listener, nil, nil)
            guard caller >= 0 else { break }
            let daemon = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            _ = withUnixAddress(target) { connect(daemon, $0, $1) }
            // Process, user and group (unix(7)), in a struct that Swift's Glibc leaves out.
            var peer: [Int32] = [0, 0, 0]
            var size = socklen_t(MemoryLayout<Int32>.size * peer.count)
            getsockopt(caller, SOL_SOCKET, SO_PEERCRED, &peer, &size)
            let pid = peer[0]
            Thread.detachNewThread { [self] in
                copy(caller, daemon) { [self] _ in
                    let seen = shown(of: pid)
                    record.withLock { $0.callers += seen }
                }
            }
            Thread.detachNewThread { [self] in
                copy(daemon, caller) { [self] bytes in record.withLock { $0.replies += bytes } }
                close(caller)
                close(daemon)
            }
        }
        close(listener)
    }

    private func copy(_ from: Int32, _ to: Int32, _ note: ([UInt8]) -> Void) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(from, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            note(Array(chunk[..<count]))
            guard send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(to, Int32(SHUT_WR))
    }
}

/// What the system shows of a process to who may look: its argument list and its environment.
package func shown(of pid: pid_t) -> [UInt8] {
    ["cmdline", "environ"].flatMap { FileManager.default.contents(atPath: "/proc/\(pid)/\($0)").map(Array.init) ?? [] }
}
