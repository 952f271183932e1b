@preconcurrency import Glibc
import Synchronization

/// The numbers of groups by name, as the system knows them: asked anew after a few seconds, so that `groupadd` needs no
/// restart, and a directory of groups on another machine is not asked for each request.
///
/// While it is asked anew, which may take as long as that machine likes, the last answer holds for everybody else.
final class GroupNumbers: Sendable {
    private struct Answer {
        let number: gid_t?
        let answeredAt: Duration
        var isAskedAnew = false
    }

    private static let lifetime = Duration.seconds(5)

    private let ask: @Sendable (String) -> gid_t?
    private let now: @Sendable () -> Duration
    private let answers = Mutex<[String: Answer]>([:])

    /// - Parameters:
    ///   - ask: the system, which may take its time.
    ///   - now: a clock that nobody sets.
    init(
        ask: @escaping @Sendable (String) -> gid_t? = GroupNumbers.ofSystem,
        now: @escaping @Sendable () -> Duration = GroupNumbers.uptime
    ) {
        self.ask = ask
        self.now = now
    }

    /// `nil` where there is no such group. May ask the system, which blocks the thread.
    subscript(name: String) -> gid_t? {
        let known = answers.withLock { answers -> Answer? in
            guard let answer = answers[name] else { return nil }
            if answer.isAskedAnew || isFresh(answer) { return answer }
            answers[name]?.isAskedAnew = true
            return nil
        }
        if let known { return known.number }
        let number = ask(name)
        answers.withLock { $0[name] = Answer(number: number, answeredAt: now()) }
        return number
    }

    /// Whether the system need not be asked for any of these.
    func areKnown(_ names: String...) -> Bool {
        answers.withLock { answers in
            names.allSatisfy { answers[$0].map { $0.isAskedAnew || isFresh($0) } ?? false }
        }
    }

    private func isFresh(_ answer: Answer) -> Bool { now() - answer.answeredAt < Self.lifetime }

    private static func ofSystem(_ name: String) -> gid_t? {
        var (entry, found) = (Glibc.group(), UnsafeMutablePointer<Glibc.group>?.none)
        // Members of a large directory's group do not fit a small buffer, and ERANGE would read as "no such group".
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }

    private static func uptime() -> Duration {
        var time = timespec()
        // Cannot fail for this clock (clock_gettime(2)).
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
