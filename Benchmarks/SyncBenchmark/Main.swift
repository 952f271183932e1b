import ArgumentParser

/// Measures the sync of the built daemon against a simulated Jira Cloud.
@main
struct SyncBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SyncBenchmark",
        abstract: "What a sync costs and how long it takes, on simulated sites.",
        discussion: """
            Each subcommand prints a table. With --lines it appends the same to a file as lines of JSON, and with
            --document it puts the table into a Markdown document, between the comments that name it.
            """,
        subcommands: [Requests.self, Answer.self, Largest.self, Throughput.self, TortureCommand.self])
}
