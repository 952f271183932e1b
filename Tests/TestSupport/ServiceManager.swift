import Foundation
import Glibc

/// The other end of `sd_notify(3)`: a datagram socket, and what was said over it.
package final class ServiceManager: Sendable {
    /// For `NOTIFY_SOCKET`.
    package let path: String
    private let descriptor: Int32

    package init(directory: String) throws {
        path = "\(directory)/notify-\(UInt32.random(in: .min ... .max))"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = withUnixAddress(path) { bind(descriptor, $0, $1) }
        guard descriptor >= 0, bound == 0 else {
            throw ChildProcess.Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Waits until `child` says that it is ready, or has ended without.
    package func becomesReady(_ child: ChildProcess) async -> Bool {
        let descriptor = descriptor
        return await child.killedOnCancellation {
            await offTheConcurrencyPool {
                var bytes = [UInt8](repeating: 0, count: 4096)
                while true {
                    var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&events, 1, 100) > 0 {
                        let count = max(0, recv(descriptor, &bytes, bytes.count, 0))
                        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
                        if lines.contains("READY=1") {
                            // Nobody reads any more, and a child that goes on telling must not wait for that.
                            shutdown(descriptor, Int32(SHUT_RD))
                            return true
                        }
                    } else if !child.isRunning {
                        return false
                    }
                }
            }
        }
    }
}

/// Calls `body` with the address of a Unix socket, as `bind(2)` and `connect(2)` take it.
func withUnixAddress<Value>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
        room.copyBytes(from: path.utf8.prefix(room.count - 1))
    }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
