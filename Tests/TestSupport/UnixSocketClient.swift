import Foundation
import Glibc

/// What a test's own end of a socket can meet.
package enum UnixSocketClientError: Error {
    case failed(call: String, errno: Int32)
    case nothingCame
}

/// A plain blocking client of a Unix socket, for tests: it shares nothing with the code that it tests.
/// Use it inside ``onThread(_:)``, for it blocks.
package final class UnixSocketClient: Sendable {
    private let descriptor: CInt

    package init(path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw UnixSocketClientError.failed(call: "connect", errno: errno)
        }
    }

    deinit {
        close(descriptor)
    }

    package func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw UnixSocketClientError.failed(call: "send", errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    package func endInput() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Returns when the other end has closed, without taking a byte; or after a minute.
    package func waitUntilClosed() {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        poll(&entry, 1, 60_000)
    }

    /// The next line without its line feed; `nil` at the end.
    package func readLine() throws -> String? {
        var line: [UInt8] = []
        while let byte = try readByte() {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    package func readLines() throws -> [String] {
        var lines: [String] = []
        while let line = try readLine() { lines.append(line) }
        return lines
    }

    /// A test that waits for a minute waits for something that will not come.
    private func readByte() throws -> UInt8? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 60_000) > 0 else { throw UnixSocketClientError.nothingCame }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        // The other end has closed with something of ours unread: the end as well.
        if count < 0, errno == ECONNRESET { return nil }
        guard count >= 0 else { throw UnixSocketClientError.failed(call: "recv", errno: errno) }
        return count == 0 ? nil : byte
    }
}

/// Runs what blocks on a thread of its own, so that it takes none from the tasks it waits for.
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}
