/// Base64 as RFC 4648, section 4, has it: the client makes do without Foundation, for the sake of its start.
package enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    private static let none = UInt8.max

    /// The value of each byte that is a digit.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: none, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    package static func text(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes.makeIterator()
        while let first = rest.next() {
            let (second, third) = (rest.next(), rest.next())
            let bits = UInt32(first) << 16 | UInt32(second ?? 0) << 8 | UInt32(third ?? 0)
            text.append(digits[Int(bits >> 18)])
            text.append(digits[Int(bits >> 12 & 63)])
            text.append(second == nil ? padding : digits[Int(bits >> 6 & 63)])
            text.append(third == nil ? padding : digits[Int(bits & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` for what is no such text.
    package static func bytes(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 4) else { return nil }
        let padded = text.suffix(2).filter { $0 == padding }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        for start in stride(from: 0, to: text.count, by: 4) {
            let isLast = start + 4 == text.count
            var bits: UInt32 = 0
            for place in 0..<4 {
                let value = isLast && place >= 4 - padded ? 0 : values[Int(text[start + place])]
                guard value != none else { return nil }
                bits = bits << 6 | UInt32(value)
            }
            bytes.append(UInt8(bits >> 16 & 0xFF))
            bytes.append(UInt8(bits >> 8 & 0xFF))
            bytes.append(UInt8(bits & 0xFF))
        }
        if padded == 2, text.last != padding { return nil }
        bytes.removeLast(min(padded, bytes.count))
        return bytes
    }

    package static func isDigit(_ byte: UInt8) -> Bool { values[Int(byte)] != none }
}
