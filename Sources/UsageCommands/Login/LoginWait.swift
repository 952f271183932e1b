import Glibc
import UsageModel

/// Waits for the answer to a login from wherever it comes first: the browser, or an address that is pasted.
struct LoginWait {
    enum Ending {
        case answered(Secret)
        /// Nobody answered while the invitation was good.
        case expired
        /// The input is at its end, and there is nothing else that an answer could come from.
        case inputEnded
        /// What was pasted was not the answer, too often; why the last was not.
        case notTheAnswer(String)
        case interrupted
    }

    /// How often a person may paste something wrong.
    static let attempts = 3

    let gate: CallbackGate
    /// `nil` where nothing listens for the browser.
    let listener: CallbackListener?
    let expiresAt: Instant
    let console: Console
    let now: () -> Instant
    /// The page that a browser is to open, and by which commands.
    let opening: (page: String, commands: [[String]])?

    func run(variables: [String: String]) -> Ending {
        // In this order, so that all is put back when a signal at last ends the program.
        var signals = console.handlesSignals ? SignalWatch() : nil
        defer { signals?.end() }
        let page = opening.flatMap { SignInPage(leadingTo: $0.page, variables: variables) }
        defer { page?.remove() }
        let terminal = SilentTerminal(console.input)
        defer { terminal?.restore() }

        var browser = BrowserOpening(
            page.map { page in opening?.commands.map { BrowserChoice.words($0, opening: page.url) } ?? [] } ?? [])
        var input = PasteInput(console: console, isTerminal: terminal != nil, gate: gate)
        var line = WaitingLine(expiresAt: expiresAt, console: console)
        defer { line.end() }
        if opening != nil, page == nil { line.say(Self.noBrowser) }
        while true {
            let left = expiresAt.duration(since: now())
            guard left > .zero else { return .expired }
            guard listener != nil || input.isOpen else { return .inputEnded }
            if browser.advance() { line.say(Self.noBrowser) }
            line.show(left, takesPaste: input.isOpen)

            var entries = listener?.entries ?? []
            if let signals { entries.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)) }
            if input.isOpen { entries.append(pollfd(fd: console.input, events: Int16(POLLIN), revents: 0)) }
            // A minute at most: the clock by which the invitation ends can be set.
            let patience = [.seconds(60), left, line.timeToNextMinute(left), listener?.timeLeft].compactMap(\.self)
                .min()
            poll(&entries, nfds_t(entries.count), Int32(clamping: (patience ?? .zero).inMilliseconds + 1))

            if let signal = entries.first(where: { $0.fd == signals?.descriptor }), signal.revents != 0 {
                signals?.take()
                if signals?.ending != nil { return .interrupted }
            }
            if let url = listener?.advance() { return .answered(url) }
            if input.isOpen, entries.last?.revents != 0 {
                if let ending = input.take(saying: { line.say($0) }) { return ending }
            }
        }
    }

    private static let noBrowser = "No browser could be opened: open the address yourself."
}

/// What is pasted, or comes from a pipe.
private struct PasteInput {
    private let console: Console
    private let isTerminal: Bool
    private let gate: CallbackGate
    private var reader: PasteReader
    private var refusals = 0
    private var lastReason = ""
    private(set) var isOpen: Bool

    init(console: Console, isTerminal: Bool, gate: CallbackGate) {
        self.console = console
        self.isTerminal = isTerminal
        self.gate = gate
        reader = PasteReader(isTerminal: isTerminal)
        // A terminal that is not ours to use, because this program is in its background, is left alone.
        isOpen = isTerminal || !console.inputIsTerminal
    }

    /// Reads what is there.
    ///
    /// - Parameter say: takes why something is not the answer.
    /// - Returns: how the wait ends, if it does.
    mutating func take(saying say: (String) -> Void) -> LoginWait.Ending? {
        let bytes = console.readBytes()
        var events = reader.append(bytes)
        if bytes.isEmpty {
            // The terminal has gone, and the person with it.
            if isTerminal { return .inputEnded }
            events += [reader.finish(), .end].compactMap(\.self)
        }
        for event in events {
            let reason: String
            switch event {
            case .line(let text) where text.allSatisfy(\.isWhitespace): continue
            case .line(let text):
                switch gate.judge(pasted: text) {
                case .url(let url): return .answered(url)
                case .refused(let why): reason = why
                }
            case .tooLong: reason = "that is longer than any address that a browser shows"
            case .end:
                isOpen = false
                // A script that gave something wrong is told so; nobody is there to give anything else.
                return !isTerminal && refusals > 0 ? .notTheAnswer(lastReason) : nil
            }
            refusals += 1
            lastReason = reason
            if refusals == LoginWait.attempts { return .notTheAnswer(reason) }
            if isTerminal { say("jirausagectl: \(reason)") }
        }
        return nil
    }
}

/// The line that shows, while nothing happens, that and until when there is something to wait for.
private struct WaitingLine {
    private let expiresAt: Instant
    private let console: Console
    private let isTerminal: Bool
    private var shown = ""

    init(expiresAt: Instant, console: Console) {
        self.expiresAt = expiresAt
        self.console = console
        isTerminal = console.errorsAreTerminal
    }

    /// Rewrites the line on a terminal, a minute later; elsewhere it stands there once.
    mutating func show(_ left: Duration, takesPaste: Bool) {
        // Short enough not to be broken in two: what was broken cannot be rewritten.
        let clock = expiresAt.minute.suffix(9)
        let waiting = "Waiting until \(clock)"
        guard isTerminal else {
            if shown.isEmpty { console.printError(waiting + ".\n") }
            shown = waiting
            return
        }
        let paste = takesPaste ? " Paste here, it is not shown: " : ""
        let text = "\(waiting), \(Self.minutes(left)) min left.\(paste)"
        guard text != shown else { return }
        let padding = String(repeating: " ", count: max(shown.count - text.count, 0))
        // Padding and text anew put the cursor where the text ends.
        console.printError((shown.isEmpty ? "" : "\r" + text + padding + "\r") + text)
        shown = text
    }

    mutating func say(_ text: String) {
        end()
        console.printError(text + "\n")
        if !isTerminal { shown = text }
    }

    /// Leaves the line, so that what follows begins on its own.
    mutating func end() {
        guard isTerminal, !shown.isEmpty else { return }
        console.printError("\n")
        shown = ""
    }

    func timeToNextMinute(_ left: Duration) -> Duration? {
        isTerminal ? left - .seconds(60) * (Self.minutes(left) - 1) : nil
    }

    /// Rounded up: the last minute is one.
    private static func minutes(_ left: Duration) -> Int { Int((left.inMilliseconds + 59_999) / 60_000) }
}
