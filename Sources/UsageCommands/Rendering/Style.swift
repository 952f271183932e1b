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
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isHarmful(scalar) ? "\u{FFFD}" : scalar) }
    return String(result)
}

/// Controls, line separators, and the marks that turn the direction of writing.
private func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}
