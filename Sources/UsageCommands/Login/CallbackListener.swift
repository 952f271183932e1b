import ControlClient
import Glibc
import UsageModel

/// Waits on this machine, for the time of a login, for the browser that comes back from Atlassian.
///
/// It is a part of the client and not of the daemon, which never listens on TCP: the port is open for minutes, by the hand
/// of the person who is logging in. It takes one answer, recognised by its `state`; whatever else comes is answered and
/// forgotten. It never waits by itself: whoever owns it polls ``entries`` and calls ``advance()``.
final class CallbackListener {
    /// Why nothing listens: what stands in the way, and at which address.
    struct Refusal: Error, Hashable {
        let authority: String
        let errno: CInt
    }

    /// More than a browser opens at once. Beyond them the oldest that has not said anything whole makes room.
    static let connectionLimit = 16

    private let gate: CallbackGate
    private let now: () -> Duration
    private var sockets: [CInt] = []
    private var connections: [CallbackConnection] = []
    /// The browser's answer, once; later ones are pages like any other.
    private var hasAnswer = false

    /// Listens on the addresses of the redirect URI and on no other port: Atlassian compares the URI exactly, and a
    /// browser goes where that says.
    ///
    /// - Parameter now: the clock by which slow connections are given up.
    init(
        _ address: CallbackAddress, gate: CallbackGate, now: @escaping () -> Duration = MonotonicTime.now
    ) throws(Refusal) {
        self.gate = gate
        self.now = now
        var lastError: CInt = 0
        for loopback in address.addresses {
            switch Self.listen(at: loopback, port: address.port) {
            case .success(let descriptor): sockets.append(descriptor)
            case .failure(let failure):
                lastError = failure.errno
                // A machine without one of the families is served by the other. But if the port of one is somebody
                // else's, they might be given the code.
                guard [EADDRNOTAVAIL, EAFNOSUPPORT].contains(failure.errno) else {
                    closeSockets()
                    throw Refusal(authority: address.authority, errno: failure.errno)
                }
            }
        }
        if sockets.isEmpty { throw Refusal(authority: address.authority, errno: lastError) }
    }

    deinit {
        closeSockets()
    }

    private func closeSockets() {
        for socket in sockets { close(socket) }
        sockets = []
    }

    // MARK: - While it waits

    /// What to poll for.
    var entries: [pollfd] {
        let listening = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return listening
            + connections.compactMap {
                $0.events == 0 ? nil : pollfd(fd: $0.descriptor, events: $0.events, revents: 0)
            }
    }

    /// How long until a connection is to be given up; `nil` where there is none.
    var timeLeft: Duration? {
        connections.compactMap(\.deadline).min().map { max($0 - now(), .zero) }
    }

    /// Does what can be done without waiting.
    ///
    /// - Returns: the URL of the browser's answer, when it has come. The browser waits until ``finish(with:)``.
    func advance() -> Secret? {
        for socket in sockets { acceptAll(socket) }
        var answer: Secret?
        let now = now()
        connections.removeAll { connection in
            !connection.advance(now: now) { request in
                switch gate.judge(request) {
                case .page(let page): return page
                case .callback(let url):
                    guard !hasAnswer else { return .foreign }
                    hasAnswer = true
                    answer = url
                    return nil
                }
            }
        }
        return answer
    }

    private func acceptAll(_ socket: CInt) {
        while true {
            let descriptor = accept(socket, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            if connections.count >= Self.connectionLimit {
                guard let silent = connections.firstIndex(where: \.isReading) else {
                    close(descriptor)
                    continue
                }
                connections.remove(at: silent)
            }
            connections.append(CallbackConnection(descriptor: descriptor, now: now()))
        }
    }

    // MARK: - At the end

    /// Takes no more connections, gives the waiting browser its page, and returns when that is delivered, or after some
    /// seconds.
    func finish(with page: BrowserPage) {
        closeSockets()
        for connection in connections where connection.isHeld { connection.answer(with: page, now: now()) }
        // Whoever has not asked anything yet will not be answered any more.
        connections.removeAll(where: \.isReading)
        while !connections.isEmpty {
            _ = advance()
            var entries = entries
            let patience = timeLeft.map { Int32(clamping: $0.inMilliseconds + 1) } ?? 0
            if !entries.isEmpty { poll(&entries, nfds_t(entries.count), patience) }
        }
    }

    // MARK: - System calls

    private struct CallFailure: Error {
        let errno: CInt
    }

    private static func listen(at loopback: CallbackAddress.Loopback, port: UInt16) -> Result<CInt, CallFailure> {
        let family =
            switch loopback {
            case .v4: AF_INET
            case .v6: AF_INET6
            }
        let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | flags, 0)
        guard descriptor >= 0 else { return .failure(CallFailure(errno: errno)) }
        // Without it the connections of a login just before would keep the port for a minute. It does not let two
        // programs listen on one port: <https://man7.org/linux/man-pages/man7/socket.7.html>.
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(descriptor, to: loopback, port: port) == 0, Glibc.listen(descriptor, 16) == 0 else {
            defer { close(descriptor) }
            return .failure(CallFailure(errno: errno))
        }
        return .success(descriptor)
    }

    private static func bind(_ descriptor: CInt, to loopback: CallbackAddress.Loopback, port: UInt16) -> CInt {
        func bound<Address>(_ address: Address) -> CInt {
            withUnsafeBytes(of: address) { bytes in
                Glibc.bind(
                    descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
        }
        switch loopback {
        case .v4(let number):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = number.bigEndian
            return bound(address)
        case .v6:
            var only: CInt = 1
            setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<CInt>.size))
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return bound(address)
        }
    }
}
