/// The percent-encoding of URLs (https://www.rfc-editor.org/rfc/rfc3986#section-2.1).
enum PercentEncoding {
    static func decoded(_ text: Substring, plusIsBlank: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(Substring(rest.prefix(2))), radix: 16),
                rest.count >= 2
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": encoded.unicodeScalars.append(scalar)
            default:
                let code = String(byte, radix: 16, uppercase: true)
                encoded += code.utf8.count == 1 ? "%0\(code)" : "%\(code)"
            }
        }
        return encoded
    }

    /// The parameters of a query, in their order.
    static func parameters(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? decoded(parts[1], plusIsBlank: true) : ""
            return (decoded(parts[0], plusIsBlank: true), value)
        }
    }
}
