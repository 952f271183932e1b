import Glibc

/// Why no reply came from the daemon.
package enum ClientError: Error, Hashable, Sendable {
    /// There is no socket of that path: the daemon is not running, or uses another path.
    case noSocket(path: String)
    /// There is a socket, and nobody behind it.
    case refused(path: String)
    case permissionDenied(path: String)
    case pathTooLong(path: String)
    case timedOut(after: Duration)
    /// The daemon closed the connection before it had answered.
    case closedEarly
    /// What came is no reply of this protocol; `reason` says what is wrong with it.
    case badReply(reason: String)
    case failed(call: String, errno: Int32)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSocket(let path): "jira-usaged is not running (no socket at \(path))"
        case .refused(let path): "jira-usaged is not running (nobody answers at \(path))"
        case .permissionDenied(let path): "you may not open the socket \(path)"
        case .pathTooLong(let path): "the socket path \(path) is too long"
        case .timedOut(let duration): "jira-usaged did not answer within \(duration)"
        case .closedEarly: "jira-usaged closed the connection without an answer"
        case .badReply(let reason): "this is no answer that this version understands: \(reason)"
        case .failed(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        }
    }

    /// What to do next; `nil` where there is nothing to do.
    package var hint: String? {
        switch self {
        case .noSocket, .refused: "Start it: systemctl start jira-usaged"
        case .permissionDenied: "Ask an administrator for access to the socket's directory."
        case .pathTooLong: "Name a shorter one with --socket."
        case .timedOut: "Try again, with a longer --timeout if need be."
        case .closedEarly: "Try again; if it stays so, look into its journal: journalctl -u jira-usaged"
        case .badReply:
            "Install the jirausagectl that belongs to the daemon; --socket may name another program's socket."
        case .failed: nil
        }
    }
}
