import Measurement
import Synchronization
import TestInstallation
import TestSupport

/// `user.get` while a first sync writes.
struct DuringSync {
    let scale: Scale
    let programs: ProgramsUnderTest
    let peers: PeerPrograms

    private static let client = PacedClient(perSecond: 500, countsDelay: true)

    private struct Found {
        let during: Latencies
        /// Of a Redis that is asked at the same time; `nil` without one.
        let beside: Latencies?
        let after: Latencies
        let seconds: Double
        let counts: Status.Site.Counts
    }

    func measure() async throws -> Table {
        let found = try await onASite { simulator, daemon, redis in
            let line = try ControlLine(daemon.installation)
            try await daemon.installation.connect(to: simulator)
            // Some have to be there before they can be asked for.
            _ = try await line.wait { $0.counts.users >= min(100, scale.simulatedUsers / 2) }
            let people = try await line.ask(UserPage.self, "user.list", #"{"limit":100}"#).rows
            let questions = [people.map { Question.user($0.accountId) }]
            let stop = StopSign()
            let watch = Stopwatch()
            async let during = Self.ask(questions, daemon.socketPath, .line, until: stop)
            async let beside = Self.ask([[.redisPing]], redis?.socketPath, .resp, until: stop)
            defer { stop.set() }
            let site = try await line.wait { $0.sync.state == "idle" && $0.sync.lastCompletedAt != nil }
            stop.set()
            let seconds = watch.seconds
            let asked = (during: try await during ?? Latencies(), beside: try await beside)
            try await daemon.settle()
            let after = try Self.client.ask(
                questions, of: [daemon.connect()], seconds: scale.pacedSeconds * Double(scale.pacedRounds)
            ).first
            return Found(
                during: asked.during, beside: asked.beside, after: after ?? Latencies(), seconds: seconds,
                counts: site.counts)
        }
        var table = LatencyTable("control-sync", unit: Latencies.millisecond, named: "ms")
        table.append(
            "user.get while a first sync writes", found.during,
            Goal(text: "p99 ≤ 10 ms", isReached: found.during.p99 <= 0.010))
        if let beside = found.beside { table.append(peer: "Redis PING at the same time", beside, ours: found.during) }
        table.append(peer: "the same when it is done", found.after, ours: found.during)
        table.note(
            "\(Int(Self.client.perSecond)) questions a second. The sync wrote"
                + " \(Table.Cell.count(found.counts.issues).text) issues and"
                + " \(Table.Cell.count(found.counts.activities).text) activities of \(Table.Cell.count(found.counts.users).text) users in \(Table.Cell.measure(found.seconds).text) s."
        )
        table.note("The simulated Jira and the clients that ask have the same processors to run on.")
        return table.table
    }

    /// - Returns: `nil` where there is nobody to be asked.
    private static func ask(
        _ questions: [[Question]], _ path: String?, _ framing: BlockingClient.Framing, until stop: StopSign
    ) async throws -> Latencies? {
        guard let path else { return nil }
        return try await onThread {
            try client.ask(questions, of: [BlockingClient(path, framing)]) { stop.isSet }.first
        }
    }

    private func onASite<Value>(
        _ body: (Simulator, RunningDaemon, Redis?) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { directory in
            let size = [
                "--users", "\(scale.simulatedUsers)", "--issues", "\(scale.simulatedIssues)", "--seed", "1",
                "--history-days", "1095", "--points-per-hour", "10000000",
            ]
            return try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(
                    directory: directory, simulator: simulator,
                    syncSettings: ["interval = \"1d\"", "points_per_hour = 10000000"])
                return try await programs.withDaemon(installation) { daemon in
                    guard let program = peers.redisServer else { return try await body(simulator, daemon, nil) }
                    return try await Redis.with(program, directory: "\(directory)/redis") { redis in
                        try await body(simulator, daemon, redis)
                    }
                }
            }
        }
    }
}

/// Tells a client on a thread of its own that it is enough.
private final class StopSign: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
