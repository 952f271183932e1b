import Glibc
import Synchronization

/// A blocking connection to a Unix socket for many lines: it reads what is there at once, and sends any bytes.
///
/// One thread may send while another reads. Use it inside ``onThread(_:)``.
package final class LineConnection: Sendable {
    /// How long nothing may come, or nothing be taken, before a test is told so.
    private static let patience = timeval(tv_sec: 60, tv_usec: 0)

    package enum Failure: Error {
        case notConnected(errno: Int32)
        case nothingCame
    }

    private let descriptor: CInt
    private let received = Mutex(Received())

    private struct Received {
        var bytes: [UInt8] = []
        /// Up to here they have been handed over.
        var taken = 0
    }

    package init(path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, withUnixAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
            let reason = errno
            close(descriptor)
            throw Failure.notConnected(errno: reason)
        }
        var patience = Self.patience
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        close(descriptor)
    }

    /// - Returns: whether all was taken; `false` where the other end is closed, or takes nothing for a minute.
    @discardableResult
    package func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(line: String) -> Bool {
        send(Array(line.utf8) + [UInt8(ascii: "\n")])
    }

    /// Sends as much as is taken at once, for somebody who does not mean to read any answers.
    ///
    /// - Returns: how many bytes that were.
    package func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        max(
            0,
            bytes.withUnsafeBytes { room in
                Glibc.send(descriptor, room.baseAddress, room.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            })
    }

    package func endInput() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// The next line without its line feed; `nil` at the end.
    package func readLine() throws -> [UInt8]? {
        try received.withLock { received in
            var searched = received.taken
            while true {
                if let end = received.bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                    defer { received.taken = end + 1 }
                    return Array(received.bytes[received.taken..<end])
                }
                received.bytes.removeSubrange(..<received.taken)
                received.taken = 0
                searched = received.bytes.count
                guard try fill(&received.bytes) else { return nil }
            }
        }
    }

    /// Every line up to the end.
    package func readLines() throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        while let line = try readLine() { lines.append(line) }
        return lines
    }

    private func fill(_ received: inout [UInt8]) throws -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { room in
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            received.append(contentsOf: room.prefix(max(0, count)))
            return count
        }
        if count < 0, errno == EINTR { return true }
        // The other end has closed with something of ours unread: the end as well.
        if count < 0, errno != ECONNRESET { throw Failure.nothingCame }
        return count > 0
    }
}
