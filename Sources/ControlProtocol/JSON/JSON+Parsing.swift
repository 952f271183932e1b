/// Why a text is not JSON that we accept.
package enum JSONSyntaxError: Error, Hashable {
    /// Not JSON, or not UTF-8; `offset` counts bytes from 0.
    case malformed(offset: Int)
    /// Arrays and objects inside each other, more than ``JSON/deepestNesting``.
    case tooDeep
    /// An object names a member twice, and readers differ on which of the two they believe.
    case duplicateMember(String)
}

extension JSON {
    /// How many arrays and objects may lie inside each other.
    package static let deepestNesting = 32

    /// Reads exactly one value, with nothing but blanks around it.
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// Reads a value byte by byte; never deeper than the limit, so that hostile input cannot exhaust the stack.
private struct JSONParser {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw malformed }
        return value
    }

    private var malformed: JSONSyntaxError { .malformed(offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw malformed }
            position += 1
        }
        return value
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSON
    ) throws(JSONSyntaxError) -> JSON {
        guard depth < JSON.deepestNesting else { throw .tooDeep }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONSyntaxError) -> JSON {
        var elements: [JSON] = []
        skipBlanks()
        if skip("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipBlanks()
            if skip("]") { return .array(elements) }
            guard skip(",") else { throw malformed }
        }
    }

    private mutating func object() throws(JSONSyntaxError) -> JSON {
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipBlanks()
        if skip("}") { return .object(members) }
        while true {
            skipBlanks()
            let name = try string()
            guard names.insert(name).inserted else { throw .duplicateMember(name) }
            skipBlanks()
            guard skip(":") else { throw malformed }
            members.append(JSON.Member(name, try value()))
            skipBlanks()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw malformed }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        var isWhole = true
        if skip(".") {
            isWhole = false
            try digits()
        }
        if skip("e") || skip("E") {
            isWhole = false
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        // "-0" is a number of its own that an integer cannot hold.
        if isWhole, literal != "-0", let integer = Int64(literal) { return .integer(integer) }
        return .number(literal)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw malformed }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        guard skip("\"") else { throw malformed }
        let start = position
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\\") {
            position += 1
            if byte == UInt8(ascii: "\"") { return try text(of: bytes[start..<position - 1], from: start) }
        }
        return try escapedString(from: start)
    }

    /// The rest of a string that holds an escape; what came before it starts at `start`.
    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var content = Array(bytes[start..<position])
        while let byte = next, byte >= 0x20 {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(of: content[...], from: start)
            case UInt8(ascii: "\\"): content.append(contentsOf: try escape())
            default: content.append(byte)
            }
        }
        throw malformed
    }

    private func text(of content: ArraySlice<UInt8>, from start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw .malformed(offset: start) }
        return text
    }

    private mutating func escape() throws(JSONSyntaxError) -> [UInt8] {
        guard let byte = next else { throw malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try escapedScalar())).utf8)
        default: throw malformed
        }
    }

    /// What follows `\u`: one unit of UTF-16, or the two of a surrogate pair. Half a pair is no text.
    private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try codeUnit()
        var value = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard skip("\\"), skip("u") else { throw malformed }
            let second = try codeUnit()
            guard UTF16.isTrailSurrogate(second) else { throw malformed }
            value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw malformed }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw malformed }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
