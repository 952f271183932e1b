/// Where on this machine the browser comes back to: a redirect URI that leads here, taken apart.
struct CallbackAddress: Hashable {
    /// An address that no packet from elsewhere reaches (RFC 6890).
    enum Loopback: Hashable {
        /// 127.0.0.0/8, as the number that it is.
        case v4(UInt32)
        /// ::1
        case v6
    }

    /// As it stands in the URI and in the browser's `Host`: host, and port unless it is left out.
    let authority: String
    let host: String
    let port: UInt16
    /// From the slash to the question mark.
    let path: String
    /// Where to listen: both families for `localhost`, since a browser may take either.
    let addresses: [Loopback]
    /// The redirect URI up to its question mark.
    private let base: String

    /// `nil` where the URI does not lead to this machine in the clear: then nothing here can take what comes back.
    init?(redirectURI: String) {
        guard redirectURI.hasPrefix("http://") else { return nil }
        let rest = redirectURI.dropFirst(7)
        let authority = rest.prefix { !"/?#".contains($0) }
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : nil
        let host = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
        let digits = authority[host.endIndex...]
        guard digits.isEmpty || digits.first == ":",
            let port = digits.isEmpty ? 80 : UInt16(digits.dropFirst()), port != 0,
            let addresses = Self.addresses(of: host.lowercased())
        else { return nil }
        let path = rest[authority.endIndex...].prefix { !"?#".contains($0) }
        self.authority = authority.lowercased()
        self.host = host.lowercased()
        self.port = port
        self.path = path.isEmpty ? "/" : String(path)
        self.addresses = addresses
        base = "http://" + authority + path
    }

    private static func addresses(of host: String) -> [Loopback]? {
        switch host {
        case "localhost": return [.v4(0x7F00_0001), .v6]
        case "[::1]": return [.v6]
        default:
            let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard octets.count == 4, octets[0] == 127, !octets.contains(nil) else { return nil }
            return [.v4(octets.reduce(0) { $0 << 8 | UInt32($1 ?? 0) })]
        }
    }

    /// Whether a request is meant for us: a page elsewhere whose name was made to lead here keeps its own name in `Host`.
    func isNamed(byHost field: String) -> Bool {
        let field = field.lowercased()
        return field == authority || (port == 80 && (field == host || field == host + ":80"))
    }

    /// What the browser's address bar shows.
    func url(query: Substring) -> String { "\(base)?\(query)" }
}
