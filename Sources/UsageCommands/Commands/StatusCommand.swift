import ArgumentParser
import ControlProtocol

struct StatusCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Is it healthy, connected, synced, and back to when is the answer complete.",
        discussion: "Exits with 0 when healthy and with 1 when something is wrong.")

    @Option(
        defaultAsFlag: Watching(interval: Interval(seconds: 2)), parsing: .next,
        help: .init("Show it again and again, every two seconds or as often as is said.", valueName: "duration"))
    var watch: Watching?
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }

    func validate() throws {
        guard let watch, watch.interval == nil else { return }
        throw ValidationError("--watch takes how often, at least 100ms, for example 2s or 1m.")
    }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        if let watch = watch?.interval { try StatusWatch(session: session, interval: watch).run() }
        let answer = try session.call(GetStatus())
        let report = try answer.value()
        let status = report.health == .ok ? ExitStatus.done : .no
        return try session.present(answer.json, status: status) { style in report.text(style) }
    }
}

/// How often status is shown. It is made of any word, for the parser takes a word that it cannot make one of for none.
struct Watching: ExpressibleByArgument, CustomStringConvertible {
    /// `nil` for a word that is none.
    let interval: Interval?

    init(interval: Interval) {
        self.interval = interval
    }

    init?(argument: String) {
        interval = Interval(argument: argument).flatMap { $0.duration >= .milliseconds(100) ? $0 : nil }
    }

    var description: String { interval?.description ?? "" }
}
