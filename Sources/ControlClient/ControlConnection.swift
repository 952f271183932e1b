package import ControlProtocol
import Glibc

/// A connection to the daemon: a line out, notifications and a reply in. Closed when it goes out of scope.
package struct ControlConnection: ~Copyable {
    private let descriptor: CInt
    private var received = ReplyLines()
    /// What is read into, again and again.
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var lastID: Int64 = 0

    /// What is done with the rest of an exchange after a notification.
    package enum Continuation: Sendable {
        case goOn
        /// Nobody wants what is still to come; the connection can be used no more.
        case stop
    }

    /// - Parameters:
    ///   - path: of the daemon's Unix socket.
    ///   - timeout: for connecting; `nil` waits as long as it takes.
    package init(path: String, timeout: Duration?) throws(ClientError) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | Self.nonBlocking, 0)
        guard descriptor >= 0 else { throw .failed(call: "socket", errno: errno) }
        do throws(ClientError) {
            try Self.connect(descriptor, path: path, deadline: Deadline(Waiting(limit: timeout)))
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
    /// - Parameters:
    ///   - meta: what is wanted beside the answer; `notified` is called only where a stream or progress is.
    ///   - notified: takes what the daemon says of the request before its reply, as it comes.
    /// - Returns: the result as it came, or the daemon's error.
    package mutating func call<Method: ControlMethod>(
        _ method: Method, meta: RequestMeta = RequestMeta(), waiting: Waiting,
        notified: (ControlNotification) -> Continuation = { _ in .goOn }
    ) throws(ClientError) -> Result<JSON, ControlError> {
        lastID += 1
        let request = ControlRequest(id: .integer(lastID), call: method, meta: meta)
        let line = try exchange(request, waiting: waiting, mayBeNotified: !meta.features.isEmpty) { _, notification in
            notified(notification)
        }
        let reply = try Self.reply(line)
        // A line that could not be read as a request is answered without an id.
        guard reply.id == request.id || reply.id == .null else {
            throw .badReply(reason: "the reply to another request")
        }
        return reply.outcome
    }

    /// Sends a request and returns the line of its reply, without its line feed.
    ///
    /// - Parameters:
    ///   - mayBeNotified: whether notifications are looked for; without it the next line is the reply.
    ///   - notified: takes each notification that comes before, as its line and as what it says.
    package mutating func exchange(
        _ request: ControlRequest, waiting: Waiting, mayBeNotified: Bool = true,
        notified: ([UInt8], ControlNotification) -> Continuation
    ) throws(ClientError) -> [UInt8] {
        var deadline = Deadline(waiting)
        do throws(ClientError) {
            try send(request.line, deadline: deadline, interruption: waiting.interruption)
            while true {
                let line = try nextLine(deadline: deadline, interruption: waiting.interruption)
                guard mayBeNotified, let json = try? JSON(parsing: line),
                    let notification = ControlNotification(json: json)
                else { return line }
                guard notification.id == request.id else { throw .badReply(reason: "news of another request") }
                guard notified(line, notification) == .goOn else { throw .stopped }
                deadline.restart()
            }
        } catch .interrupted {
            try? cancel(request)  // Whatever comes of it: nobody waits for the request any more.
            throw .interrupted
        }
    }

    /// How long a request that was cancelled may take to end.
    private static let cancellationPatience = Duration.seconds(1)

    /// Cancels a request and waits until it has ended.
    private mutating func cancel(_ request: ControlRequest) throws(ClientError) {
        let deadline = Deadline(Waiting(limit: Self.cancellationPatience))
        let id = RequestID.string("cancel")
        try send(
            ControlRequest(id: id, call: CancelRequest(request: request.id)).line, deadline: deadline, interruption: nil
        )
        while true {
            let line = try nextLine(deadline: deadline, interruption: nil)
            if let reply = try? Self.reply(line), reply.id == request.id { return }
        }
    }

    private static func reply(_ line: [UInt8]) throws(ClientError) -> ControlReply {
        do {
            return try ControlReply(line: line)
        } catch {
            throw .badReply(reason: "\(error)")
        }
    }
}

// MARK: - Bytes

extension ControlConnection {
    private func send(_ line: [UInt8], deadline: Deadline, interruption: CInt?) throws(ClientError) {
        var rest = line[...]
        while !rest.isEmpty {
            // A daemon that has gone is an error to tell, not a signal to die of.
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, deadline: deadline, interruption: interruption)
            } else if errno == EPIPE || errno == ECONNRESET {
                // It may have said why before it closed: that stands in what can still be read.
                return
            } else if errno != EINTR {
                throw .failed(call: "send", errno: errno)
            }
        }
    }

    private mutating func nextLine(deadline: Deadline, interruption: CInt?) throws(ClientError) -> [UInt8] {
        while true {
            switch received.next() {
            case .line(let bytes): return bytes
            case .tooLong: throw .badReply(reason: "a line of more than \(LineSplitter.longestReply) bytes")
            case nil: try receive(deadline: deadline, interruption: interruption)
            }
        }
    }

    private mutating func receive(deadline: Deadline, interruption: CInt?) throws(ClientError) {
        while true {
            // First, so that what comes without a pause can be interrupted too.
            try wait(for: POLLIN, deadline: deadline, interruption: interruption)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                buffer.withUnsafeBytes { received.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                return
            }
            if count == 0 || errno == ECONNRESET { throw .closedEarly }
            if errno != EAGAIN, errno != EINTR { throw .failed(call: "recv", errno: errno) }
        }
    }

    private func wait(for events: CInt, deadline: Deadline, interruption: CInt?) throws(ClientError) {
        var entries = [pollfd(fd: descriptor, events: Int16(events), revents: 0)]
        if let interruption { entries.append(pollfd(fd: interruption, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&entries, nfds_t(entries.count), try deadline.millisecondsLeft())
        guard count >= 0 || errno == EINTR else { throw .failed(call: "poll", errno: errno) }
        if count > 0, entries.count > 1, entries[1].revents != 0 { throw .interrupted }
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
            case EAGAIN: _ = poll(nil, 0, try deadline.millisecondsLeft(atMost: 10))
            case ENOENT, ENOTDIR: throw .noSocket(path: path)
            case ECONNREFUSED, ENOTSOCK: throw .refused(path: path)
            case EACCES, EPERM: throw .permissionDenied(path: path)
            default: throw .failed(call: "connect to \(path)", errno: errno)
            }
        }
    }
}
