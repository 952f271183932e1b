import ControlProtocol

/// Whether and how to emphasise.
struct Style {
    enum Emphasis: String {
        case good = "32"
        case warning = "33"
        case bad = "31"
        case heading = "1"
    }

    let usesColour: Bool

    static let plain = Style(usesColour: false)

    init(usesColour: Bool) {
        self.usesColour = usesColour
    }

    /// Source: <https://no-color.org>: set and not empty means no colour, unless colour is asked for.
    init(choice: ColorChoice, variables: [String: String], isTerminal: Bool) {
        usesColour =
            switch choice {
            case .always: true
            case .never: false
            case .auto: isTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
            }
    }

    func apply(_ emphasis: Emphasis?, to text: String) -> String {
        guard usesColour, let emphasis else { return text }
        return "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m"
    }
}

/// Text that came from Jira, without what would move a terminal's cursor or break a line.
func printable(_ text: String) -> String { text.printable }
