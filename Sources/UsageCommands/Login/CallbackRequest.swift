/// What is needed of a browser's request.
struct CallbackRequest: Hashable {
    let method: String
    /// As it was sent: the path, and behind a question mark the query.
    let target: String
    let host: String
}

/// Reads the head of one HTTP/1.1 request (RFC 9112) as its bytes come. What follows the head is not looked at: there is one
/// request a connection, and no request that means anything here has a body.
struct RequestReader {
    enum Progress: Hashable {
        case incomplete
        case whole(CallbackRequest)
        case refused(Refusal)
    }

    enum Refusal: Hashable {
        case malformed
        case tooLarge
        case otherVersion
    }

    /// The longest head, in bytes. Browsers send 1 to 2 KiB, and Atlassian's codes have some hundred bytes.
    static let limit = 16 * 1024

    private var bytes: [UInt8] = []

    mutating func append(_ more: some Sequence<UInt8>) -> Progress {
        let known = max(bytes.count - 3, 0)
        bytes += more
        // Whoever speaks TLS to us, or anything else, is told at once and not after the time limit.
        if let first = bytes.first, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
            return .refused(.malformed)
        }
        guard let end = Self.endOfHead(in: bytes, from: known) else {
            return bytes.count > Self.limit ? .refused(.tooLarge) : .incomplete
        }
        guard end <= Self.limit else { return .refused(.tooLarge) }
        return Self.request(in: bytes[..<(end - 4)])
    }

    /// The index behind the empty line.
    private static func endOfHead(in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + 4 else { return nil }
        let mark = Array("\r\n\r\n".utf8)
        return (start...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(mark) }.map { $0 + 4 }
    }

    private static func request(in head: ArraySlice<UInt8>) -> Progress {
        guard let text = String(validating: head, as: UTF8.self) else { return .refused(.malformed) }
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !lines.contains(where: hasStrayControl), words[0].utf8.allSatisfy(isToken),
            words[1].utf8.first == UInt8(ascii: "/"), words[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return .refused(.malformed) }
        guard ["HTTP/1.1", "HTTP/1.0"].contains(words[2]) else {
            return .refused(words[2].hasPrefix("HTTP/") ? .otherVersion : .malformed)
        }
        var host: String?
        for line in lines.dropFirst() {
            // A line that begins with a space would belong to the one before: obsolete, and a way to hide a field.
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy(isToken)
            else { return .refused(.malformed) }
            let value = String(line[line.utf8.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            switch line[..<colon].lowercased() {
            case "host":
                // RFC 9112, section 3.2: several, or none, are to be refused.
                guard host == nil else { return .refused(.malformed) }
                host = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            case "transfer-encoding": return .refused(.malformed)
            default: break
            }
        }
        guard let host else { return .refused(.malformed) }
        return .whole(CallbackRequest(method: String(words[0]), target: String(words[1]), host: host))
    }

    private static func hasStrayControl(_ line: Substring) -> Bool {
        line.utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
