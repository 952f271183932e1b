import TokenVault

/// What may happen in a schedule. The tests count in how many schedules each did.
enum RefreshEvent: Hashable, CustomStringConvertible {
    enum Commit: CaseIterable {
        case refreshing, keep, reauthorise, restoring

        init(_ journal: RefreshMachine.Journal) {
            self =
                switch journal {
                case .valid: .restoring
                case .refreshing: .refreshing
                case .reauthorise: .reauthorise
                }
        }
    }

    case crashBefore(Commit)
    case crashAfter(Commit)
    case crashBeforeArrival
    case crashBeforeAnswer
    case crashWhileWaiting
    case answered(Weather.Line)
    case writeFailed(Commit)
    /// The disk reported a failure, and has written all the same.
    case writtenAllTheSame(Commit)
    case clockForward
    case clockBack
    case clockAcrossCrash
    case twoCallers
    case rejectsCurrent
    case rejectsLate
    /// A token outlived its leeway without a successor on the disk.
    case leewayPassed

    static let all: [RefreshEvent] =
        Commit.allCases.flatMap { [.crashBefore($0), .crashAfter($0), .writeFailed($0), .writtenAllTheSame($0)] }
        + Weather.Line.allCases.map { .answered($0) }
        + [
            .crashBeforeArrival, .crashBeforeAnswer, .crashWhileWaiting, .clockForward, .clockBack, .clockAcrossCrash,
            .twoCallers, .rejectsCurrent, .rejectsLate, .leewayPassed,
        ]

    var description: String {
        switch self {
        case .crashBefore(let commit): "crash before \(commit)"
        case .crashAfter(let commit): "crash after \(commit)"
        case .crashBeforeArrival: "crash before the request arrives"
        case .crashBeforeAnswer: "crash before the answer arrives"
        case .crashWhileWaiting: "crash while waiting"
        case .answered(let line): "line: \(line)"
        case .writeFailed(let commit): "failed write of \(commit)"
        case .writtenAllTheSame(let commit): "failed yet durable write of \(commit)"
        case .clockForward: "clock forward"
        case .clockBack: "clock back"
        case .clockAcrossCrash: "clock set while down"
        case .twoCallers: "two callers"
        case .rejectsCurrent: "current token rejected"
        case .rejectsLate: "old token rejected late"
        case .leewayPassed: "leeway passed"
        }
    }
}
