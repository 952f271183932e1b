/// How long a reply is waited for, and what ends the waiting early.
package struct Waiting: Sendable {
    /// For the whole exchange; `nil` for as long as it takes.
    package var limit: Duration?
    /// For each line: a notification starts it anew. `nil` for as long as it takes.
    package var silence: Duration?
    /// Readable once somebody wants the request given up: it is then cancelled.
    package var interruption: CInt?

    package init(limit: Duration? = nil, silence: Duration? = nil, interruption: CInt? = nil) {
        self.limit = limit
        self.silence = silence
        self.interruption = interruption
    }
}

/// Until when to wait, by the clock that nobody sets.
struct Deadline {
    private let waiting: Waiting
    private let start = MonotonicTime.now()
    private var lastLine: Duration

    init(_ waiting: Waiting) {
        self.waiting = waiting
        lastLine = start
    }

    /// A line has come: the daemon is still at work.
    mutating func restart() {
        lastLine = MonotonicTime.now()
    }

    /// What poll takes: -1 for as long as it takes.
    func millisecondsLeft(atMost most: Int32 = .max) throws(ClientError) -> Int32 {
        let now = MonotonicTime.now()
        var milliseconds = most == .max ? -1 : most
        for (span, since) in [(waiting.limit, start), (waiting.silence, lastLine)] {
            guard let span else { continue }
            let left = span - (now - since)
            guard left > .zero else { throw .timedOut(after: span) }
            // Rounded up, so that what is left is not polled for in a hurry.
            let rounded = min(left / .milliseconds(1), Double(Int32.max - 1))
            milliseconds = milliseconds < 0 ? Int32(rounded) + 1 : min(milliseconds, Int32(rounded) + 1)
        }
        return milliseconds
    }
}
