import ControlProtocol

/// How text for people is laid out: whether and how to emphasise, and how wide a line may be.
struct Style {
    enum Emphasis: String {
        case good = "32"
        case warning = "33"
        case bad = "31"
        case heading = "1"
    }

    let usesColour: Bool
    /// In columns; `nil` where no line is too long.
    let width: Int?

    static let plain = Style(usesColour: false)

    init(usesColour: Bool, width: Int? = nil) {
        self.usesColour = usesColour
        self.width = width
    }

    /// Sources: <https://no-color.org>: set and not empty means no colour, unless the command line asks for it;
    /// <http://bixense.com/clicolors/>: `CLICOLOR_FORCE` asks for colour elsewhere too, `CLICOLOR=0` for none.
    init(choice: ColorChoice, variables: [String: String], isTerminal: Bool, width: Int?) {
        let forced = variables["CLICOLOR_FORCE"] ?? ""
        let usesColour =
            switch choice {
            case .always: true
            case .never: false
            case .auto where !(variables["NO_COLOR"] ?? "").isEmpty: false
            case .auto where !forced.isEmpty && forced != "0": true
            case .auto: isTerminal && variables["CLICOLOR"] != "0" && variables["TERM"] != "dumb"
            }
        self.init(usesColour: usesColour, width: width)
    }

    func apply(_ emphasis: Emphasis?, to text: String) -> String {
        guard usesColour, let emphasis else { return text }
        return "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m"
    }
}

/// Text that came from Jira, without what would move a terminal's cursor or break a line.
func printable(_ text: String) -> String { text.printable }
