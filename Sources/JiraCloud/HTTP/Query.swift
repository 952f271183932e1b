/// The query of a URL, percent-encoded, with its question mark; empty where there is nothing to say.
struct Query: CustomStringConvertible {
    let description: String

    init(_ members: [(String, String)]) {
        let pairs = members.map { "\($0.0)=\(percentEncoded($0.1))" }
        description = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}

/// Everything but RFC 3986's unreserved characters as `%XX`, so that it may stand in a query or be one step of a path.
func percentEncoded(_ text: String) -> String {
    var encoded = ""
    encoded.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }
    }
    return encoded
}
