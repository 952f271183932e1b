/// The text of a configuration, in which single keys are set and everything else stays as it is, byte for byte.
///
/// A person may have written it, with comments and in an order that mean something to them. So it is not parsed and
/// written anew; one line is changed, and what cannot be changed by one line is left to the person.
struct ConfigurationText {
    enum Refusal: Error, Hashable {
        case malformed(line: Int)
        /// The table or key is there in a form that one line does not hold: an inline table, a text of several lines.
        case unusual(name: String, line: Int)
    }

    private(set) var bytes: [UInt8]
    private var entries: [TOMLEntries.Entry]

    init(_ bytes: [UInt8]) throws(Refusal) {
        self.bytes = bytes
        entries = try Self.entries(bytes)
    }

    /// What a key is set to; `nil` where it is not, or to something that is no text of one line.
    ///
    /// - Parameter table: `nil` for a key that is in no table.
    func text(of key: String, in table: String?) throws(Refusal) -> String? {
        let range = if let table { try value(of: key, in: table) } else { value(of: key) }
        return range.flatMap { TOMLEntries.text(bytes[$0]) }
    }

    /// Of a key that is in no table.
    private func value(of key: String) -> Range<Int>? {
        for entry in entries.prefix(while: { !$0.isHeader }) {
            if case .pair([key], let range) = entry.kind { return range }
        }
        return nil
    }

    /// Sets a key to a text.
    ///
    /// - Returns: whether that changed anything.
    mutating func set(_ key: String, in table: String, to text: String) throws(Refusal) -> Bool {
        let literal = Self.literal(text)
        switch try place(of: key, in: table) {
        case .value(let range):
            guard TOMLEntries.text(bytes[range]) != text else { return false }
            bytes.replaceSubrange(range, with: literal)
        case .comment(let entry): bytes.replaceSubrange(entry.bytes, with: uncommented(entry, literal))
        case .commentedTable(let header, let entry):
            // From behind, so that what stands before keeps its place.
            if let entry {
                bytes.replaceSubrange(entry.bytes, with: uncommented(entry, literal))
            } else {
                insert("\(key) = ", literal, after: header)
            }
            bytes.replaceSubrange(header.bytes, with: indentation(of: header) + content(of: header))
        case .after(let entry, let name): insert("\(name) = ", literal, after: entry)
        case .end:
            if let last = entries.last {
                if bytes.last != UInt8(ascii: "\n") { bytes += lineEnd }
                if case .blank = last.kind {} else { bytes += lineEnd }
            }
            bytes += Array("[\(table)]".utf8) + lineEnd + Array("\(key) = ".utf8) + literal + lineEnd
        }
        entries = try Self.entries(bytes)
        return true
    }

    private static func entries(_ bytes: [UInt8]) throws(Refusal) -> [TOMLEntries.Entry] {
        do throws(TOMLEntries.Malformed) {
            return try TOMLEntries.read(bytes)
        } catch {
            throw .malformed(line: error.line)
        }
    }

    // MARK: - Where a key is, or belongs

    private enum Place {
        case value(Range<Int>)
        /// A line that sets the key, but for the mark of a comment before it.
        case comment(TOMLEntries.Entry)
        /// The same of the table's header, with or without such a line for the key below it.
        case commentedTable(header: TOMLEntries.Entry, key: TOMLEntries.Entry?)
        /// A line of its own after this one; the key as it is to be named there.
        case after(TOMLEntries.Entry, name: String)
        /// A table of its own.
        case end
    }

    private func place(of key: String, in table: String) throws(Refusal) -> Place {
        if let value = try value(of: key, in: table) { return .value(value) }
        let top = entries.prefix { !$0.isHeader }
        if let header = entries.firstIndex(where: { $0.header == [table] }) {
            let section = entries[(header + 1)...].prefix { !$0.isHeader }
            if let comment = section.first(where: { pair(commentedIn: $0) == [key] }) { return .comment(comment) }
            return .after(section.last { $0.pair != nil } ?? entries[header], name: key)
        }
        // A table whose keys have its name before them may have no header as well.
        if let comment = top.first(where: { pair(commentedIn: $0) == [table, key] }) { return .comment(comment) }
        if let last = top.last(where: { $0.pair?.first == table }) { return .after(last, name: "\(table).\(key)") }
        return commentedTable(table, key) ?? .end
    }

    private func value(of key: String, in table: String) throws(Refusal) -> Range<Int>? {
        var header: [String] = []
        var value: Range<Int>?
        for entry in entries {
            switch entry.kind {
            case .blank, .comment: break
            case .header(let path, let isArray):
                if path.starts(with: [table, key]) || (isArray && path == [table]) {
                    throw .unusual(name: path.joined(separator: "."), line: entry.line)
                }
                header = path
            case .pair(let path, let range):
                let path = header + path
                let isSimple = path == [table, key] && !isCompound(range)
                if isSimple {
                    value = value ?? range
                } else if path == [table] || path.starts(with: [table, key]) {
                    throw .unusual(name: path.joined(separator: "."), line: entry.line)
                }
            }
        }
        return value
    }

    private func isCompound(_ value: Range<Int>) -> Bool {
        let text = bytes[value]
        return "[{".utf8.contains(text.first ?? 0) || text.contains(UInt8(ascii: "\n"))
            || ["\"\"\"", "'''"].contains { text.starts(with: $0.utf8) }
    }

    private func commentedTable(_ table: String, _ key: String) -> Place? {
        for (index, entry) in entries.enumerated() where header(commentedIn: entry) == [table] {
            let rest = entries[(index + 1)...].prefix { !$0.isHeader }
            // They would be in the table if its header were one.
            if rest.contains(where: { $0.pair != nil }) { continue }
            let section = rest.prefix { header(commentedIn: $0) == nil }
            return .commentedTable(header: entry, key: section.first { pair(commentedIn: $0) == [key] })
        }
        return nil
    }

    // MARK: - Comments

    /// The key that a comment would set if it were none.
    private func pair(commentedIn entry: TOMLEntries.Entry) -> [String]? {
        guard case .comment = entry.kind else { return nil }
        return TOMLEntries.pair(content(of: entry))?.path
    }

    private func header(commentedIn entry: TOMLEntries.Entry) -> [String]? {
        guard case .comment = entry.kind else { return nil }
        return (try? TOMLEntries.read(content(of: entry)))?.first?.header
    }

    /// A comment without its mark.
    private func content(of comment: TOMLEntries.Entry) -> [UInt8] {
        Array(bytes[comment.bytes].drop { " \t".utf8.contains($0) }.drop { "# \t".utf8.contains($0) })
    }

    private func indentation(of entry: TOMLEntries.Entry) -> [UInt8] {
        Array(bytes[entry.bytes].prefix { " \t".utf8.contains($0) })
    }

    /// The line that a comment holds, with another value; what stands after the old one stays.
    private func uncommented(_ comment: TOMLEntries.Entry, _ literal: [UInt8]) -> [UInt8] {
        let line = content(of: comment)
        var rest = lineEnd
        if case .pair(_, let value)? = (try? TOMLEntries.read(line))?.first?.kind {
            rest = Array(line[value.upperBound...])
        }
        let start = TOMLEntries.pair(line)?.valueStart ?? 0
        return indentation(of: comment) + line.prefix(start) + literal + rest
    }

    // MARK: - Lines

    private mutating func insert(_ name: String, _ literal: [UInt8], after entry: TOMLEntries.Entry) {
        var line = indentation(of: entry) + Array(name.utf8) + literal + lineEnd
        if !bytes[entry.bytes].contains(UInt8(ascii: "\n")) { line = lineEnd + line }
        bytes.insert(contentsOf: line, at: entry.bytes.upperBound)
    }

    /// As the first line ends.
    private var lineEnd: [UInt8] {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        let isCRLF = end.map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") } ?? false
        return Array((isCRLF ? "\r\n" : "\n").utf8)
    }

    /// A basic string of TOML; no value that passed holds control characters.
    private static func literal(_ text: String) -> [UInt8] {
        Array("\"".utf8) + text.utf8.flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
            + Array("\"".utf8)
    }
}

extension TOMLEntries.Entry {
    fileprivate var isHeader: Bool { header != nil }

    fileprivate var header: [String]? {
        if case .header(let path, _) = kind { path } else { nil }
    }

    fileprivate var pair: [String]? {
        if case .pair(let path, _) = kind { path } else { nil }
    }
}
