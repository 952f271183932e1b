import ArgumentParser

/// The command line of `jira-usaged`.
struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jira-usaged",
        abstract: "Says which Jira seats are used: reads Jira Cloud, and answers on a socket.",
        discussion: "Runs in the foreground until SIGTERM; see jira-usaged(8).")

    @Option(
        help: .init("Read the configuration from this file.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(help: "Run for yourself: with files in your own directories, and without special rights.")
    var user = false

    @Flag(help: "Check configuration and secrets, say what is wrong, and exit.")
    var checkConfig = false

    @Flag(help: "Check the configuration as a reload reads it, without secrets; say only what is wrong, and exit.")
    var checkReload = false

    @Flag(help: "Print the version and exit.")
    var version = false
}
