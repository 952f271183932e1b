/// As much of a text as fits, with an ellipsis in the place of the rest.
///
/// - Parameter width: in columns of a terminal, 0 or more.
func cut(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    guard width > 0 else { return "" }
    var kept = ""
    var left = width - 1
    for character in text {
        left -= displayWidth(String(character))
        if left < 0 { break }
        kept.append(character)
    }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
}

/// A text in lines that fit, broken between words. A word that is longer than a line stays whole: it is an address or a name
/// that somebody may want to copy.
///
/// - Returns: one line or more.
func fold(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        if line.isEmpty {
            line = String(word)
        } else if displayWidth(line) + 1 + displayWidth(String(word)) <= width {
            line += " " + word
        } else {
            lines.append(line)
            line = String(word)
        }
    }
    return lines + [line]
}

extension Style {
    /// A text that goes on, where a line is too narrow for it, on the next ones, indented.
    ///
    /// - Parameter lead: what stands before the first line; the others have as many blanks.
    func folded(_ text: String, lead: String, emphasis: Emphasis? = nil) -> String {
        let margin = displayWidth(lead)
        let pieces = width.map { fold(text, to: max($0 - margin, 24)) } ?? [text]
        let blanks = String(repeating: " ", count: margin)
        return pieces.enumerated().map { index, piece in
            (index == 0 ? apply(emphasis, to: lead) : blanks) + piece + "\n"
        }.joined()
    }
}
