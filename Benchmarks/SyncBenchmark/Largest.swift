import ArgumentParser
import Foundation
import Glibc
import Measurement
import Systemd
import TestInstallation
import TestSupport
import UsageModel
import UsageSync

/// The largest site there is, inside Atlassian's hourly quota, in simulated hours.
struct Largest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "When, in simulated hours of points, the 90-day answer for the largest site is there.",
        discussion: """
            The sync runs in this process and its waiting moves the clocks, so that only waiting takes simulated time.
            Each time it waits, a daemon is started on a copy of the database and asked how much of the answer is there.
            """)

    @Option(help: "The site, as USERS/ISSUES.")
    var size = SiteSize(users: 100_000, issues: 5_000_000)

    @Option(help: "Points that may be spent in an hour, enforced by the simulator and planned with by the sync.")
    var pointsPerHour = 65_000

    @Option(help: "How many days back the site's first issue lies.")
    var days = 1095

    @Option(help: "The seed of the simulated site.")
    var seed = 1

    @Option(help: "Give up after so many simulated hours.")
    var hours = 48

    @Flag(help: "Go on until the whole history is read.")
    var whole = false

    @OptionGroup var output: Output

    func run() async throws {
        // As the daemon does.
        ProcessMemory.mapLargeBuffers()
        var table = Table(
            "largest",
            [
                "size": "site", "pointsPerHour": "points an hour", "verdictHours": "verdicts, h",
                "unusedHours": "unused seats, h", "licenceHours": "licence table, h", "bound": "bound, h",
                "wholeHours": "everything, h", "requests": "requests", "refused": "refused", "points": "points",
                "peakMiB": "peak MiB",
                "peakBound": "bound, MiB", "realMinutes": "real minutes",
            ])
        let watch = Stopwatch()
        let found = try await measure()
        func cell(_ hours: Double?) -> Table.Cell { hours.map { .measure($0) } ?? .none }
        table.append([
            .text(size.title), .count(pointsPerHour), cell(found.marks.verdicts), cell(found.marks.unusedSeats),
            cell(found.marks.licences), .count(24), cell(found.wholeHours), .count(found.cost.requests),
            .count(found.cost.refused),
            .count(found.cost.points), .measure(found.peakMemory), .count(100), .measure(watch.seconds / 60),
        ])
        table.notes = [
            "Hours: simulated ones, which pass only while the sync waits for points; the one in which a mark was reached.",
            "Refused: requests that were answered 429 because the hour's points were spent.",
            "Peak MiB: VmHWM of the process that runs the sync, which is this benchmark, while it does not look.",
        ]
        try output.write(table)
    }

    private struct Found {
        var marks = Marks()
        var wholeHours: Double?
        var cost = Statistics.Cost()
        var peakMemory = 0.0
    }

    private func measure() async throws -> Found {
        try await withTemporaryDirectory { directory in
            // A full hour, far enough back for all simulated ones to lie in the past of the daemon that judges.
            let hour = Int64(Date().timeIntervalSince1970) / 3600 - Int64(hours) - 2
            let origin = Instant(milliseconds: hour * 3_600_000)
            let arguments =
                size.arguments(seed: seed, days: days)
                + ["--now", "\(origin)", "--points-per-hour", "\(pointsPerHour)", "--frozen"]
            progress("\(size.title): the site is made")
            return try await Simulator.withSimulator(arguments, directory: directory) { simulator in
                try await sync(simulator, from: origin, directory: directory)
            }
        }
    }

    private func sync(_ simulator: Simulator, from origin: Instant, directory: String) async throws -> Found {
        let calls = SimulatorCalls(simulator)
        let tokens = Tokens(calls)
        let databasePath = "\(directory)/usage.db"
        let waits = Waits()
        let clock = DrivenClock { before, duration in
            // A short wait is one between two tries.
            if duration >= .seconds(60) {
                await waits.report(at: before)
                await tokens.expire()
            }
            try await calls.advanceClock(by: duration)
        }
        return try await SyncInside.with(
            simulator, tokens: tokens, databasePath: databasePath, pointsPerHour: pointsPerHour, clock: clock,
            now: { origin + clock.elapsed }
        ) { inside in
            try await withThrowingTaskGroup { group in
                group.addTask { await inside.sync.run() }
                var found = Found()
                let meter = ProcessMeter(pid: getpid())
                for await wait in waits.all {
                    // Whoever waits goes on, whatever comes of the look.
                    defer { wait.goOn() }
                    let hour = (wait.start / .seconds(3600)).rounded(.down) + 1
                    found.cost = try await simulator.statistics().cost()
                    found.peakMemory = max(found.peakMemory, meter.peakMemory)
                    let isDone = try await look(&found, hour: hour, databasePath, directory)
                    // What the look took is not the sync's.
                    try meter.forgetPeak()
                    progress(
                        "hour \(Int(hour)): \(found.cost.requests) requests, \(found.cost.points) points,"
                            + " \(Int(found.peakMemory)) MiB")
                    if isDone || hour >= Double(hours) { break }
                }
                group.cancelAll()
                await waits.end()
                return found
            }
        }
    }

    /// Asks a daemon on a copy of the database.
    ///
    /// - Returns: whether there is nothing more to wait for.
    private func look(
        _ found: inout Found, hour: Double, _ databasePath: String, _ directory: String
    ) async throws -> Bool {
        let judge = "\(directory)/judge"
        let files = FileManager.default
        try files.createDirectory(atPath: judge, withIntermediateDirectories: false)
        defer { try? files.removeItem(atPath: judge) }
        let installation = try Installation(directory: judge)
        try DatabaseCopy.make(of: databasePath, at: "\(installation.statePath)/usage.db")
        return try await installation.withDaemon { _ in
            let line = try ControlLine(installation)
            guard let site = try await line.site() else { return false }
            if !found.marks.areAllReached {
                try await found.marks.look(through: line, at: site, asOf: site.coverage.completeUntil) { hour }
            }
            if found.wholeHours == nil, site.counts.issues >= size.issues, site.sync.lastCompletedAt != nil {
                found.wholeHours = hour
            }
            return found.marks.areAllReached && (!whole || found.wholeHours != nil)
        }
    }
}
