import ArgumentParser
import Foundation
import Glibc
import Measurement
import TestInstallation
import TestSupport
import UsageModel

/// How fast a sync is where Jira answers at once, and where the time goes.
struct Throughput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Activities a second where Jira answers at once, and where the time goes.",
        discussion: """
            What a first sync asks is recorded, which also warms the simulator up. Then the same is asked three times: by
            a plain HTTP client that throws the answers away, by the daemon's client of Jira, which decodes them, and by
            a daemon's first sync.
            """)

    @Option(help: "The site, as USERS/ISSUES.")
    var size = SiteSize(users: 2000, issues: 100_000)

    @Option(help: "How many days back the site's first issue lies.")
    var days = 1095

    @Option(help: "The seed of the simulated site.")
    var seed = 1

    @OptionGroup var output: Output

    private static let concurrency = 8

    func run() async throws {
        var table = Table(
            "throughput",
            [
                "size": "site", "what": "what", "seconds": "s", "ratio": "times the download",
                "activitiesPerSecond": "activities/s", "processorSeconds": "processor, s",
                "microsecondsPerActivity": "processor µs/activity", "waitingShare": "waiting",
            ])
        let found = try await measure()
        for (what, cost) in found.costs {
            table.append([
                .text(size.title), .text(what), .measure(cost.seconds),
                .measure(cost.seconds / (found.costs.first?.1.seconds ?? .nan)),
                .measure(Double(found.activities) / cost.seconds), .measure(cost.processor),
                .measure(cost.processor / Double(found.activities) * 1e6),
                .share(max(0, 1 - cost.processor / cost.seconds)),
            ])
        }
        table.notes = [
            "\(Table.Cell.count(found.activities).text) activities, \(Table.Cell.count(found.requests).text) requests,"
                + " \(found.bytes >> 20) MiB of answers; \(found.undecoded) requests are only downloaded, not decoded.",
            "Processor: user and system time of the client side alone. Waiting: the share of the time in which no"
                + " processor worked for it, if it never used two at once.",
            "Decoding costs what the second line has more than the first; SQLite and the rest what the third has more.",
        ]
        try output.write(table)
    }

    private struct Cost {
        let seconds: Double
        let processor: Double
    }

    private struct Found {
        let costs: [(String, Cost)]
        let activities: Int
        let requests: Int
        let bytes: Int
        let undecoded: Int
    }

    private func measure() async throws -> Found {
        try await withTemporaryDirectory { directory in
            let arguments =
                size.arguments(seed: seed, days: days) + ["--points-per-hour", "10000000", "--memoise", "--frozen"]
            return try await Simulator.withSimulator(arguments, directory: directory) { simulator in
                progress("\(size.title): recording")
                let requests = try await Recorder.with(upstream: simulator.baseURL) { baseURL, recorder in
                    _ = try await sync(simulator.reached(at: baseURL), directory: "\(directory)/recorded")
                    return recorder.requests
                }
                let replay = Replay(requests: requests, concurrency: Self.concurrency)
                let tokens = Tokens(SimulatorCalls(simulator))

                progress("download only")
                let (downloading, bytes) = try await measured {
                    try await replay.download(from: simulator.baseURL, tokens: tokens)
                }
                progress("download and decode")
                let (decoding, undecoded) = try await SyncInside.with(
                    simulator, tokens: tokens, databasePath: "\(directory)/unused.db", pointsPerHour: 10_000_000,
                    clock: ContinuousClock(), now: { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
                ) { inside in
                    try await measured {
                        try await replay.decode(through: inside.jira, from: simulator.baseURL, tokens: tokens)
                    }
                }
                progress("first sync")
                let (syncing, activities) = try await sync(simulator, directory: "\(directory)/measured")
                return Found(
                    costs: [("download", downloading), ("and decode", decoding), ("first sync", syncing)],
                    activities: activities, requests: requests.count, bytes: bytes, undecoded: undecoded)
            }
        }
    }

    /// A daemon's first sync, from the consent on.
    private func sync(_ simulator: Simulator, directory: String) async throws -> (Cost, activities: Int) {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let installation = try Installation(
            directory: directory, simulator: simulator,
            syncSettings: [
                "interval = \"1d\"", "points_per_hour = 10000000", "concurrency = \(Self.concurrency)",
            ])
        return try await installation.withDaemon { daemon in
            let meter = ProcessMeter(pid: daemon.pid)
            let line = try ControlLine(installation)
            let (watch, before) = (Stopwatch(), meter.processorTime)
            try await installation.connect(to: simulator)
            let site = try await line.waitForWholeSync(of: size)
            return (
                Cost(seconds: watch.seconds, processor: meter.processorTime - before), site.counts.activities
            )
        }
    }

    private func measured<Value>(_ body: () async throws -> Value) async throws -> (Cost, Value) {
        let meter = ProcessMeter(pid: getpid())
        let (watch, before) = (Stopwatch(), meter.processorTime)
        let value = try await body()
        return (Cost(seconds: watch.seconds, processor: meter.processorTime - before), value)
    }
}
