/// Makes lines of what is typed or pasted, byte by byte: what a terminal does by itself as long as a line is no longer than
/// 4,095 bytes.
struct PasteReader {
    enum Event: Hashable {
        case line(String)
        /// Longer than any address that a browser shows; thrown away up to its end.
        case tooLong
        /// The end of the input, typed as Ctrl-D on an empty line.
        case end
    }

    /// In bytes. The daemon takes requests of 128 KiB, and browsers and servers stop far earlier.
    static let limit = 64 * 1024

    /// Whether the bytes come from a person's keyboard, and keys that mend a line mean what they say.
    private let isTerminal: Bool
    private var line: [UInt8] = []
    private var isTooLong = false
    private var sequence = Sequence.none

    /// Where in a terminal's escape sequence the input is: an arrow key, or the marks that some put around what is pasted.
    private enum Sequence {
        case none, begun, control
    }

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    mutating func append(_ bytes: some Swift.Sequence<UInt8>) -> [Event] {
        bytes.compactMap { take($0) }
    }

    /// What was given without a line feed at the end of the input.
    mutating func finish() -> Event? {
        line.isEmpty && !isTooLong ? nil : endLine()
    }

    private mutating func take(_ byte: UInt8) -> Event? {
        if byte == UInt8(ascii: "\n") { return endLine() }
        if isTerminal {
            if isPartOfSequence(byte) { return nil }
            switch byte {
            case UInt8(ascii: "\r"): return endLine()
            case 0x04: return line.isEmpty && !isTooLong ? .end : nil
            case 0x08, 0x7F:
                // A character of several bytes goes as one.
                while let last = line.popLast(), last & 0xC0 == 0x80 {}
                return nil
            case 0x15:
                (line, isTooLong) = ([], false)
                return nil
            default: break
            }
        }
        if line.count < Self.limit { line.append(byte) } else { isTooLong = true }
        return nil
    }

    /// ECMA-48: escape, a bracket, parameters, and a letter or tilde that ends it.
    private mutating func isPartOfSequence(_ byte: UInt8) -> Bool {
        switch sequence {
        case .none:
            guard byte == 0x1B else { return false }
            sequence = .begun
        case .begun: sequence = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") ? .control : .none
        case .control: if (0x40...0x7E).contains(byte) { sequence = .none }
        }
        return true
    }

    private mutating func endLine() -> Event {
        defer { (line, isTooLong) = ([], false) }
        return isTooLong ? .tooLong : .line(String(decoding: line, as: UTF8.self))
    }
}
