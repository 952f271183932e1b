import Glibc

/// A well-behaved client that asks at even intervals, whatever the answers take.
struct PacedClient {
    let perSecond: Double

    /// Asks in turn until it is to stop.
    ///
    /// An answer that comes late makes the next question late, and that counts: it is timed from when it should have
    /// been asked. Where the client alone woke up late, it is timed from when it was asked.
    ///
    /// - Parameters:
    ///   - questions: of several kinds, which take turns.
    ///   - isOver: asked before each question.
    /// - Returns: of each kind.
    func ask(_ questions: [[Question]], of client: BlockingClient, until isOver: () -> Bool) throws -> [Latencies] {
        var latencies = questions.map { _ in Latencies() }
        let interval = UInt64(1e9 / perSecond)
        var due = Latencies.now() + interval
        var number = 0
        while !isOver() {
            var start = due
            if Latencies.now() < due {
                Self.sleep(until: due)
                start = Latencies.now()
            }
            let (turn, kind) = number.quotientAndRemainder(dividingBy: questions.count)
            try client.ask(questions[kind][turn % questions[kind].count])
            latencies[kind].append(Double(Latencies.now() - start) / 1e9)
            (number, due) = (number + 1, due + interval)
        }
        return latencies
    }

    func ask(_ questions: [[Question]], of client: BlockingClient, seconds: Double) throws -> [Latencies] {
        let end = Latencies.now() + UInt64(seconds * 1e9)
        return try ask(questions, of: client) { Latencies.now() >= end }
    }

    private static func sleep(until instant: UInt64) {
        var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
