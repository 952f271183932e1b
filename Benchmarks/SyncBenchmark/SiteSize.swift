import ArgumentParser
import Measurement

/// How large a simulated site is, as `USERS/ISSUES`.
struct SiteSize: ExpressibleByArgument, Hashable, CustomStringConvertible {
    let users: Int
    let issues: Int

    init(users: Int, issues: Int) {
        self.users = users
        self.issues = issues
    }

    init?(argument: String) {
        let parts = argument.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let users = parts[0], let issues = parts[1], users > 0, issues >= 0 else { return nil }
        self.init(users: users, issues: issues)
    }

    /// For `jira-sim`.
    func arguments(seed: Int, days: Int) -> [String] {
        ["--users", "\(users)", "--issues", "\(issues)", "--seed", "\(seed)", "--history-days", "\(days)"]
    }

    var description: String { "\(users)/\(issues)" }
    var title: String {
        "\(Table.Cell.count(users).text) users, \(Table.Cell.count(issues).text) issues"
    }
}

/// The simulated sites that a table is about.
struct SiteOptions: ParsableArguments {
    @Option(help: "A site, as USERS/ISSUES; may be given several times.")
    var size: [SiteSize] = [
        SiteSize(users: 500, issues: 5000), SiteSize(users: 5000, issues: 200_000),
        SiteSize(users: 20_000, issues: 1_000_000),
    ]

    @Option(help: "How many days back the sites' first issue lies.")
    var days = 1095

    @Option(help: "The seed of the simulated sites.")
    var seed = 1

    /// For `jira-sim`, with more points an hour than there are to spend.
    func arguments(_ size: SiteSize, further: [String] = []) -> [String] {
        size.arguments(seed: seed, days: days) + ["--points-per-hour", "10000000"] + further
    }
}
