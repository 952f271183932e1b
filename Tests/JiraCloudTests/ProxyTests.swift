import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("The proxy that the settings name", .timeLimit(.minutes(5)))
struct ProxyTests {
    private static let myself = #"{"accountId":"a1","displayName":"Mia"}"#

    @Test("is asked for a way to the server by name, and sees nothing but TLS; the certificate has to be the server's")
    func endToEnd() async throws {
        try await withSelfSignedServer { port, _ in
            try await ScriptedSite.run(
                base: "https://localhost:\(port)", proxy: { $0.baseURL }, { _ in .tunnel(port: port) }
            ) { scripted in
                // It got as far as the certificate: both directions lead to the server.
                await #expect(throws: JiraError.unavailable(.myself, .untrusted, until: nil)) {
                    try await scripted.site.myself()
                }
                await #expect(throws: OAuthError.unavailable(.untrusted)) {
                    try await scripted.oauth.refresh(Secret("r1"))
                }
                #expect(scripted.server.requests.map(\.method) == ["CONNECT", "CONNECT"])
                #expect(scripted.server.requests.allSatisfy { $0.target == "localhost:\(port)" })
                for request in scripted.server.requests { #expect(Set(request.headers.keys) == ["host"]) }
                // The first byte of a record of TLS that belongs to a handshake (RFC 8446, section 5.1).
                #expect(scripted.server.passedOn.first == 22)
            }
        }
    }

    @Test(
        "what it answers instead of opening the way is told by its name, after as many tries as for any outage",
        arguments: [
            (Reply.answer(403, "no"), ProxyFault.Kind.refuses, "have it let this machine CONNECT"),
            (Reply.answer(502, ""), .refuses, "its log says why"),
            (Reply.answer(407, headers: [("Proxy-Authenticate", "Basic")], ""), .wantsPassword, "asks for a password"),
            (Reply.hangUp, .broken("Remote connection closed"), "broke"),
        ])
    func faults(reply: Reply, kind: ProxyFault.Kind, words: String) async throws {
        try await ScriptedSite.run(base: "https://jira.example", proxy: { $0.baseURL }, { _ in reply }) { scripted in
            let fault = ProxyFault(try #require(ProxyAddress(scripted.server.baseURL)), kind)
            await #expect(throws: JiraError.unavailable(.myself, .proxy(fault), until: nil)) {
                try await scripted.site.myself()
            }
            #expect(scripted.server.requests.map(\.target) == Array(repeating: "jira.example:443", count: 4))
            #expect(scripted.clock.sleeps.count == 3)
            let error = OAuthError.unavailable(.proxy(fault))
            await #expect(throws: error) { try await scripted.oauth.refresh(Secret("r1")) }
            #expect(error.description.contains("the proxy \(scripted.server.baseURL)"))
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test("where it is not there, that is what is told, whoever asks")
    func unreachable() async throws {
        let port = try ReservedPort()
        let address = "http://127.0.0.1:\(port.number)"
        try await ScriptedSite.run(
            base: "https://jira.example", proxy: { _ in address }, { _ in .ok(Self.myself) }
        ) { scripted in
            let fault = ProxyFault(try #require(ProxyAddress(address)), .unreachable)
            await #expect(throws: OAuthError.unavailable(.proxy(fault))) {
                try await scripted.oauth.refresh(Secret("r1"))
            }
            // Whoever holds the tokens says no more than that there is none.
            let tokenless = JiraSite(
                cloudID: CloudID(rawValue: "cloud"), transport: scripted.transport, now: { ScriptedSite.midnight },
                logger: scripted.log.logger, accessToken: { _ throws(AccessTokenError) in throw .notNow })
            let error = JiraError.unavailable(.token, .proxy(fault), until: nil)
            await #expect(throws: error) { try await tokenless.myself() }
            #expect(error.description.contains("the proxy \(address) cannot be reached: check api.proxy"))
            #expect(scripted.server.requests.isEmpty)
        }
    }

    @Test("is not asked for what is on this machine: plain http does not leave it")
    func loopback() async throws {
        let port = try ReservedPort()
        try await ScriptedSite.run(
            proxy: { _ in "http://127.0.0.1:\(port.number)" }, { _ in .ok(Self.myself) }
        ) { scripted in
            let myself = try await scripted.site.myself()
            #expect(myself.displayName == "Mia")
            #expect(scripted.server.requests.map(\.method) == ["GET"])
        }
        try await ScriptedSite.run(proxy: { $0.baseURL }, { _ in .ok(Self.myself) }) { scripted in
            let myself = try await scripted.site.myself()
            #expect(myself.displayName == "Mia")
            #expect(scripted.server.requests.map(\.method) == ["GET"])
        }
    }
}
