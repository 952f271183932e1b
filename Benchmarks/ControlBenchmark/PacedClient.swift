import Glibc

/// A well-behaved client that asks at even intervals, whatever the answers take.
struct PacedClient {
    let perSecond: Double
    /// Whether an answer that comes late makes the next questions late, and that counts: they are timed from when they
    /// should have been asked. Otherwise each is timed from when it is asked, and as many as were missed are left out.
    let countsDelay: Bool

    /// Asks in turn until it is to stop.
    ///
    /// - Parameters:
    ///   - questions: of several kinds, which take turns.
    ///   - clients: connections, which take turns as well.
    ///   - isOver: asked before each question.
    /// - Returns: of each kind.
    func ask(_ questions: [[Question]], of clients: [BlockingClient], until isOver: () -> Bool) throws -> [Latencies] {
        var latencies = questions.map { _ in Latencies() }
        let interval = UInt64(1e9 / perSecond)
        var due = Latencies.now() + interval
        var number = 0
        while !isOver() {
            let isLate = Latencies.now() >= due
            if !isLate { Self.sleep(until: due) }
            // That the client alone woke up late is not counted.
            if !isLate || !countsDelay { due = Latencies.now() }
            let (turn, kind) = number.quotientAndRemainder(dividingBy: questions.count)
            try clients[turn % clients.count].ask(questions[kind][turn % questions[kind].count])
            latencies[kind].append(Double(Latencies.now() - due) / 1e9)
            (number, due) = (number + 1, due + interval)
        }
        return latencies
    }

    func ask(_ questions: [[Question]], of clients: [BlockingClient], seconds: Double) throws -> [Latencies] {
        let end = Latencies.now() + UInt64(seconds * 1e9)
        return try ask(questions, of: clients) { Latencies.now() >= end }
    }

    private static func sleep(until instant: UInt64) {
        var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
