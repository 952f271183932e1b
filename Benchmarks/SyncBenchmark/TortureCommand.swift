import ArgumentParser
import Measurement
import TestInstallation
import TestSupport

/// `kill -9` at seeded moments, on one simulated site after another.
struct TortureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture", abstract: "Kill the daemon again and again, and compare what it knows in the end.")

    @Option(help: "How often.")
    var kills = 1000

    @Option(help: "The seed of moments and sites; any by default.")
    var seed: UInt64?

    @Option(help: "How many kills one site suffers before it may finish and is compared.")
    var killsPerSite = 25

    @OptionGroup var output: Output

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 0..<1_000_000)
        progress("seed \(seed)")
        var sums = Sums()
        var (left, seeds) = (kills, SplitMix64(seed: seed))
        // The first site's seed is the one that was given, so that a site that failed can be run alone.
        var siteSeed = seed
        while left > 0 {
            let torture = Torture(seed: siteSeed, kills: min(left, killsPerSite))
            let outcome = try await torture.run()
            sums.add(outcome)
            left -= torture.kills
            progress(
                "\(kills - left) of \(kills) kills; site \(siteSeed): \(outcome.requests) requests,"
                    + " \(outcome.undisturbedRequests) undisturbed, \(outcome.comparison.isEqual ? "equal" : "WRONG")")
            for difference in outcome.comparison.differences.prefix(3) { progress("  \(difference)") }
            siteSeed = UInt64.random(in: 0..<1_000_000, using: &seeds)
        }
        try output.write(sums.table(seed: seed))
        if !sums.isPassed { throw ExitCode(1) }
    }
}

private struct Sums {
    private var sites = 0
    private var kills: [Torture.Moment: Int] = [:]
    private var users = 0
    private var wrongUsers = 0
    private var lost = 0
    private var invented = 0
    private var surplusIssues = 0
    private var extraRequests = 0
    private var allowedExtraRequests = 0

    var isPassed: Bool {
        wrongUsers == 0 && lost == 0 && invented == 0 && surplusIssues == 0 && extraRequests <= allowedExtraRequests
    }

    mutating func add(_ outcome: Torture.Outcome) {
        sites += 1
        kills.merge(outcome.kills, uniquingKeysWith: +)
        users += outcome.comparison.users
        wrongUsers += outcome.comparison.differences.count
        lost += outcome.comparison.lost
        invented += outcome.comparison.invented
        surplusIssues += abs(outcome.comparison.surplusIssues)
        extraRequests += outcome.extraRequests
        allowedExtraRequests += outcome.allowedExtraRequests
    }

    func table(seed: UInt64) -> Table {
        var table = Table(
            "torture",
            [
                "kills": "kills", "starting": "while starting", "syncing": "while syncing", "idle": "while idle",
                "sites": "sites", "users": "users compared", "wrongUsers": "of them wrong",
                "lost": "activities lost", "invented": "counted twice", "extraRequests": "requests more",
                "allowedExtraRequests": "allowed",
            ])
        table.append([
            .count(kills.values.reduce(0, +)), .count(kills[.starting] ?? 0), .count(kills[.syncing] ?? 0),
            .count(kills[.idle] ?? 0), .count(sites), .count(users), .count(wrongUsers), .count(lost),
            .count(invented), .count(extraRequests), .count(allowedExtraRequests),
        ])
        table.notes = [
            "Seed \(seed). Requests more: those of the killed run less those of the same sites and work without a kill.",
            "Allowed: for each kill \(Torture.concurrency) requests in flight"
                + " and \(Torture.handful) with which a pass begins.",
        ]
        return table
    }
}
