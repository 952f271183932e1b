import ArgumentParser

/// The command line of `jira-usaged`.
struct DaemonOptions: ParsableArguments {
    init() {}

    @Option(help: "Read the configuration from this file.", completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(help: "Check configuration and secrets, say what is wrong, and exit.")
    var checkConfig = false

    @Flag(help: "Print the version and exit.")
    var version = false
}
