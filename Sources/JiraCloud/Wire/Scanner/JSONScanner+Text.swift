/// A text between its quotation marks, as it stands in the document.
struct JSONText {
    let range: Range<Int>
    /// Whether it says what it means without a backslash.
    let isPlain: Bool
}

extension JSONScanner {
    /// Goes past a text. What it says is not looked at.
    mutating func text() throws(JSONFault) -> JSONText {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw fault(orNo: .text) }
        var isPlain = true
        var position = offset + 1
        while true {
            position = endOfOrdinaryText(from: position)
            guard position < bytes.count else { throw JSONFault(.syntax, at: bytes.count) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let range = (offset + 1)..<position
                offset = position + 1
                return JSONText(range: range, isPlain: isPlain)
            case UInt8(ascii: "\\"):
                isPlain = false
                position = try endOfEscape(from: position)
            default:
                throw JSONFault(.syntax, at: position)
            }
        }
    }

    mutating func string() throws(JSONFault) -> String {
        let text = try text()
        return try string(text)
    }

    func string(_ text: JSONText) throws(JSONFault) -> String {
        guard let string = String(validating: try utf8(text), as: UTF8.self) else {
            throw JSONFault(.syntax, at: text.range.lowerBound)
        }
        return string
    }

    /// What a text says, in bytes. What stands in the document as plain bytes is not known to be UTF-8.
    func utf8(_ text: JSONText) throws(JSONFault) -> ArraySlice<UInt8> {
        text.isPlain ? bytes[text.range] : try unescaped(text.range)[...]
    }

    /// A text by which something is told apart; `nil` for one that is too long for that.
    func shortText(_ text: JSONText) throws(JSONFault) -> ShortText? {
        guard text.isPlain else { return ShortText(try utf8(text)) }
        guard text.range.count <= ShortText.longest else { return nil }
        return ShortText(
            low: word(at: text.range.lowerBound), high: word(at: text.range.lowerBound + 8), count: text.range.count)
    }

    // MARK: - Ordinary bytes

    /// Where, from a position on, comes the first quotation mark, backslash or control character; the document's end
    /// where none comes.
    private func endOfOrdinaryText(from start: Int) -> Int {
        var position = start
        while true {
            let marks = Self.special(in: word(at: position))
            guard marks == 0 else { return min(position + marks.trailingZeroBitCount / 8, bytes.count) }
            position += 8
        }
    }

    /// Sets the highest bit of the first byte in a word that is a quotation mark, a backslash or below the space. Bits
    /// above that one mean nothing.
    ///
    /// Source: <https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord>; the zeros beyond the end count as
    /// control characters.
    private static func special(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotation = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let below = (word &- ones &* 0x20) & ~word
        return (((quotation &- ones) & ~quotation) | ((backslash &- ones) & ~backslash) | below) & (ones &* 0x80)
    }

    // MARK: - Escapes

    private func endOfEscape(from backslash: Int) throws(JSONFault) -> Int {
        let letter = backslash + 1
        guard letter < bytes.count else { throw JSONFault(.syntax, at: bytes.count) }
        if bytes[letter] == UInt8(ascii: "u") {
            _ = try codeUnit(at: letter + 1)
            return letter + 5
        }
        guard Self.escaped(bytes[letter]) != nil else { throw JSONFault(.syntax, at: letter) }
        return letter + 1
    }

    private func codeUnit(at start: Int) throws(JSONFault) -> UInt16 {
        var unit: UInt16 = 0
        for position in start..<(start + 4) {
            guard position < bytes.count, let digit = Self.hexDigit(bytes[position]) else {
                throw JSONFault(.syntax, at: min(position, bytes.count))
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// - Parameter range: of a text that was gone past, so that every escape in it is whole.
    private func unescaped(_ range: Range<Int>) throws(JSONFault) -> [UInt8] {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            guard bytes[position] == UInt8(ascii: "\\") else {
                utf8.append(bytes[position])
                position += 1
                continue
            }
            if let byte = Self.escaped(bytes[position + 1]) {
                utf8.append(byte)
                position += 2
            } else {
                let (scalar, end) = try scalar(at: position, before: range.upperBound)
                utf8.append(contentsOf: String(scalar).utf8)
                position = end
            }
        }
        return utf8
    }

    /// What `\uXXXX` means, alone or as a surrogate pair.
    private func scalar(at backslash: Int, before end: Int) throws(JSONFault) -> (Unicode.Scalar, end: Int) {
        let lead = try codeUnit(at: backslash + 2)
        if let scalar = Unicode.Scalar(lead) { return (scalar, backslash + 6) }
        let second = backslash + 6
        guard UTF16.isLeadSurrogate(lead), second + 6 <= end, bytes[second] == UInt8(ascii: "\\"),
            bytes[second + 1] == UInt8(ascii: "u"), case let trail = try codeUnit(at: second + 2),
            UTF16.isTrailSurrogate(trail),
            let scalar = Unicode.Scalar(0x1_0000 + UInt32(lead & 0x3FF) << 10 + UInt32(trail & 0x3FF))
        else { throw JSONFault(.syntax, at: backslash) }
        return (scalar, second + 6)
    }

    private static func escaped(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: nil
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
