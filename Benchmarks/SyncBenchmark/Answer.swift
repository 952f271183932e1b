import ArgumentParser
import Measurement
import TestInstallation
import TestSupport

/// When the answer for 90 days is there, beside when everything is.
struct Answer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "When the exact answer for 90 days is there, as a share of the first sync of everything.")

    @OptionGroup var sites: SiteOptions

    @Option(help: "Milliseconds by which each answer of Jira's is held back.")
    var latency = 100

    @OptionGroup var output: Output

    func run() async throws {
        var table = Table(
            "answer",
            [
                "size": "site", "wholeSeconds": "everything, s", "verdictSeconds": "verdicts, s",
                "verdictShare": "share", "unusedSeconds": "unused seats, s", "unusedShare": "share",
                "licenceSeconds": "licence table, s", "licenceShare": "share", "wrong": "wrong verdicts",
            ])
        for size in sites.size {
            progress("\(size.title), \(latency) ms")
            table.append(try await measure(size))
        }
        table.notes = [
            "Every answer of Jira's is held back by \(latency) ms; the site has \(sites.days) days of history,"
                + " and the daemon reads all of it.",
            "Verdicts: nobody's is unknown for a threshold of 90 days. Unused seats: and the roles of everybody without"
                + " activity are read. Licence table: and so are everybody else's.",
            "Wrong verdicts: those told at the first of these marks that the oracle contradicts. Of somebody without activity"
                + " in the window the first mark does not say whether there was any before it.",
        ]
        try output.write(table)
    }

    private func measure(_ size: SiteSize) async throws -> [Table.Cell] {
        try await withTemporaryDirectory { directory in
            let arguments = sites.arguments(size, further: ["--latency", "\(latency)"])
            return try await Simulator.withSimulator(arguments, directory: directory) { simulator in
                let installation = try Installation(
                    directory: directory, simulator: simulator,
                    syncSettings: ["interval = \"1d\"", "points_per_hour = 10000000"])
                return try await installation.withDaemon { _ in
                    let line = try ControlLine(installation)
                    var marks = Marks()
                    var told: [String: User] = [:]
                    var asOf = ""
                    let watch = Stopwatch()
                    try await installation.connect(to: simulator)
                    _ = try await line.wait { site in
                        if !marks.areAllReached {
                            let isFirst = marks.verdicts == nil
                            try await marks.look(through: line, at: site) { watch.seconds }
                            if isFirst, marks.verdicts != nil, let until = site.coverage.completeUntil {
                                asOf = until
                                told = try await installation.users(asOf: until)
                            }
                        }
                        return site.isWhole(size)
                    }
                    let whole = watch.seconds
                    // Asked only now, so that the simulator's arithmetic costs the sync nothing.
                    let oracle = try await simulator.oracle(asOf: asOf)
                    let wrong = oracle.users.filter { !agrees(told[$0.accountId], $0.verdict) }
                    for user in wrong.prefix(3) {
                        progress(
                            "  \(user.accountId): \(told[user.accountId]?.verdict ?? "nobody"), not \(user.verdict)")
                    }
                    let cells = [marks.verdicts, marks.unusedSeats, marks.licences].flatMap { mark -> [Table.Cell] in
                        guard let mark else { return [.none, .none] }
                        return [.measure(mark), .share(mark / whole)]
                    }
                    return [.text(size.title), .measure(whole)] + cells + [.count(wrong.count)]
                }
            }
        }
    }

    /// Whether what was told is right, for as long as it is not known what came before the window.
    private func agrees(_ told: User?, _ verdict: String) -> Bool {
        told?.verdict == verdict
            || (verdict == "neverActive" && told?.verdict == "inactive" && told?.lastActivity == nil)
    }
}
