import ArgumentParser
import ControlProtocol

struct LicencesCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "licences", abstract: "Per application role: seats, active, inactive, never, unknown.",
        aliases: ["licenses"])

    @Option(help: .init("Days without activity before a licence counts as inactive, 1 to 36500.", valueName: "days"))
    var threshold: Days?
    @Option(help: .init("Activity up to then, roles and seats as they were; now if left out.", valueName: "date"))
    var asOf: Moment?
    @OptionGroup var site: SiteOption
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }
    var selector: Selector? { .site(secret: nil) }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        let answer = try session.call(
            SummariseLicences(thresholdDays: threshold?.count, asOf: asOf?.instant, site: site.site))
        switch session.format {
        case .json: return Outcome(answer.json)
        case .ndjson: return Outcome((answer.json["roles"]?.array ?? []).map { $0.text + "\n" }.joined())
        case .csv: return Outcome(try answer.value().csv)
        case nil: return Outcome(try answer.value().text(session.style))
        }
    }
}
