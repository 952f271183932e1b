import ControlClient
import ControlProtocol
import Glibc
import UsageModel

/// Why a command has no result, for the person or the script that gave it.
enum CommandFailure: Error {
    /// The command line is wrong.
    case usage(String)
    /// What was given to the command is not what it should be.
    case data(String)
    /// Several match: they are listed, and one must be named.
    case candidates(ControlError)
    /// The daemon's result is not of the form that this version knows.
    case unreadable(method: String, JSONMismatch)
    case client(ClientError)
    case daemon(ControlError)
    /// Nobody consented before this.
    case expired(Instant)
    /// The machine could not be set up.
    case setup(SetupFailure)
    case interrupted
    /// Rows have been printed before it failed.
    indirect case incomplete(rows: Int, CommandFailure)
    /// The answer cannot be written.
    case unwritten(errno: CInt)
    /// Nobody reads the answer any more, which is no failure and is not told.
    case unread

    init(_ error: ControlError) {
        self = error.choices.isEmpty ? .daemon(error) : .candidates(error)
    }

    init(_ failure: SetupFailure) {
        if case .interrupted = failure { self = .interrupted } else { self = .setup(failure) }
    }

    /// Of what could not be written.
    init(_ writing: Console.Writing) {
        switch writing {
        case .done, .unread: self = .unread
        case .failed(let errno): self = .unwritten(errno: errno)
        }
    }

    var message: String {
        switch self {
        case .usage(let message), .data(let message): message
        case .candidates(let error), .daemon(let error): error.message
        case .unreadable(let method, let mismatch): "the daemon's answer to \(method) is unexpected: \(mismatch)"
        case .client(let error): error.description
        case .expired(let end): "nobody consented until \(end.minute), when the invitation ended; nothing was connected"
        case .setup(let failure): failure.message
        case .interrupted: "interrupted"
        case .incomplete(let rows, let cause):
            "the output is incomplete, it ends after \(counted(rows, "row")): \(cause.message)"
        case .unwritten(let errno): "the answer could not be written whole: \(String(cString: strerror(errno)))"
        case .unread: "nobody reads the answer"
        }
    }

    /// What it comes from, where it is told as part of something else.
    var cause: CommandFailure {
        if case .incomplete(_, let cause) = self { cause } else { self }
    }

    /// What to do next, as far as possible a command to type.
    func hint(_ service: ServiceWords) -> String? {
        switch self {
        case .usage: "See jirausagectl --help."
        case .data, .interrupted, .unwritten, .unread: nil
        case .candidates(let error), .daemon(let error): error.hint
        case .unreadable: "Install the jirausagectl that belongs to the daemon: jirausagectl call version"
        case .client(let error): error.hint(service)
        case .expired: "Begin again: jirausagectl auth login"
        case .setup(let failure): failure.hint
        case .incomplete(_, let cause): cause.hint(service)
        }
    }

    /// The stable word: the daemon's own, or one of these.
    private var kind: String {
        switch self {
        case .usage: "usage"
        case .data: "malformedData"
        case .candidates(let error), .daemon(let error): error.kind.rawValue
        case .unreadable: "protocolMismatch"
        case .expired: "deadline"
        case .setup(let failure): failure.kind
        case .interrupted: "interrupted"
        case .incomplete(_, let cause): cause.kind
        case .unwritten, .unread: "outputFailed"
        case .client(let error): error.kind
        }
    }

    /// What stands on standard error with `--json`: the daemon's error object as it came, or one like it.
    func json(_ service: ServiceWords) -> JSON {
        switch self {
        case .candidates(let error), .daemon(let error): error.json
        case .usage, .data, .unreadable, .client, .expired, .setup, .interrupted, .incomplete, .unwritten, .unread:
            [
                "code": nil, "message": .string(message),
                "data": .object(
                    [
                        .init("kind", .string(kind)), .init("retryable", .bool(ExitStatus(self) == .tryAgain)),
                        .init("hint", hint(service).json),
                    ] + (details.isEmpty ? [] : [.init("details", .array(details.map { .string($0) }))])),
            ]
        }
    }

    /// What stands on standard error for a person.
    ///
    /// - Parameter repetition: the same command line for one of several choices; `nil` where there is none.
    func text(_ service: ServiceWords, repetition: (ControlError.Choice) -> String?) -> String {
        var lines = ["jirausagectl: \(printable(message))"] + details.map { "  " + printable($0) }
        let choices = if case .candidates(let error) = cause { error.choices } else { [ControlError.Choice]() }
        lines += choices.map { "  " + describe($0) }
        if let hint = hint(service) { lines.append(printable(hint)) }
        lines += choices.compactMap(repetition).map { "  " + printable($0) }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What other programs said of it, line by line.
    private var details: [String] {
        if case .setup(let failure) = self { failure.details } else { [] }
    }

    private func describe(_ choice: ControlError.Choice) -> String {
        let details = [choice.accountId, choice.url, choice.site].compactMap(\.self)
        return printable(choice.name) + "  " + details.map(printable).joined(separator: "  ")
    }
}

extension ClientError {
    fileprivate var kind: String {
        switch self {
        case .noSocket, .refused: "daemonNotRunning"
        case .permissionDenied: "notPermitted"
        case .pathTooLong: "usage"
        case .timedOut: "deadline"
        case .closedEarly: "closedEarly"
        case .badReply: "protocolMismatch"
        case .failed: "internalError"
        case .interrupted, .stopped: "interrupted"
        }
    }

    fileprivate func hint(_ service: ServiceWords) -> String? {
        switch self {
        case .noSocket: service.begin
        case .refused: "See why it ended, and start it: \(service.journal); \(service.start)"
        case .permissionDenied(let path): "See who may open it: ls -ld \(ServiceWords.directory(of: path).shellWord)"
        case .pathTooLong: "Name a shorter one, of 107 bytes at most: jirausagectl --socket PATH status"
        case .timedOut: "Wait longer, with --timeout 2m for example, or see what it does: \(service.journal)"
        case .closedEarly: "See why: \(service.journal)"
        case .badReply:
            "Compare the versions, or name the right socket: jirausagectl --version; jirausagectl call version"
        case .failed, .interrupted, .stopped: nil
        }
    }
}
