/// An absolute URL of a server, taken apart as far as is needed to know whether what is sent there stays private.
package struct ServerAddress: Sendable {
    /// As written, without slashes at its end.
    package let text: String
    private let usesTLS: Bool
    private let host: Substring

    /// `nil` for what is not `https://host[:port][/path]` or the same with `http`. A fragment is refused, a user too;
    /// a query is unless `allowsQuery`.
    package init?(_ address: String, allowsQuery: Bool = false) {
        // Some take a backslash for a slash, so that they would see another host than this.
        guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }), !address.contains("#"),
            allowsQuery || !address.contains("?")
        else { return nil }
        var rest = address[...]
        if rest.hasPrefix("https://") {
            usesTLS = true
            rest.removeFirst(8)
        } else if rest.hasPrefix("http://") {
            usesTLS = false
            rest.removeFirst(7)
        } else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(of: authority) else { return nil }
        self.host = host
        var end = address.endIndex
        while end > authority.endIndex, address[address.index(before: end)] == "/" { end = address.index(before: end) }
        text = String(address[..<end])
    }

    /// Whether what is sent there cannot be read on the way: TLS, or never leaving this machine.
    package var isConfidential: Bool { usesTLS || isLoopback }

    /// 127.0.0.0/8 and ::1 (RFC 6890, RFC 4291), and the name that RFC 6761 reserves for them.
    private var isLoopback: Bool {
        if ["localhost", "[::1]"].contains(host.lowercased()) { return true }
        // What is written otherwise (127.0.0.08, 127.0.0.+1) is no address to the resolver, but a name like any other.
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { $0 == UInt8($0).map(String.init) ?? "" }
    }

    private static func host(of authority: Substring) -> Substring? {
        guard !authority.contains("@") else { return nil }
        let host: Substring
        let port: Substring
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[...bracket]
            port = authority[bracket...].dropFirst()
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
        }
        guard !host.isEmpty, port.isEmpty || (port.hasPrefix(":") && UInt16(port.dropFirst()) != nil) else {
            return nil
        }
        return host
    }
}
