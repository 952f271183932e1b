import ArgumentParser
import ControlProtocol

struct StatusCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Is it healthy, connected, synced, and back to when is the answer complete.",
        discussion: "Exits with 0 when healthy and with 1 when something is wrong.")

    @Option(
        defaultAsFlag: Interval(seconds: 2), parsing: .next,
        help: .init("Show it again and again, every two seconds or as often as is said.", valueName: "duration"))
    var watch: Interval?
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        if let watch { try StatusWatch(session: session, interval: watch).run() }
        let answer = try session.call(GetStatus())
        let report = try answer.value()
        let status = report.health == .ok ? ExitStatus.done : .no
        return try session.present(answer.json, status: status) { style in report.text(style) }
    }
}
