import ArgumentParser

/// Measures the control socket of the daemon, as `make release` builds it, beside other servers on the same machine.
@main
struct ControlBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ControlBenchmark",
        abstract: "What the control socket costs, beside other servers.",
        subcommands: [MeasureCommand.self, HostileCommand.self], defaultSubcommand: MeasureCommand.self)
}
