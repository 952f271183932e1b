import Measurement
import Synchronization
import TestInstallation
import TestSupport

/// `user.get` while a first sync writes.
struct DuringSync {
    let scale: Scale
    let programs: ProgramsUnderTest

    private static let client = PacedClient(perSecond: 500, countsDelay: true)

    private struct Found {
        let during: Latencies
        let after: Latencies
        let seconds: Double
        let counts: Status.Site.Counts
    }

    func measure() async throws -> Table {
        let found = try await onASite { simulator, daemon in
            let line = try ControlLine(daemon.installation)
            try await daemon.installation.connect(to: simulator)
            // Some have to be there before they can be asked for.
            _ = try await line.wait { $0.counts.users >= min(100, scale.simulatedUsers / 2) }
            let people = try await line.ask(UserPage.self, "user.list", #"{"limit":100}"#).rows
            let questions = [people.map { Question.user($0.accountId) }]
            let stop = StopSign()
            let watch = Stopwatch()
            let (during, site) = try await withThrowingTaskGroup(of: [Latencies].self) { group in
                group.addTask { [socketPath = daemon.socketPath] in
                    try await onThread {
                        try Self.client.ask(questions, of: [BlockingClient(socketPath, .line)]) { stop.isSet }
                    }
                }
                defer { stop.set() }
                let site = try await line.wait { $0.sync.state == "idle" && $0.sync.lastCompletedAt != nil }
                stop.set()
                return (try await group.next()?.first ?? Latencies(), site)
            }
            let seconds = watch.seconds
            try await daemon.settle()
            let after = try Self.client.ask(
                questions, of: [daemon.connect()], seconds: scale.pacedSeconds * Double(scale.pacedRounds)
            ).first
            return Found(during: during, after: after ?? Latencies(), seconds: seconds, counts: site.counts)
        }
        var table = LatencyTable("control-sync", unit: Latencies.millisecond, named: "ms")
        table.append(
            "user.get while a first sync writes", found.during,
            Goal(text: "p99 ≤ 10 ms", isReached: found.during.p99 <= 0.010))
        table.append(peer: "the same when it is done", found.after, ours: found.during)
        table.note(
            "\(Int(Self.client.perSecond)) questions a second. The sync wrote"
                + " \(Table.Cell.count(found.counts.issues).text) issues and"
                + " \(Table.Cell.count(found.counts.activities).text) activities of \(Table.Cell.count(found.counts.users).text) users in \(Table.Cell.measure(found.seconds).text) s."
        )
        table.note("The simulated Jira and the client that asks have the same processors to run on.")
        return table.table
    }

    private func onASite<Value>(_ body: (Simulator, RunningDaemon) async throws -> Value) async throws -> Value {
        try await withTemporaryDirectory { directory in
            let size = [
                "--users", "\(scale.simulatedUsers)", "--issues", "\(scale.simulatedIssues)", "--seed", "1",
                "--history-days", "1095", "--points-per-hour", "10000000",
            ]
            return try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(
                    directory: directory, simulator: simulator,
                    syncSettings: ["interval = \"1d\"", "points_per_hour = 10000000"])
                return try await programs.withDaemon(installation) { try await body(simulator, $0) }
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
