import ArgumentParser
import Foundation
import Measurement
import TestInstallation
import TestSupport

/// Requests, points and memory of a first sync, and of the passes that follow it.
struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Requests and points of the first sync of everything, and of passes over few changes.")

    @OptionGroup var sites: SiteOptions

    @Option(help: "Minutes in which nothing has happened on the site before it is connected.")
    var quiet = 0

    @OptionGroup var output: Output

    func run() async throws {
        var table = Table(
            "requests",
            [
                "size": "site", "what": "what", "requests": "requests", "bound": "bound",
                "peopleRequests": "of them for people", "points": "points", "seconds": "seconds",
                "peakMiB": "peak MiB",
            ])
        for size in sites.size {
            for row in try await measure(size) { table.append(row.cells(size)) }
            if size == Peer.size {
                for peer in Peer.measured {
                    table.append([
                        .text(size.title), .text("first sync by \(peer.name)"), .count(peer.requests), .none, .none,
                        .none, .none, peer.peakMemory.map { .measure($0) } ?? .none,
                    ])
                }
            }
        }
        table.notes = [
            "Bound of a first sync: users + issues/100 + 20 requests; of a pass without a change: 5.",
            "A first sync begins with the consent, whose four requests are counted.",
            "A pass is one that the interval brings; \"asked for\" is `jirausagectl sync run --wait`.",
            "Peak MiB: the daemon's VmHWM when the row was measured.",
        ]
        try output.write(table)
    }

    // MARK: - One site

    private struct Row {
        let what: String
        let cost: Statistics.Cost
        var bound: Int?
        let seconds: Double?
        let peakMemory: Double

        func cells(_ size: SiteSize) -> [Table.Cell] {
            [
                .text(size.title), .text(what), .count(cost.requests), bound.map { .count($0) } ?? .none,
                .count(cost.peopleRequests), .count(cost.points), seconds.map { .measure($0) } ?? .none,
                .measure(peakMemory),
            ]
        }
    }

    private func measure(_ size: SiteSize) async throws -> [Row] {
        progress("\(size.title): first sync")
        return try await withTemporaryDirectory { directory in
            let arguments = sites.arguments(size)
            return try await Simulator.withSimulator(arguments, directory: directory) { simulator in
                let installation = try Installation(
                    directory: directory, simulator: simulator,
                    syncSettings: ["interval = \"30s\"", "points_per_hour = 10000000"])
                return try await installation.withDaemon { daemon in
                    let meter = ProcessMeter(pid: daemon.pid)
                    let line = try ControlLine(installation)
                    if quiet > 0 { try await simulator.post("/_sim/clock", #"{"advanceSeconds":\#(60 * quiet)}"#) }
                    let watch = Stopwatch()
                    try await installation.connect(to: simulator)
                    let site = try await line.waitForWholeSync(of: size)
                    let seconds = watch.seconds
                    var last = try await simulator.statistics()
                    for (route, count) in last.requestsByRoute { progress("  \(count)  \(route)") }
                    let whole = Row(
                        what: "first sync", cost: last.cost(), bound: size.users + size.issues / 100 + 20,
                        seconds: seconds, peakMemory: meter.peakMemory)
                    var rows = [whole]
                    progress("\(size.title): the passes that follow, each half a minute after the one before")
                    // The first of them may still have something to do that the first sync has left.
                    var completed = try await nextPass(line, after: site.sync.lastCompletedAt)
                    last = try await simulator.statistics()
                    for changes in [0, 10, 1000] {
                        if changes > 0 {
                            try await simulator.post("/_sim/activity", #"{"count":\#(changes),"seed":\#(sites.seed)}"#)
                        }
                        completed = try await nextPass(line, after: completed)
                        let now = try await simulator.statistics()
                        rows.append(
                            Row(
                                what: "pass, \(Table.Cell.count(changes).text) changes", cost: now.cost(since: last),
                                bound: changes == 0 ? 5 : nil, seconds: nil, peakMemory: meter.peakMemory))
                        last = now
                    }
                    try await installation.sync()
                    rows.append(
                        Row(
                            what: "asked for, 0 changes", cost: try await simulator.statistics().cost(since: last),
                            seconds: nil, peakMemory: meter.peakMemory))
                    return rows
                }
            }
        }
    }

    /// Waits for a pass to be completed; returns when, by the site's clock.
    private func nextPass(_ line: ControlLine, after completed: String?) async throws -> String? {
        try await line.wait { $0.sync.state == "idle" && $0.sync.lastCompletedAt != completed }.sync.lastCompletedAt
    }
}

/// What others need for the first sync of a site of this size: measured once, apart from these runs.
private struct Peer {
    let name: String
    let requests: Int
    /// MiB.
    let peakMemory: Double?

    static let size = SiteSize(users: 500, issues: 5000)
    static let measured = [
        Peer(name: "Airbyte", requests: 10_623, peakMemory: 255),
        Peer(name: "dlt", requests: 10_552, peakMemory: 472),
        Peer(name: "a hand-written script", requests: 553, peakMemory: nil),
    ]
}

extension Statistics {
    struct Cost {
        var requests = 0
        var points = 0
        /// Requests to the directory, to users and to groups.
        var peopleRequests = 0
        /// Requests that were answered 429.
        var refused = 0
    }

    func cost(since earlier: Statistics? = nil) -> Cost {
        func count(_ isMeant: (Row) -> Bool) -> Int {
            func sum(_ rows: [Row]) -> Int { rows.filter(isMeant).map(\.count).reduce(0, +) }
            return sum(requests) - sum(earlier?.requests ?? [])
        }
        return Cost(
            requests: total - (earlier?.total ?? 0), points: points - (earlier?.points ?? 0),
            peopleRequests: count { $0.route.contains(#//api/3/(user|group)/#) },
            refused: count { $0.status == 429 })
    }

    var requestsByRoute: [(route: String, count: Int)] {
        Dictionary(requests.map { ($0.route, $0.count) }, uniquingKeysWith: +)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (route: $0.key, count: $0.value) }
    }
}
