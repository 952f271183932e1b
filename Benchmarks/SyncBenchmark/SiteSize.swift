import ArgumentParser
import TestInstallation
import TestSupport

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

    var description: String { "\(users)/\(issues)" }
    var title: String {
        "\(Table.Cell.count(users).text) users, \(Table.Cell.count(issues).text) issues"
    }
}

/// What the built `jira-sim` can be told, by its own help: it grows options.
struct SimulatorOptions {
    private let help: String

    init(directory: String) async throws {
        help = try await runToEnd(Program.simulator, ["--help"], directory: directory).output
    }

    func knows(_ option: String) -> Bool {
        help.contains("\(option) ") || help.contains("\(option)\n")
    }

    /// The words for a site of that size.
    func site(_ size: SiteSize, seed: Int, days: Int, further: [String] = []) -> [String] {
        let history = knows("--history") ? "--history" : "--history-days"
        return ["--users", "\(size.users)", "--issues", "\(size.issues)", "--seed", "\(seed)", history, "\(days)"]
            + further
    }

    /// The flag where there is one.
    func flag(_ name: String) -> [String] {
        knows(name) ? [name] : []
    }
}
