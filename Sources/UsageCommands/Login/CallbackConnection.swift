import Glibc

/// One connection of a browser: a request is read, a page written, and what else comes is thrown away until the other
/// side has closed. Closed when it goes out of use.
final class CallbackConnection {
    /// What the connection waits for.
    private enum Phase {
        case reading(RequestReader)
        /// The answer to the login has come, and its page waits for the daemon.
        case holding
        case writing(ArraySlice<UInt8>)
        /// Closing with bytes unread would have the kernel reset the connection, and the page could be lost with it.
        case draining
    }

    let descriptor: CInt
    private var phase = Phase.reading(RequestReader())
    /// When it is given up, by ``MonotonicTime``; `nil` while it is held.
    private(set) var deadline: Duration?

    /// How long a browser may take for its request, and again for taking the page.
    static let patience = Duration.seconds(5)
    private static let drainingTime = Duration.seconds(1)

    /// - Parameter descriptor: of a connected socket that does not block; owned from here on.
    init(descriptor: CInt, now: Duration) {
        self.descriptor = descriptor
        deadline = now + Self.patience
    }

    deinit {
        close(descriptor)
    }

    /// What to wait for; 0 for nothing.
    var events: Int16 {
        switch phase {
        case .reading, .draining: Int16(POLLIN)
        case .holding: 0
        case .writing: Int16(POLLOUT)
        }
    }

    var isHeld: Bool { if case .holding = phase { true } else { false } }
    var isReading: Bool { if case .reading = phase { true } else { false } }

    /// Goes on as far as it can without waiting.
    ///
    /// - Returns: whether there is anything left to do.
    func advance(now: Duration, judge: (CallbackRequest) -> BrowserPage?) -> Bool {
        if let deadline, deadline <= now { return false }
        switch phase {
        case .reading(var reader):
            guard let bytes = receive() else { return true }
            // Neither a browser that goes without a word nor one that breaks off is to be answered.
            guard !bytes.isEmpty else { return false }
            switch reader.append(bytes) {
            case .incomplete: phase = .reading(reader)
            case .refused(let refusal): answer(with: BrowserPage(refusal), now: now)
            case .whole(let request):
                if let page = judge(request) {
                    answer(with: page, now: now)
                } else {
                    phase = .holding
                    deadline = nil
                }
            }
        case .holding: break
        case .writing(var rest):
            guard write(&rest) else { return false }
            phase = .writing(rest)
            if rest.isEmpty {
                shutdown(descriptor, CInt(SHUT_WR))
                phase = .draining
                deadline = now + Self.drainingTime
            }
        case .draining:
            if let bytes = receive(), bytes.isEmpty { return false }
        }
        return true
    }

    func answer(with page: BrowserPage, now: Duration) {
        phase = .writing(page.response[...])
        deadline = now + Self.patience
    }

    /// - Returns: what has come; empty at the end; `nil` where nothing has come yet.
    private func receive() -> ArraySlice<UInt8>? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        return buffer[..<max(count, 0)]
    }

    /// - Returns: whether the browser still takes something.
    private func write(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        rest = rest.dropFirst(count)
        return true
    }
}
