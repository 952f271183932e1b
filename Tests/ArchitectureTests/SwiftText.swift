/// The code of a Swift file without what is not code: comments and the contents of string literals are blanked out,
/// lines stay where they are. Enough of the grammar to search the code without finding prose.
struct SwiftText {
    /// As they were read.
    let lines: [Substring]
    /// The same lines, with blanks for comments and for what stands in string literals.
    let codeLines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var scanner = Scanner(text)
        codeLines = scanner.blankedText().split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Whether the line above this one (an index into `lines`) is a comment.
    func hasCommentAbove(_ line: Int) -> Bool {
        guard line > 0 else { return false }
        return lines[line - 1].drop { $0 == " " || $0 == "\t" }.hasPrefix("//")
    }
}

/// Walks over the bytes of a Swift file once and copies those that are code.
private struct Scanner {
    private let newline = UInt8(ascii: "\n")
    private let pound = UInt8(ascii: "#")
    private let quote = UInt8(ascii: "\"")
    private let slash = UInt8(ascii: "/")

    private let bytes: [UInt8]
    private var position = 0
    private var output: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        output.reserveCapacity(bytes.count)
    }

    mutating func blankedText() -> String {
        scanCode(untilParenthesisCloses: false)
        return String(decoding: output, as: UTF8.self)
    }

    /// Copies code until the end, or until the parenthesis that an interpolation opened is closed.
    private mutating func scanCode(untilParenthesisCloses isInterpolation: Bool) {
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == slash, looksAt("//") {
                while position < bytes.count, bytes[position] != newline { blank() }
            } else if byte == slash, looksAt("/*") {
                scanBlockComment()
            } else if let pounds = poundsBeforeQuote() {
                scanString(pounds: pounds)
            } else {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    depth -= 1
                    if isInterpolation, depth < 0 {
                        blank()
                        return
                    }
                }
                copy()
            }
        }
    }

    /// Block comments nest in Swift.
    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if looksAt("/*") {
                depth += 1
                blank(2)
            } else if looksAt("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < bytes.count
    }

    /// How many `#` stand before the quote here; `nil` where no string literal begins.
    private func poundsBeforeQuote() -> Int? {
        guard bytes[position] == quote || bytes[position] == pound else { return nil }
        var end = position
        while end < bytes.count, bytes[end] == pound { end += 1 }
        return end < bytes.count && bytes[end] == quote ? end - position : nil
    }

    private mutating func scanString(pounds: Int) {
        let marks = String(repeating: "#", count: pounds)
        copy(pounds)
        let isMultiline = looksAt("\"\"\"")
        let quotes = isMultiline ? "\"\"\"" : "\""
        copy(quotes.utf8.count)
        // The end of a line ends what is not a literal after all: a lone quote in a regular expression.
        while position < bytes.count, isMultiline || bytes[position] != newline {
            if looksAt("\\" + marks + "(") {
                blank(pounds + 2)
                scanCode(untilParenthesisCloses: true)
            } else if looksAt("\\" + marks) {
                blank(pounds + 2)
            } else if looksAt(quotes + marks) {
                copy(quotes.utf8.count + pounds)
                return
            } else {
                blank()
            }
        }
    }

    private func looksAt(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func copy(_ count: Int = 1) {
        let end = min(position + count, bytes.count)
        output += bytes[position..<end]
        position = end
    }

    private mutating func blank(_ count: Int = 1) {
        let end = min(position + count, bytes.count)
        output += bytes[position..<end].map { $0 == newline ? newline : UInt8(ascii: " ") }
        position = end
    }
}
