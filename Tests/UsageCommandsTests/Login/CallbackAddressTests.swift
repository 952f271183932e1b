import Testing

@testable import UsageCommands

@Suite("A redirect URI that leads to this machine")
struct CallbackAddressTests {
    @Test(
        "is listened for where it says, and nowhere else",
        arguments: [
            ("http://127.0.0.1:8736/callback", [.v4(0x7F00_0001)], 8736, "/callback"),
            ("http://127.1.2.3:1/", [.v4(0x7F01_0203)], 1, "/"),
            ("http://[::1]:8736/a/b?c=d", [.v6], 8736, "/a/b"),
            ("http://LOCALHOST:65535/cb", [.v4(0x7F00_0001), .v6], 65535, "/cb"),
            ("http://127.0.0.1", [.v4(0x7F00_0001)], 80, "/"),
        ] as [(String, [CallbackAddress.Loopback], UInt16, String)])
    func leadsHere(uri: String, addresses: [CallbackAddress.Loopback], port: UInt16, path: String) throws {
        let address = try #require(CallbackAddress(redirectURI: uri))
        #expect(address.addresses == addresses)
        #expect(address.port == port)
        #expect(address.path == path)
    }

    @Test(
        "is told from one that leads elsewhere, over TLS, or to no port",
        arguments: [
            "https://127.0.0.1:8736/callback", "http://192.0.2.1:8736/callback", "http://example.com/callback",
            "http://127.0.0.1.example.com/cb", "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:x/",
            "http://[::1", "http://[::2]:1/", "http://127.0.0:1/", "http://127.0.0.256/", "", "127.0.0.1:8736",
        ])
    func leadsElsewhere(uri: String) {
        #expect(CallbackAddress(redirectURI: uri) == nil)
    }

    @Test("goes by its own name alone, with the port that it has")
    func host() throws {
        let address = try #require(CallbackAddress(redirectURI: "http://localhost:8736/cb"))
        #expect(address.isNamed(byHost: "localhost:8736") && address.isNamed(byHost: "LocalHost:8736"))
        for other in ["localhost", "127.0.0.1:8736", "evil.example:8736", "localhost:8736.evil.example", ""] {
            #expect(!address.isNamed(byHost: other), "\(other)")
        }
        let plain = try #require(CallbackAddress(redirectURI: "http://127.0.0.1/cb"))
        #expect(plain.isNamed(byHost: "127.0.0.1") && plain.isNamed(byHost: "127.0.0.1:80"))
    }

    @Test("is put together again as the browser shows it")
    func url() throws {
        for uri in ["http://127.0.0.1:8736/callback", "http://127.0.0.1:8736/callback?tenant=1"] {
            let address = try #require(CallbackAddress(redirectURI: uri))
            #expect(address.url(query: "code=1&state=2") == "http://127.0.0.1:8736/callback?code=1&state=2")
        }
    }

    @Test(
        "is reached from elsewhere by a command that can be typed as it stands",
        arguments: [
            ("http://127.0.0.1:8736/cb", "ada", "host.example", "ssh -L 8736:127.0.0.1:8736 ada@host.example"),
            ("http://localhost:8736/cb", "ada", "h", "ssh -L 8736:localhost:8736 ada@h"),
            ("http://[::1]:8736/cb", nil, "h", "ssh -L '8736:[::1]:8736' USER@h"),
            ("http://127.0.0.1:8736/cb", "-oProxyCommand=x", "a b;c", "ssh -L 8736:127.0.0.1:8736 USER@HOST"),
            ("http://127.0.0.1:8736/cb", "", "", "ssh -L 8736:127.0.0.1:8736 USER@HOST"),
        ])
    func forwarding(uri: String, user: String?, host: String, command: String) throws {
        let address = try #require(CallbackAddress(redirectURI: uri))
        #expect(address.forwardingCommand(user: user, host: host) == command)
    }
}
