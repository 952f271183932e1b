import ControlProtocol
import Testing
import UsageModel

@testable import UsageCommands

/// An invitation whose state is `s t`, and which ends in a thousand years.
func invitation(redirectUri: String = "http://127.0.0.1:8736/callback") throws -> AuthInvitation {
    AuthInvitation(
        authorizationUrl: "https://auth.example/authorize?client_id=1&state=s%20t&prompt=consent",
        redirectUri: redirectUri, expiresAt: try #require(Instant("3026-01-01T00:00:00Z")))
}

@Suite("What is the answer to a login")
struct CallbackGateTests {
    private func status(_ method: String, _ target: String, host: String = "127.0.0.1:8736") throws -> String {
        let gate = try CallbackGate(invitation())
        switch gate.judge(CallbackRequest(method: method, target: target, host: host)) {
        case .callback(let url): return url.exposed
        case .page(let page): return String(page.status.prefix(3))
        }
    }

    @Test("A request with its state is, be it a code or a refusal; it is handed on to the letter")
    func answers() throws {
        for query in ["code=a%2Fb&state=s+t", "state=s%20t&error=access_denied", "x&code=1&state=s%20t&y=%zz"] {
            #expect(try status("GET", "/callback?" + query) == "http://127.0.0.1:8736/callback?" + query)
        }
    }

    @Test(
        "Another state, none, two, or nothing besides it is not",
        arguments: [
            "/callback", "/callback?", "/callback?code=1", "/callback?code=1&state=", "/callback?code=1&state=s",
            "/callback?code=1&state=s%20tt", "/callback?code=1&state=S%20t", "/callback?state=s%20t",
            "/callback?code=1&state=s%20t&state=s%20t", "/callback?code=1&code=2&state=s%20t",
        ])
    func foreign(target: String) throws {
        #expect(try status("GET", target) == "400")
    }

    @Test("Another path or method is nothing here")
    func notFound() throws {
        for target in ["/", "/favicon.ico", "/callback/?code=1&state=s%20t", "/Callback?code=1&state=s%20t"] {
            #expect(try status("GET", target) == "404")
        }
        #expect(try status("POST", "/callback?code=1&state=s%20t") == "404")
        #expect(try status("HEAD", "/callback?code=1&state=s%20t") == "404")
    }

    @Test("A name that was made to lead here is refused, right state or not")
    func rebinding() throws {
        #expect(try status("GET", "/callback?code=1&state=s%20t", host: "evil.example:8736") == "421")
    }

    @Test("A pasted address is, whole or in quotes, wrapped or not")
    func pasted() throws {
        let gate = try CallbackGate(invitation())
        for text in ["http://127.0.0.1:8736/callback?code=1&state=s%20t", "https://x/y?state=s+t&error=no"] {
            for line in [text, "  \(text)\r", "'\(text)'", "\"\(text)\"", text.replacing("state", with: "st ate")] {
                guard case .url(let url) = gate.judge(pasted: line) else {
                    Issue.record("\(line) was refused")
                    continue
                }
                #expect(url.exposed == text)
            }
        }
    }

    @Test(
        "What else is pasted is refused, with the reason and without a part of it",
        arguments: [
            ("hush", "no URL"), ("state=s+t&code=hush", "no URL"), ("https://x/hush", "is not where the browser"),
            ("https://auth.example/authorize?client_id=1&state=s%20t&prompt=consent", "address to consent at"),
            ("https://auth.example/authorize?hush", "address to consent at"),
            ("http://127.0.0.1:8736/callback?code=hush", "is not where the browser was sent to"),
            ("http://127.0.0.1:8736/callback?state=s%20t", "has a code and a state"),
            ("http://127.0.0.1:8736/callback?code=hush&state=other", "another login"),
        ])
    func refused(line: String, reason: String) throws {
        guard case .refused(let text) = try CallbackGate(invitation()).judge(pasted: line) else {
            Issue.record("it was taken")
            return
        }
        #expect(text.contains(reason))
        #expect(!text.contains("hush"))
    }

    @Test("A login without a state is none, for nothing would tell whose answer comes")
    func noState() throws {
        for url in ["https://a", "https://a?state=", "https://a?x=1"] {
            #expect(throws: JSONMismatch.self) {
                _ = try CallbackGate(
                    AuthInvitation(
                        authorizationUrl: url, redirectUri: "http://127.0.0.1:1/", expiresAt: invitation().expiresAt))
            }
        }
    }
}

@Suite("The page that the browser shows")
struct BrowserPageTests {
    @Test("is kept nowhere, tells nobody where it was, runs nothing and loads nothing")
    func headers() throws {
        let page = BrowserPage(status: "200 OK", title: "T", paragraphs: ["a", "b"])
        let text = String(decoding: page.response, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let lines = parts[0].split(separator: "\r\n")
        #expect(lines.first == "HTTP/1.1 200 OK")
        for line in ["Cache-Control: no-store", "Connection: close", "Referrer-Policy: no-referrer"] {
            #expect(lines.contains(Substring(line)))
        }
        #expect(lines.contains("Content-Length: \(parts[1].utf8.count)"))
        #expect(!parts[0].contains { $0 == "\n" })
        for word in ["<script", "src=", "href=", "url("] { #expect(!parts[1].contains(word)) }
    }

    @Test("shows text of others as text")
    func escaping() {
        let page = BrowserPage.failed(.data("<img src=x onerror='a'>&\"\u{1B}[2J"))
        let text = String(decoding: page.response, as: UTF8.self)
        #expect(text.contains("&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;\u{FFFD}[2J"))
    }
}
