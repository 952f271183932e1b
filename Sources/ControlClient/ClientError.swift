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
    /// Whoever asked wanted no answer any more.
    case interrupted
    /// Whoever took the notifications wanted no more of them.
    case stopped
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSocket(let path): "jira-usaged is not running (no socket at \(path))"
        case .refused(let path): "jira-usaged is not running (nobody answers at \(path))"
        case .permissionDenied(let path): "you may not open the socket \(path)"
        case .pathTooLong(let path): "the socket path \(path) is too long"
        case .timedOut(let duration): "jira-usaged did not answer within \(duration.words)"
        case .closedEarly: "jira-usaged closed the connection without an answer"
        case .badReply(let reason): "this is no answer that this version understands: \(reason)"
        case .failed(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .interrupted: "interrupted"
        case .stopped: "the rest of the answer was not wanted"
        }
    }
}

extension Duration {
    /// To the millisecond: what is left of a time limit after another attempt is no round number.
    fileprivate var words: String {
        let milliseconds = Int((self / .milliseconds(1)).rounded())
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return rest == 0 ? "\(seconds) s" : "\(milliseconds) ms"
    }
}
