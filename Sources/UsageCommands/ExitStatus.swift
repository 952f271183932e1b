import ControlClient
package import ControlProtocol

/// What the program's exit status says; the numbers are promised (see jirausagectl(1)).
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// The answer is no: not found; for `status`: degraded or failing.
    case no = 1
    case usage = 64
    /// Ambiguous or malformed data.
    case data = 65
    case unreachable = 69
    case internalError = 70
    case storage = 74
    case tryAgain = 75
    /// The daemon and this program do not speak the same protocol.
    case mismatch = 76
    case notPermitted = 77
    /// An administrator must act.
    case configuration = 78
    case interrupted = 130

    init(_ failure: CommandFailure) {
        switch failure {
        case .usage: self = .usage
        case .data: self = .data
        case .candidates: self = .data
        case .unreadable: self = .mismatch
        case .client(let error): self.init(error)
        case .daemon(let error): self.init(error.kind)
        case .expired: self = .tryAgain
        case .setup(let failure): self = failure.status
        case .interrupted: self = .interrupted
        case .incomplete(_, let cause): self.init(cause)
        case .unwritten: self = .storage
        case .unread: self = .done
        }
    }

    init(_ error: ClientError) {
        switch error {
        case .noSocket, .refused: self = .unreachable
        case .permissionDenied: self = .notPermitted
        case .pathTooLong: self = .usage
        case .timedOut, .closedEarly: self = .tryAgain
        case .badReply: self = .mismatch
        case .failed: self = .internalError
        case .interrupted: self = .interrupted
        case .stopped: self = .done
        }
    }

    package init(_ kind: ControlError.Kind) {
        switch kind {
        case .notFound: self = .no
        case .invalidParams: self = .usage
        case .ambiguous, .severalSites, .badRedirect: self = .data
        case .internalError: self = .internalError
        case .storage: self = .storage
        case .upstreamUnavailable, .rateLimited, .shuttingDown, .deadline, .tooManyConnections: self = .tryAgain
        case .parseError, .invalidRequest, .methodNotFound: self = .mismatch
        case .notPermitted: self = .notPermitted
        case .notConnected, .reauthorise, .vaultLocked, .badConfiguration: self = .configuration
        case .cancelled: self = .interrupted
        }
    }
}
