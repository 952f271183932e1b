import ControlClient
import ControlProtocol
import Glibc
import UsageModel

/// Shows the status again and again, until somebody has seen enough of it.
///
/// On a terminal in one place; elsewhere one block after the other, or one object a line. It outlives the daemon: while that
/// is not there it says so, and what was answered last stays.
struct StatusWatch {
    let session: Session
    let interval: Interval

    func run() throws(CommandFailure) -> Never {
        guard session.format != .csv else { throw .usage("this command has no rows to print as CSV; take --json") }
        var last: (report: StatusReport, time: Substring)?
        var toldFailure: String?
        while true {
            var trouble: CommandFailure?
            do throws(CommandFailure) {
                let answer = try session.call(GetStatus(), .init(isHasty: true))
                toldFailure = nil
                if session.format != nil {
                    try print(answer.json.text + "\n")
                } else {
                    last = (try answer.value(), wallClock().description.dropFirst(11).prefix(8))
                }
            } catch  where error.mayPass {
                trouble = error
            }
            if session.format == nil, session.console.outputIsTerminal {
                try print(screen(last, trouble))
            } else if let trouble {
                // Once, and not every two seconds for as long as it lasts.
                if trouble.message != toldFailure { session.console.printError("jirausagectl: \(trouble.message)\n") }
                toldFailure = trouble.message
            } else if session.format == nil, let last {
                try print(last.report.text(session.style) + "\n")
            }
            poll(nil, 0, Int32(clamping: Int(interval.duration / .milliseconds(1))))
        }
    }

    private func print(_ text: String) throws(CommandFailure) {
        let writing = session.console.print(text)
        guard case .done = writing else { throw CommandFailure(writing) }
    }

    /// The whole screen: how fresh it is, what is wrong, and the last answer, as much of it as there is room for.
    private func screen(_ last: (report: StatusReport, time: Substring)?, _ trouble: CommandFailure?) -> String {
        let style = session.style
        var text = style.apply(
            .heading,
            to: "Every \(interval), last answer \(last.map { "\($0.time) UTC" } ?? "none yet"); Ctrl-C ends it")
        text += "\n"
        if let trouble { text += style.folded(printable(trouble.message), lead: "! ", emphasis: .bad) }
        text += "\n" + (last?.report.text(style) ?? "")
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0)
        if let height = session.console.outputHeight, height > 1, lines.count >= height {
            lines = lines.prefix(height - 2)
            lines.append("…")
        }
        let shown = lines.map { "\($0)\(Self.eraseToEnd)\n" }.joined()
        return Self.home + shown + Self.eraseBelow
    }

    // ECMA-48: cursor position, erase in line, erase in page. Nothing is cleared first, so that nothing flickers.
    private static let home = "\u{1B}[H"
    private static let eraseToEnd = "\u{1B}[K"
    private static let eraseBelow = "\u{1B}[J"
}

extension CommandFailure {
    /// Whether the daemon may be well again without anybody doing anything here.
    fileprivate var mayPass: Bool {
        switch self {
        case .client(let error):
            switch error {
            case .noSocket, .refused, .closedEarly, .timedOut: true
            case .permissionDenied, .pathTooLong, .badReply, .failed, .interrupted, .stopped: false
            }
        case .daemon(let error): error.kind.isRetryable
        case .usage, .data, .candidates, .unreadable, .expired, .setup, .interrupted, .incomplete, .unwritten, .unread:
            false
        }
    }
}
