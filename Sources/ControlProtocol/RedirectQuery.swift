/// What Atlassian appends to the redirect URI, by name: `code` and `state`, or `error` and what explains it.
///
/// Daemon and client read it alike, so that what the client lets through is what the daemon will see. A name that
/// occurs twice counts as missing: no parameter may be there more than once (RFC 6749, section 3.1), and which of
/// the two would be believed must not be left to chance.
package struct RedirectQuery: Sendable {
    private var values: [String: String?] = [:]

    /// Takes a URL as a person pasted it: whole, or from the question mark on, or what stands behind it.
    package init(url: String) {
        let query = url.split(separator: "?", maxSplits: 1).last ?? ""
        for pair in query.prefix(while: { $0 != "#" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let name = Self.decode(parts[0]), let value = Self.decode(parts[1]) else {
                continue
            }
            values.updateValue(values.keys.contains(name) ? nil : value, forKey: name)
        }
    }

    package subscript(name: String) -> String? { values[name] ?? nil }

    /// `application/x-www-form-urlencoded` (RFC 6749, appendix B).
    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(Unicode.Scalar($0)).hexDigitValue }.map { UInt8($0) }
    }
}
