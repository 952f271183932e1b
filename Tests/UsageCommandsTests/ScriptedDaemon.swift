import ControlProtocol
import ControlServer
import Glibc
import TestSupport

/// A daemon that says what a test wants said, one connection after another.
struct ScriptedDaemon: Sendable {
    let path: String
    private let listener: ListeningSocket

    /// - Parameter path: of its socket.
    init(path: String) throws {
        self.path = path
        listener = try ListeningSocket(path: path)
    }

    /// Answers until it is stopped; blocks its thread.
    func serve(_ answer: (ControlRequest, Conversation) -> Void) {
        while true {
            let descriptor = accept(listener.descriptor, nil, nil)
            guard descriptor >= 0 else { return }
            let conversation = Conversation(descriptor)
            while let request = conversation.next() { answer(request, conversation) }
        }
    }

    func stop() {
        shutdown(listener.descriptor, CInt(SHUT_RDWR))
    }

    func close() {
        Glibc.close(listener.descriptor)
        unlink(path)
    }
}

/// One connection, from the daemon's side. Closed when it goes out of scope.
final class Conversation {
    private var descriptor: CInt
    private var splitter = LineSplitter(limit: LineSplitter.longestRequest)
    private var lines: [LineSplitter.Line] = []

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        hangUp()
    }

    /// The next request; `nil` when there will be none.
    func next() -> ControlRequest? {
        while lines.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            lines = splitter.append(buffer[..<count])
        }
        guard case .line(let bytes) = lines.removeFirst() else { return nil }
        return try? ControlRequest(line: bytes)
    }

    /// - Returns: whether somebody was there to take it.
    @discardableResult
    func say(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func notify(_ request: ControlRequest, _ kind: ControlNotification.Kind, _ value: JSON) -> Bool {
        say(ControlNotification(id: request.id, kind: kind, value: value).line)
    }

    func reply(to request: ControlRequest, _ outcome: Result<JSON, ControlError>) {
        say(ControlReply(id: request.id, outcome: outcome).line)
    }

    /// Replies as a daemon does: the rows of a list that is wanted as a stream come one by one before.
    func answer(_ request: ControlRequest, _ result: JSON) {
        guard request.meta.wantsStream, let rows = result["rows"]?.array else {
            reply(to: request, .success(result))
            return
        }
        for row in rows { notify(request, .rows, [row]) }
        reply(to: request, .success(["rows": [], "next": result["next"] ?? .null]))
    }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
