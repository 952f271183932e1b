import ControlClient
import ControlProtocol
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
    case interrupted

    var message: String {
        switch self {
        case .usage(let message), .data(let message): message
        case .candidates(let error), .daemon(let error): error.message
        case .unreadable(let method, let mismatch): "the daemon's answer to \(method) is unexpected: \(mismatch)"
        case .client(let error): error.description
        case .expired(let end): "nobody consented until \(end.minute), when the invitation ended; nothing was connected"
        case .interrupted: "interrupted"
        }
    }

    var hint: String? {
        switch self {
        case .usage: "See jirausagectl --help."
        case .data: nil
        case .candidates(let error), .daemon(let error): error.hint
        case .unreadable: "Install the jirausagectl that belongs to the daemon."
        case .client(let error): error.hint
        case .expired: "Begin again: jirausagectl auth login"
        case .interrupted: nil
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
        case .interrupted: "interrupted"
        case .client(let error):
            switch error {
            case .noSocket, .refused: "daemonNotRunning"
            case .permissionDenied: "notPermitted"
            case .pathTooLong: "usage"
            case .timedOut: "deadline"
            case .closedEarly: "closedEarly"
            case .badReply: "protocolMismatch"
            case .failed: "internalError"
            }
        }
    }

    /// What stands on standard error with `--json`: the daemon's error object as it came, or one like it.
    var json: JSON {
        switch self {
        case .candidates(let error), .daemon(let error): error.json
        case .usage, .data, .unreadable, .client, .expired, .interrupted:
            [
                "code": nil, "message": .string(message),
                "data": [
                    "kind": .string(kind), "retryable": .bool(ExitStatus(self) == .tryAgain), "hint": hint.json,
                ],
            ]
        }
    }

    /// What stands on standard error for a person.
    var text: String {
        var lines = ["jirausagectl: \(printable(message))"]
        if case .candidates(let error) = self { lines += error.choices.map { "  " + describe($0) } }
        if let hint { lines.append(printable(hint)) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func describe(_ choice: ControlError.Choice) -> String {
        let details = [choice.accountId, choice.url, choice.site].compactMap(\.self)
        return printable(choice.name) + "  " + details.map(printable).joined(separator: "  ")
    }
}
