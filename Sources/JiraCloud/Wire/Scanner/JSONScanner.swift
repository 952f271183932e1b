/// Reads JSON from front to back, pulled along by whoever knows what should come; what nobody asks for is skipped.
///
/// For the answers that are nearly all of what Jira sends: large, and of little that we keep. Everything is held to the
/// grammar of RFC 8259, also what is skipped, so that no part of an answer is ever taken for the whole. Only what the
/// texts say that are skipped is not looked into: it may be no UTF-8, and half a surrogate pair.
struct JSONScanner {
    /// How deep objects and arrays may lie in each other; as deep as for Foundation's decoder.
    static let deepest = 512

    let bytes: [UInt8]
    /// Where the next byte is read.
    var offset = 0
    private var depth = 0
    /// Whether an object or array was just entered: only then comes no comma before what is next.
    private var isAtStart = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Sees to it that a document is JSON, all of it, and not too deep.
    static func check(_ document: [UInt8]) throws(JSONFault) {
        var scanner = JSONScanner(document)
        try scanner.skip()
        try scanner.finish()
    }

    /// Sees to it that nothing comes after the document.
    mutating func finish() throws(JSONFault) {
        skipSpace()
        guard offset == bytes.count else { throw syntaxFault }
    }

    // MARK: - Objects and arrays

    /// Enters an object whose members `next(of:)` then tells.
    mutating func object<Member: JSONMember>(_ members: Member.Type) throws(JSONFault) -> JSONObject<Member> {
        try object()
        return JSONObject(offset: offset - 1)
    }

    /// Goes to the value of the next member that is read, past those that are not; `nil` leaves the object.
    ///
    /// A member that comes twice is a fault. RFC 8259 leaves open which of them counts; whichever we took, the other
    /// could be the half of a page that is then never missed.
    mutating func next<Member>(of object: inout JSONObject<Member>) throws(JSONFault) -> Member? {
        while let name = try nextName() {
            if let short = try shortText(name), let index = Member.names.index(of: short) {
                guard object.see(index) else { throw JSONFault(.repeated, at: name.range.lowerBound) }
                return Member.names[index]
            }
            try skip()
        }
        return nil
    }

    /// Enters an object whose members `nextName()` then tells.
    mutating func object() throws(JSONFault) {
        try enter(UInt8(ascii: "{"), orNo: .object)
    }

    /// Goes to the value of the next member, whatever it is; `nil` leaves the object.
    mutating func nextName() throws(JSONFault) -> JSONText? {
        guard try goesOn(until: UInt8(ascii: "}")) else { return nil }
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw syntaxFault }
        let name = try text()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw syntaxFault }
        offset += 1
        return name
    }

    /// Enters an array whose elements `nextElement()` then tells.
    mutating func array() throws(JSONFault) {
        try enter(UInt8(ascii: "["), orNo: .array)
    }

    /// Goes to the next element; `false` leaves the array.
    mutating func nextElement() throws(JSONFault) -> Bool {
        try goesOn(until: UInt8(ascii: "]"))
    }

    private mutating func enter(_ bracket: UInt8, orNo kind: JSONKind) throws(JSONFault) {
        skipSpace()
        guard next == bracket else { throw fault(orNo: kind) }
        guard depth < Self.deepest else { throw JSONFault(.tooDeep, at: offset) }
        offset += 1
        depth += 1
        isAtStart = true
    }

    /// Goes past the comma before what is next, or past the bracket that ends it all.
    private mutating func goesOn(until bracket: UInt8) throws(JSONFault) -> Bool {
        skipSpace()
        let wasAtStart = isAtStart
        isAtStart = false
        if next == bracket {
            offset += 1
            depth -= 1
            return false
        }
        guard !wasAtStart else { return true }
        guard next == UInt8(ascii: ",") else { throw syntaxFault }
        offset += 1
        return true
    }

    // MARK: - Any value

    /// Goes past a value, whatever it is.
    mutating func skip() throws(JSONFault) {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "{"):
            try object()
            while try nextName() != nil { try skip() }
        case UInt8(ascii: "["):
            try array()
            while try nextElement() { try skip() }
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        default: _ = try number()
        }
    }

    /// Goes past a `null`, if that is what comes.
    mutating func skipNull() throws(JSONFault) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: "n") else { return false }
        try skip("null")
        return true
    }

    mutating func bool() throws(JSONFault) -> Bool {
        skipSpace()
        switch next {
        case UInt8(ascii: "t"):
            try skip("true")
            return true
        case UInt8(ascii: "f"):
            try skip("false")
            return false
        default: throw fault(orNo: .truthValue)
        }
    }

    private mutating func skip(_ word: String) throws(JSONFault) {
        for byte in word.utf8 {
            guard next == byte else { throw syntaxFault }
            offset += 1
        }
    }

    // MARK: - Bytes

    /// The next byte; 0, which JSON has nowhere, at the end.
    var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    /// Eight bytes, the first of them in the lowest bits; zeros stand for what lies beyond the end.
    func word(at position: Int) -> UInt64 {
        if position + 8 <= bytes.count {
            // The load checks its bounds; it is unsafe for types of which some bits are no value, as numbers are not.
            return UInt64(littleEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
        return bytes[min(position, bytes.count)...].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Atlassian's JSON has no space in it: what is done for every value is to see that.
    @inline(__always)
    mutating func skipSpace() {
        if next <= UInt8(ascii: " ") { skipSpaces() }
    }

    private mutating func skipSpaces() {
        while true {
            switch next {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return
            }
        }
    }

    var syntaxFault: JSONFault { JSONFault(.syntax, at: offset) }

    /// The fault of a value that should be of another kind; where no value begins, of the document.
    func fault(orNo kind: JSONKind) -> JSONFault {
        switch next {
        case UInt8(ascii: "n"): JSONFault(.null, at: offset)
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            JSONFault(.unlike(kind), at: offset)
        default: syntaxFault
        }
    }
}
