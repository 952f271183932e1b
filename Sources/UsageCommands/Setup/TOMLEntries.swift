/// Takes a TOML text apart as far as an editor of single lines must: where headers, keys and their values stand.
///
/// Sources: <https://toml.io/en/v1.0.0>. It is more lenient than a parser, for what it does not understand it does not
/// touch; but where a value ends it must know, since a line inside a text of several lines only looks like a key.
struct TOMLEntries {
    struct Entry {
        enum Kind {
            case blank
            case comment
            case header([String], isArray: Bool)
            case pair([String], value: Range<Int>)
        }

        let kind: Kind
        /// The line on which it begins, counted from 1.
        let line: Int
        /// Its bytes, with the line feed at the end.
        let bytes: Range<Int>
    }

    /// What no TOML looks like, and on which line.
    struct Malformed: Error, Hashable {
        let line: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func read(_ bytes: [UInt8]) throws(Malformed) -> [Entry] {
        var reader = TOMLEntries(bytes)
        // Some editors begin a text with a mark of its encoding.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        var entries: [Entry] = []
        while let entry = try reader.next() { entries.append(entry) }
        return entries
    }

    /// The key at the beginning of a line, and where its value begins; `nil` where there is none.
    static func pair(_ bytes: [UInt8]) -> (path: [String], valueStart: Int)? {
        var reader = TOMLEntries(bytes)
        guard let path = try? reader.path(), reader.take("=") else { return nil }
        reader.skipBlanks()
        return (path, reader.position)
    }

    private mutating func next() throws(Malformed) -> Entry? {
        let (start, first) = (position, line)
        skipBlanks()
        let kind: Entry.Kind
        switch current {
        case nil:
            if position == start { return nil }
            kind = .blank
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): kind = .blank
        case UInt8(ascii: "#"): kind = .comment
        case UInt8(ascii: "["):
            position += 1
            let isArray = take("[")
            let path = try path()
            guard take("]"), !isArray || take("]") else { throw Malformed(line: line) }
            kind = .header(path, isArray: isArray)
        default:
            let path = try path()
            guard take("=") else { throw Malformed(line: line) }
            skipBlanks()
            let valueStart = position
            try skipValue()
            kind = .pair(path, value: valueStart..<position)
        }
        try endLine()
        return Entry(kind: kind, line: first, bytes: start..<position)
    }

    // MARK: - Keys

    /// A dotted key, with the blanks around it.
    private mutating func path() throws(Malformed) -> [String] {
        var path: [String] = []
        repeat {
            skipBlanks()
            let start = position
            if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
                try skipString()
                guard let key = Self.text(bytes[start..<position]) else { throw Malformed(line: line) }
                path.append(key)
            } else {
                while let byte = current, Self.isBare(byte) { position += 1 }
                guard position > start else { throw Malformed(line: line) }
                path.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipBlanks()
        } while take(".")
        return path
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: - Values

    private mutating func skipValue() throws(Malformed) {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try skipString()
        case UInt8(ascii: "["), UInt8(ascii: "{"): try skipBrackets()
        default:
            let start = position
            var end = position
            while let byte = current, !"\n#".utf8.contains(byte) {
                position += 1
                if !" \t\r".utf8.contains(byte) { end = position }
            }
            guard end > start else { throw Malformed(line: line) }
            position = end
        }
    }

    private mutating func skipBrackets() throws(Malformed) {
        var open = 0
        repeat {
            switch current {
            case nil: throw Malformed(line: line)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                try skipString()
                continue
            case UInt8(ascii: "#"):
                skipComment()
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
            case UInt8(ascii: "\n"): line += 1
            default: break
            }
            position += 1
        } while open > 0
    }

    /// A string of any of the four kinds, with its quotes.
    private mutating func skipString() throws(Malformed) {
        guard let quote = current else { throw Malformed(line: line) }
        let isLong = bytes[position...].starts(with: [quote, quote, quote])
        position += isLong ? 3 : 1
        while let byte = current {
            if byte == quote, !isLong || bytes[position...].starts(with: [quote, quote, quote]) {
                position += isLong ? 3 : 1
                // A long string may end in up to two quotes of its own.
                for _ in 0..<2 where isLong && current == quote { position += 1 }
                return
            }
            if byte == UInt8(ascii: "\n") {
                guard isLong else { throw Malformed(line: line) }
                line += 1
            }
            let isEscape = quote == UInt8(ascii: "\"") && byte == UInt8(ascii: "\\")
            position += 1
            // The line feed after a backslash is looked at by itself, since it is counted.
            if isEscape, let next = current, next != UInt8(ascii: "\n") { position += 1 }
        }
        throw Malformed(line: line)
    }

    /// What a string of one line says; `nil` for any other value, and for characters written as numbers.
    static func text(_ literal: ArraySlice<UInt8>) -> String? {
        guard let quote = literal.first, quote == literal.last, literal.count >= 2,
            quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            !literal.dropFirst().starts(with: [quote, quote])
        else { return nil }
        var inner = literal.dropFirst().dropLast()
        var text: [UInt8] = []
        while let byte = inner.popFirst() {
            guard quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            switch inner.popFirst() {
            case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
            default: return nil
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: - Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    private mutating func skipComment() {
        while let byte = current, byte != UInt8(ascii: "\n") { position += 1 }
    }

    /// Nothing but a comment may follow in the line.
    private mutating func endLine() throws(Malformed) {
        skipBlanks()
        if current == UInt8(ascii: "#") { skipComment() }
        _ = take("\r")
        guard current != nil else { return }
        guard take("\n") else { throw Malformed(line: line) }
        line += 1
    }
}
