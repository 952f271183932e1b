import Synchronization
import UsageModel

/// How time passes for a connection, and where its chance comes from.
struct Timing: Sendable {
    /// Suspends for that long.
    let sleep: @Sendable (Duration) async throws -> Void
    /// The time since this value was made, on the same clock; never goes back.
    let elapsed: @Sendable () -> Duration
    /// The wall clock, for dates in answers.
    let now: @Sendable () -> Instant
    private let generator: SharedGenerator

    init(
        clock: some Clock<Duration>, generator: some RandomNumberGenerator & Sendable,
        now: @escaping @Sendable () -> Instant
    ) {
        let start = clock.now
        sleep = { try await clock.sleep(for: $0) }
        elapsed = { start.duration(to: clock.now) }
        self.now = now
        self.generator = SharedGenerator(generator)
    }

    /// The next wait, as the policy has it.
    func delay(_ policy: RetryPolicy, afterTries failed: Int, atLeast minimum: Duration) -> Duration {
        generator.use { policy.delay(afterTries: failed, atLeast: minimum, using: &$0) }
    }
}

/// One generator for all tasks.
private final class SharedGenerator: Sendable {
    private struct Erased: RandomNumberGenerator, Sendable {
        var base: any RandomNumberGenerator & Sendable

        mutating func next() -> UInt64 { base.next() }
    }

    private let state: Mutex<Erased>

    init(_ generator: some RandomNumberGenerator & Sendable) {
        state = Mutex(Erased(base: generator))
    }

    func use<Value: Sendable>(_ body: (inout any RandomNumberGenerator & Sendable) -> Value) -> Value {
        state.withLock { body(&$0.base) }
    }
}
