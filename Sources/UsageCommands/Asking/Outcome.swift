import ControlProtocol

/// What a command has to say, printed only when it is whole: a failure leaves standard output empty. Rows that are
/// printed as they come are the exception; then there is nothing left to say here.
struct Outcome {
    var output: String
    var status = ExitStatus.done
    /// Whether it is a list for people, who may want to turn pages.
    var isPaged = false

    init(_ output: String, status: ExitStatus = .done, isPaged: Bool = false) {
        self.output = output
        self.status = status
        self.isPaged = isPaged
    }

    init(_ json: JSON, status: ExitStatus = .done) {
        self.init(json.text + "\n", status: status)
    }
}

extension Session {
    /// A result that is no list: as it came, or for people.
    func present(
        _ json: JSON, status: ExitStatus = .done, _ text: (Style) throws(CommandFailure) -> String
    ) throws(CommandFailure) -> Outcome {
        switch format {
        case .json, .ndjson: return Outcome(json, status: status)
        case .csv: throw .usage("this command has no rows to print as CSV; take --json")
        case nil: return Outcome(try text(style), status: status)
        }
    }
}
