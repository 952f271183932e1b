import ControlClient

/// A line on a terminal that shows, while one waits, that something goes on; it is gone when there is a result.
///
/// It stands where errors go, and only where that is a terminal.
struct ProgressLine {
    /// What is done sooner needs no line.
    private static let patience = Duration.milliseconds(400)
    /// A person cannot read faster, and a terminal may be slow.
    private static let interval = Duration.milliseconds(100)

    private let console: Console
    /// Whether anything is ever shown.
    let isShown: Bool
    private let start = MonotonicTime.now()
    private var lastShown: Duration?

    init(_ console: Console, isWanted: Bool = true) {
        self.console = console
        isShown = isWanted && console.errorsAreTerminal
    }

    /// - Parameter isUrgent: shows it at once, for what comes seldom.
    mutating func show(_ text: @autoclosure () -> String, isUrgent: Bool = false) {
        guard isShown else { return }
        let now = MonotonicTime.now()
        if let lastShown, now - lastShown < Self.interval, !isUrgent { return }
        if !isUrgent, now - start < Self.patience { return }
        lastShown = now
        // Never wider than the terminal: what was broken in two could not be erased.
        let width = (console.errorsWidth ?? 80) - 1
        console.printError("\r" + cut(printable(text()), to: max(width, 1)) + Self.eraseToEnd)
    }

    mutating func erase() {
        guard lastShown != nil else { return }
        lastShown = nil
        console.printError("\r" + Self.eraseToEnd)
    }

    /// ECMA-48: erase in line, from the cursor on.
    private static let eraseToEnd = "\u{1B}[K"
}
