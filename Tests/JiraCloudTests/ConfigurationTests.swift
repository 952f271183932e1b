import JiraCloud
import Testing
import UsageModel

@Suite("The configuration keeps tokens off the network's open wires")
struct ConfigurationTests {
    private func fault(server: String = "https://a.example", redirect: String = "https://b.example/callback")
        -> JiraConfigurationError?
    {
        do {
            _ = try JiraConfiguration(
                authorizationServer: server, clientID: "id", clientSecret: Secret("s"), redirectURI: redirect,
                userAgent: "tests/1")
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "https is accepted everywhere, http on a loopback address",
        arguments: [
            "https://auth.atlassian.com", "https://auth.atlassian.com/", "https://a.example:8443/base",
            "http://127.0.0.1:80", "http://127.255.0.3", "http://localhost:8080", "http://LOCALHOST",
            "http://[::1]:8080",
        ])
    func confidential(address: String) {
        #expect(fault(server: address) == nil)
    }

    @Test(
        "http to any other host is refused, however much it looks like loopback",
        arguments: [
            "http://a.example", "http://127.0.0.1.a.example", "http://127.0.0.256", "http://127.1", "http://0.0.0.0",
            "http://localhost.a.example", "http://[::2]", "http://10.0.0.1",
            "http://127.0.0.08", "http://127.0.0.+1", "http://127.0.0.1.", "http://localhost.", "http://0177.0.0.1",
            "http://2130706433", "http://0x7f.0.0.1", "http://[::ffff:127.0.0.1]", "http://127.0.0.1%2ea.example",
        ])
    func plain(address: String) {
        #expect(fault(server: address) == .plainHTTP(.authorizationServer))
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "auth.atlassian.com", "ftp://a.example", "https://", "https://:80", "https://a.example:port",
            "https://a.example:99999", "https://user@a.example", "https://a.example?x=1", "https://a.example#x",
            "https://a. example", "http://127.0.0.1@a.example", "http://user@127.0.0.1", "http://127.0.0.1\\a.example",
            "http://127.0.0.1\\@a.example", "http://[::1]a.example", "http://[::1", "http://::1",
            "https://a.example/\r\nX: 1",
        ])
    func nonsense(address: String) {
        #expect(fault(server: address) == .notAnAddress(.authorizationServer))
    }

    @Test("the redirect address may have a query and keeps the same rules")
    func redirect() {
        #expect(fault(redirect: "https://a.example/cb?x=1") == nil)
        #expect(fault(redirect: "http://a.example/cb") == .plainHTTP(.redirectURI))
        #expect(fault(redirect: "/cb") == .notAnAddress(.redirectURI))
    }

    @Test("what has no sensible range is refused", arguments: [0, 65, -1])
    func concurrency(count: Int) {
        #expect(throws: JiraConfigurationError.invalid(.concurrency)) {
            try JiraConfiguration(
                clientID: "id", clientSecret: Secret("s"), redirectURI: "https://a.example", userAgent: "t",
                concurrency: count)
        }
    }
}
