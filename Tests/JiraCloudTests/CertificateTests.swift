import Foundation
import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("A server that nobody vouches for gets nothing", .timeLimit(.minutes(5)))
struct CertificateTests {
    @Test("a certificate that signs itself is refused, once, with what to look at")
    func selfSigned() async throws {
        try await withSelfSignedServer { port, certificate in
            let base = "https://localhost:\(port)"
            try await withTemporaryDirectory { directory in
                let trusting = try await runToEnd(
                    "curl", ["-sS", "--noproxy", "*", "--cacert", certificate, "-o", "/dev/null", base],
                    directory: directory)
                try #require(trusting.exitCode == 0, "the server works: \(trusting.errors)")
            }
            try await Self.withClients(of: base) { site, oauth, counts in
                await #expect(throws: JiraError.unavailable(.myself, .untrusted, until: nil)) {
                    try await site.myself()
                }
                #expect(counts().requests == 1)
                await #expect(throws: OAuthError.unavailable(.untrusted)) {
                    try await oauth.refresh(Secret("r1"))
                }
                #expect(counts().bytesReceived == 0)
                let told = OAuthError.unavailable(.untrusted).description
                #expect(told.contains("certificate is not accepted: check the address"))
            }
        }
    }

    private static func withClients(
        of base: String, _ body: (JiraSite, OAuthClient, () -> WireCounts) async throws -> Void
    ) async throws {
        let transport = HTTPTransport(
            try JiraConfiguration(
                authorizationServer: base, apiBase: base, clientID: "id", clientSecret: Secret("s"),
                redirectURI: "http://127.0.0.1:8736/callback", userAgent: "tests/1"))
        let logger = RecordedLog().logger
        let now: @Sendable () -> Instant = { ScriptedSite.midnight }
        let site = JiraSite(
            cloudID: CloudID(rawValue: "cloud"), transport: transport, now: now, logger: logger,
            accessToken: { _ in Secret("token") })
        do {
            try await body(site, OAuthClient(transport: transport, now: now, logger: logger), { transport.wireCounts })
            try await transport.shutdown()
        } catch {
            try await transport.shutdown()
            throw error
        }
    }
}
