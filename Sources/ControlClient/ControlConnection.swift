package import ControlProtocol
import Glibc

/// A connection to the daemon: a line out, a line in. Closed when it goes out of scope.
package struct ControlConnection: ~Copyable {
    private let descriptor: CInt
    private var splitter = LineSplitter(limit: LineSplitter.longestReply)
    private var received: ArraySlice<LineSplitter.Line> = []
    private var lastID: Int64 = 0

    /// - Parameters:
    ///   - path: of the daemon's Unix socket.
    ///   - timeout: for connecting; `nil` waits as long as it takes.
    package init(path: String, timeout: Duration?) throws(ClientError) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | Self.nonBlocking, 0)
        guard descriptor >= 0 else { throw .failed(call: "socket", errno: errno) }
        do throws(ClientError) {
            try Self.connect(descriptor, path: path, deadline: Deadline(timeout))
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Calls a method and waits for its reply.
    ///
    /// - Parameter timeout: for the whole exchange; `nil` waits as long as it takes.
    /// - Returns: the result as it came, or the daemon's error.
    package mutating func call<Method: ControlMethod>(
        _ method: Method, timeout: Duration?
    ) throws(ClientError) -> Result<JSON, ControlError> {
        lastID += 1
        let id = RequestID.integer(lastID)
        let line = try exchange(ControlRequest(id: id, call: method).line, timeout: timeout)
        let reply: ControlReply
        do {
            reply = try ControlReply(line: line)
        } catch {
            throw .badReply(reason: "\(error)")
        }
        // A line that could not be read as a request is answered without an id.
        guard reply.id == id || reply.id == .null else { throw .badReply(reason: "the reply to another request") }
        return reply.outcome
    }

    /// Sends a line, line feed included, and returns the next line that comes, without its line feed.
    package mutating func exchange(_ line: [UInt8], timeout: Duration?) throws(ClientError) -> [UInt8] {
        try exchange(line, timeout: timeout) { _ in }
    }

    /// The same, and hands on what the daemon notifies of before its reply.
    ///
    /// - Parameter notified: gets each line, without its line feed.
    package mutating func exchange(
        _ line: [UInt8], timeout: Duration?, notified: ([UInt8]) -> Void
    ) throws(ClientError) -> [UInt8] {
        let deadline = Deadline(timeout)
        try send(line, deadline: deadline)
        while true {
            let line = try nextLine(deadline: deadline)
            guard Self.isNotification(line) else { return line }
            notified(line)
        }
    }

    private mutating func nextLine(deadline: Deadline) throws(ClientError) -> [UInt8] {
        while received.isEmpty { received = try receive(deadline: deadline)[...] }
        switch received.removeFirst() {
        case .line(let bytes): return bytes
        case .tooLong: throw .badReply(reason: "a line of more than \(LineSplitter.longestReply) bytes")
        }
    }

    private static func isNotification(_ line: [UInt8]) -> Bool {
        // What cannot be read is for whoever reads replies to say.
        guard let json = try? JSON(parsing: line) else { return false }
        return ControlNotification(json: json) != nil
    }

    private func send(_ line: [UInt8], deadline: Deadline) throws(ClientError) {
        var rest = line[...]
        while !rest.isEmpty {
            // A daemon that has gone is an error to tell, not a signal to die of.
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, deadline: deadline)
            } else if errno == EPIPE || errno == ECONNRESET {
                // It may have said why before it closed: that stands in what can still be read.
                return
            } else if errno != EINTR {
                throw .failed(call: "send", errno: errno)
            }
        }
    }

    private mutating func receive(deadline: Deadline) throws(ClientError) -> [LineSplitter.Line] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 { return splitter.append(buffer[..<count]) }
            if count == 0 || errno == ECONNRESET { throw .closedEarly }
            if errno == EAGAIN {
                try wait(for: POLLIN, deadline: deadline)
            } else if errno != EINTR {
                throw .failed(call: "recv", errno: errno)
            }
        }
    }

    private func wait(for events: CInt, deadline: Deadline) throws(ClientError) {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let count = poll(&entry, 1, try deadline.millisecondsLeft())
        guard count >= 0 || errno == EINTR else { throw .failed(call: "poll", errno: errno) }
    }

    private static var nonBlocking: CInt { CInt(SOCK_NONBLOCK.rawValue) }

    private static func connect(_ descriptor: CInt, path: String, deadline: Deadline) throws(ClientError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The last byte stays zero: <https://man7.org/linux/man-pages/man7/unix.7.html>.
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .pathTooLong(path: path) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        while true {
            let result = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return }
            switch errno {
            case EINTR: continue
            // The daemon's queue is full, and poll does not tell when there is room again.
            case EAGAIN: _ = poll(nil, 0, min(10, try deadline.millisecondsLeft(atMost: 10)))
            case ENOENT, ENOTDIR: throw .noSocket(path: path)
            case ECONNREFUSED, ENOTSOCK: throw .refused(path: path)
            case EACCES, EPERM: throw .permissionDenied(path: path)
            default: throw .failed(call: "connect to \(path)", errno: errno)
            }
        }
    }
}

/// Until when to wait, by the clock that nobody sets.
private struct Deadline {
    private let timeout: Duration?
    private let start = MonotonicTime.now()

    init(_ timeout: Duration?) {
        self.timeout = timeout
    }

    /// What poll takes: -1 for as long as it takes.
    func millisecondsLeft(atMost most: Int32 = .max) throws(ClientError) -> Int32 {
        guard let timeout else { return most == .max ? -1 : most }
        let left = timeout - (MonotonicTime.now() - start)
        guard left > .zero else { throw .timedOut(after: timeout) }
        let milliseconds = left / .milliseconds(1)
        return milliseconds < Double(most) ? Int32(milliseconds) + 1 : most
    }
}
