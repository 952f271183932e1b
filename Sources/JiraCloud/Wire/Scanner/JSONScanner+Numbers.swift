import FoundationEssentials
import UsageModel

extension JSONScanner {
    /// A number as it stands in the document.
    struct Number {
        let range: Range<Int>
        /// `nil` where it is written with a fraction or an exponent, or with more digits than surely fit.
        let integer: Int64?
    }

    /// Goes past a number.
    mutating func number() throws(JSONFault) -> Number {
        skipSpace()
        let start = offset
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        let (value, count) = digits(at: offset)
        guard count > 0 else { throw syntaxFault }
        // A zero in front of other digits is a number of its own, which nothing may follow.
        offset += next == UInt8(ascii: "0") ? 1 : count
        var isInteger = count <= Self.surelyFitting
        if next == UInt8(ascii: ".") {
            offset += 1
            try skipDigits()
            isInteger = false
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try skipDigits()
            isInteger = false
        }
        return Number(range: start..<offset, integer: isInteger ? (isNegative ? -value : value) : nil)
    }

    /// How many digits an `Int64` has room for, whatever they are.
    private static let surelyFitting = 18

    private func digits(at start: Int) -> (value: Int64, count: Int) {
        var (value, position): (Int64, Int) = (0, start)
        while position < bytes.count, Self.isDigit(bytes[position]) {
            value = value &* 10 &+ Int64(bytes[position] &- UInt8(ascii: "0"))
            position += 1
        }
        return (value, position - start)
    }

    private mutating func skipDigits() throws(JSONFault) {
        let count = digits(at: offset).count
        guard count > 0 else { throw syntaxFault }
        offset += count
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A whole number that is written as a number.
    mutating func integer() throws(JSONFault) -> Int64 {
        skipSpace()
        guard isAtNumber else { throw fault(orNo: .wholeNumber) }
        let number = try number()
        if let integer = number.integer { return integer }
        guard let integer = decoded(Int64.self, from: number) else {
            throw JSONFault(.unlike(.wholeNumber), at: number.range.lowerBound)
        }
        return integer
    }

    /// An id or another whole number, which Atlassian writes as text or as a number.
    mutating func wholeNumber() throws(JSONFault) -> Int64 {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { return try integer() }
        let start = offset
        let text = try text()
        let (digits, count) = digits(at: text.range.lowerBound)
        if count == text.range.count, (1...Self.surelyFitting).contains(count) { return digits }
        guard let value = Int64(try string(text)) else { throw JSONFault(.unlike(.wholeNumber), at: start) }
        return value
    }

    /// An instant, as text with the site's offset, or as seconds or milliseconds since the epoch.
    mutating func instant() throws(JSONFault) -> Instant {
        skipSpace()
        let start = offset
        let instant = next == UInt8(ascii: "\"") ? try instantInText() : try instantInNumber()
        guard let instant else { throw JSONFault(.unlike(.instant), at: start) }
        return instant
    }

    private mutating func instantInText() throws(JSONFault) -> Instant? {
        let text = try text()
        if let instant = Instant(utf8: try utf8(text)) { return instant }
        return Instant(wireText: try string(text))
    }

    private mutating func instantInNumber() throws(JSONFault) -> Instant? {
        guard isAtNumber else { throw fault(orNo: .instant) }
        let number = try number()
        if let integer = number.integer { return Instant(wireNumber: Double(integer)) }
        return decoded(Double.self, from: number).flatMap { Instant(wireNumber: $0) }
    }

    /// Reads the forms that Jira writes nowhere, such as `1.0` and `1e3`: so rare that they may take their time.
    private func decoded<Value: Decodable>(_ type: Value.Type, from number: Number) -> Value? {
        // What does not fit is the only way to fail.
        try? JSONDecoder().decode(type, from: Data(bytes[number.range]))
    }

    private var isAtNumber: Bool {
        next == UInt8(ascii: "-") || Self.isDigit(next)
    }
}
