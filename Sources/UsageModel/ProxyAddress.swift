/// An HTTP proxy on the way to a server, as `http://host:port` and nothing else.
package struct ProxyAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address; one of IPv6 without the brackets that it has in a URL.
    package let host: String
    /// 1 to 65535.
    package let port: Int
    /// As written.
    package let description: String

    /// `nil` for whatever is not `http://host:port`. A user is refused: a password has no place in a configuration.
    package init?(_ text: String) {
        let scheme = "http://"
        guard text.hasPrefix(scheme), ServerAddress(text) != nil else { return nil }
        let authority = text.dropFirst(scheme.count)
        guard !authority.contains("/"), let colon = authority.lastIndex(of: ":") else { return nil }
        let digits = authority[authority.index(after: colon)...]
        // UInt16 would also read a sign.
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return nil }
        let host = authority[..<colon]
        self.host = String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
        self.port = Int(port)
        description = text
    }
}
