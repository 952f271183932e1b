import Synchronization

/// A clock that stands still while work is done: whoever sleeps on it moves it, and with it the simulated site's.
final class DrivenClock: Clock {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private let state = Mutex(Instant(offset: .zero))
    private let move: @Sendable (_ start: Duration, Duration) async throws -> Void

    /// - Parameter move: called in place of the time that passes, with when it began by this clock, which has been moved already.
    init(move: @escaping @Sendable (_ start: Duration, Duration) async throws -> Void) {
        self.move = move
    }

    var now: Instant { state.withLock { $0 } }
    var minimumResolution: Duration { .zero }
    /// The time that has been slept.
    var elapsed: Duration { now.offset }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        // Of several who sleep until the same moment, only the first moves the clock.
        let (start, left) = state.withLock { now in
            defer { now = max(now, deadline) }
            return (now.offset, now.duration(to: deadline))
        }
        if left > .zero { try await move(start, left) }
    }
}

/// Long waits, one by one, each held until whoever looks at it lets it go on.
final class Waits: Sendable {
    struct Wait: Sendable {
        /// When it began.
        let start: Duration
        fileprivate let continuation: CheckedContinuation<Void, Never>

        func goOn() {
            continuation.resume()
        }
    }

    /// For one reader.
    let all: AsyncStream<Wait>
    private let adding: AsyncStream<Wait>.Continuation

    init() {
        (all, adding) = AsyncStream.makeStream()
    }

    /// Returns when somebody has looked, or nobody looks any more.
    func report(at start: Duration) async {
        await withCheckedContinuation { continuation in
            let wait = Wait(start: start, continuation: continuation)
            if case .terminated = adding.yield(wait) { wait.goOn() }
        }
    }

    /// Lets everybody go on that has not been looked at, now and from here on.
    func end() async {
        adding.finish()
        for await wait in all { wait.goOn() }
    }
}
