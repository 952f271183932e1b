/// What a text is by RFC 8259 and by our two rules beside it, found out a second time: with a stack of its own instead
/// of recursion, and sharing nothing with the parser that it is compared with.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc8259>.
package enum PlainJSON: Hashable, Sendable {
    case accepted
    case malformed
    case tooDeep
    /// An object names a member twice.
    case duplicate

    /// What is wrong first, from the left.
    package init(_ bytes: [UInt8]) {
        var scanner = PlainScanner(bytes)
        self = scanner.verdict()
    }
}

private struct PlainScanner {
    private enum Container {
        case array
        case object(names: Set<String>)
    }

    private enum Expected {
        case value, valueOrEnd, name, nameOrEnd, separator
    }

    private let bytes: [UInt8]
    private var position = 0
    private var open: [Container] = []
    private var expected = Expected.value

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func verdict() -> PlainJSON {
        while true {
            while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
            guard let byte = peek else {
                return open.isEmpty && expected == .separator ? .accepted : .malformed
            }
            if let fault = take(Character(Unicode.Scalar(byte))) { return fault }
        }
    }

    private var peek: UInt8? { bytes.indices.contains(position) ? bytes[position] : nil }

    private mutating func take(_ mark: Character) -> PlainJSON? {
        switch (expected, mark, open.last) {
        case (.separator, ",", .array?): return move(to: .value)
        case (.separator, ",", .object?): return move(to: .name)
        case (.separator, "]", .array?), (.valueOrEnd, "]", .array?),
            (.separator, "}", .object?), (.nameOrEnd, "}", .object?):
            open.removeLast()
            return move(to: .separator)
        case (.name, "\"", _), (.nameOrEnd, "\"", _): return name()
        case (.value, "[", _), (.valueOrEnd, "[", _): return begin(.array, .valueOrEnd)
        case (.value, "{", _), (.valueOrEnd, "{", _): return begin(.object(names: []), .nameOrEnd)
        case (.value, "\"", _), (.valueOrEnd, "\"", _):
            guard text() != nil else { return .malformed }
        case (.value, _, _), (.valueOrEnd, _, _):
            guard word() || number() else { return .malformed }
        default: return .malformed
        }
        expected = .separator
        return nil
    }

    private mutating func move(to next: Expected) -> PlainJSON? {
        position += 1
        expected = next
        return nil
    }

    private mutating func begin(_ container: Container, _ next: Expected) -> PlainJSON? {
        guard open.count < 32 else { return .tooDeep }
        open.append(container)
        return move(to: next)
    }

    private mutating func name() -> PlainJSON? {
        guard let name = text() else { return .malformed }
        guard case .object(var names)? = open.popLast() else { return .malformed }
        guard names.insert(name).inserted else { return .duplicate }
        open.append(.object(names: names))
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        guard peek == UInt8(ascii: ":") else { return .malformed }
        return move(to: .value)
    }

    private mutating func word() -> Bool {
        for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return true
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = skip("-")
        if !skip("0"), !skipDigits() { return false }
        if skip("."), !skipDigits() { return false }
        if skip("e") || skip("E") {
            _ = skip("-") || skip("+")
            return skipDigits()
        }
        return true
    }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() -> Bool {
        let digits = bytes[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        position += digits.count
        return !digits.isEmpty
    }

    /// The characters of a string, whose opening mark is next; `nil` where it is none.
    private mutating func text() -> String? {
        position += 1
        // Escapes in UTF-16, as they are written, the rest in UTF-8: both must be whole where they end.
        var (text, plain, units) = ("", [UInt8](), [UInt16]())
        func flush() -> Bool {
            guard let more = String(validating: plain, as: UTF8.self),
                let escaped = String(validating: units, as: UTF16.self)
            else { return false }
            text += more + escaped
            (plain, units) = ([], [])
            return true
        }
        while let byte = peek, byte >= 0x20 {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return flush() ? text : nil
            case UInt8(ascii: "\\"):
                if !plain.isEmpty, !flush() { return nil }
                guard let unit = escape() else { return nil }
                units.append(unit)
            default:
                if !units.isEmpty, !flush() { return nil }
                plain.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt16? {
        guard let byte = peek else { return nil }
        position += 1
        if byte == UInt8(ascii: "u") {
            let digits = bytes[position...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
            position += 4
            return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        }
        let marks: [Character: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 0x08, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09,
        ]
        return marks[Character(Unicode.Scalar(byte))]
    }
}
