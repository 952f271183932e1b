/// A page of the manual as it is written: lines of mdoc(7).
package struct Mdoc {
    package private(set) var lines: [String] = []

    package init() {}

    package var text: String { lines.map { $0 + "\n" }.joined() }

    /// A macro with its arguments as they are.
    package mutating func macro(_ line: String) { lines.append("." + line) }

    package mutating func section(_ title: String) { macro("Sh \(title)") }

    package mutating func subsection(_ title: String) { macro("Ss \(Self.escaped(title))") }

    /// Sentences, each on a line of its own.
    package mutating func prose(_ text: String) {
        var rest = text[...]
        while let end = rest.firstRange(of: ". ") {
            lines.append(Self.escaped(String(rest[..<end.lowerBound]) + "."))
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty { lines.append(Self.escaped(String(rest))) }
    }

    /// Items with a word before each.
    package mutating func list(_ items: [(word: String, text: [String])]) {
        macro("Bl -tag -width Ds -compact")
        for item in items {
            macro("It Cm \(Self.escaped(item.word))")
            for text in item.text where !text.isEmpty { prose(text) }
        }
        macro("El")
    }

    /// Text that stands as it is, with no line longer than a terminal's.
    package mutating func literal(_ blocks: [String]) {
        macro("Bd -literal -offset indent")
        for block in blocks { lines += Self.wrapped(block).map(Self.escaped) }
        macro("Ed")
    }

    /// Nothing in it means anything to roff(7).
    package static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("…", with: "...")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }

    /// Breaks a line of JSON, or of a shell, where a blank changes nothing: behind the last comma or blank outside a JSON
    /// string that leaves it short enough, if there is one.
    package static func wrapped(_ text: String, width: Int = 76) -> [String] {
        var lines: [String] = []
        var rest = Array(text)
        while rest.count > width {
            let indent = lines.isEmpty ? 0 : 2
            guard let cut = lastBreak(in: rest, before: width), cut > indent + 1 else { break }
            lines.append(String(rest[...cut]).trimmed)
            rest = Array("  ") + rest[(cut + 1)...]
        }
        return lines + [String(rest)]
    }

    private static func lastBreak(in text: [Character], before width: Int) -> Int? {
        var isQuoted = false
        var last: Int?
        for (index, mark) in text.prefix(width).enumerated() {
            if mark == "\"" { isQuoted.toggle() }
            if !isQuoted, mark == "," || mark == " " { last = index }
        }
        return last
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
