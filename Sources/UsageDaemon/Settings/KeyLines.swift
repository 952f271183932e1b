/// Finds the line on which a key of a TOML text stands, for messages: the parser does not tell.
///
/// It reads only what the parser has accepted, and only as far as is needed: headers, keys, and where strings over
/// several lines end. A key inside an inline table or an array has the line of the outer key.
struct KeyLines {
    private var lines: [[String]: Int] = [:]

    init(_ text: String) {
        var header: [String] = []
        var openQuotes: Substring?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let quotes = openQuotes {
                if line.contains(quotes) { openQuotes = nil }
                continue
            }
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.hasPrefix("[") {
                header = Self.keys(content.drop { $0 == "[" }).path
                note(header, line: index + 1)
            } else {
                let (path, rest) = Self.keys(content)
                guard !path.isEmpty, rest.hasPrefix("=") else { continue }
                note(header + path, line: index + 1)
                openQuotes = Self.openQuotes(rest)
            }
        }
    }

    /// The line of a key or of its section, counted from 1; of the nearest outer key where the key itself was not seen.
    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return nil
    }

    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private mutating func note(_ path: [String], line: Int) {
        // The first wins: `sync.interval = …` is where `sync` is, too.
        for length in 1...max(path.count, 1) where length <= path.count {
            lines[Array(path.prefix(length))] = lines[Array(path.prefix(length))] ?? line
        }
    }

    /// The dotted key at the start of `text`, and what follows it.
    private static func keys(_ text: Substring) -> (path: [String], rest: Substring) {
        var rest = text
        var path: [String] = []
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if let quote = rest.first, quote == "\"" || quote == "'" {
                let inner = rest.dropFirst().prefix { $0 != quote }
                path.append(String(inner))
                rest = rest[inner.endIndex...].dropFirst()
            } else {
                let bare = rest.utf8.prefix(while: isBare)
                guard !bare.isEmpty else { return (path, rest) }
                path.append(String(Substring(bare)))
                rest = rest[bare.endIndex...]
            }
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.first == "." else { return (path, rest) }
            rest.removeFirst()
        }
    }

    /// The three quotes of a string that begins on this line and ends on a later one.
    private static func openQuotes(_ value: Substring) -> Substring? {
        for quotes in ["\"\"\"", "'''"] {
            let parts = value.split(separator: quotes, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].contains("#") { return Substring(quotes) }
        }
        return nil
    }
}
