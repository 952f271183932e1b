import ControlProtocol
import Testing
import UsageModel

@testable import UsageDaemon

@Suite("The URL that a consent ends on")
struct RedirectAnswerTests {
    @Test(
        "is read whole, or from the question mark on, with what is encoded in it",
        arguments: [
            "http://127.0.0.1:8736/callback?code=a%2Fb%2Bc&state=s%20t",
            "?state=s+t&code=a/b%2bc", "https://x.example/cb?a=1&code=a%2Fb%2Bc&b&state=s%20t#fragment",
        ])
    func reads(url: String) throws {
        let answer = try RedirectAnswer(Secret(url))
        #expect(answer.code.exposed == "a/b+c")
        #expect(answer.state.exposed == "s t")
    }

    private func refusal(_ query: String) throws -> ControlError {
        try #require(throws: ControlError.self) {
            _ = try RedirectAnswer(Secret("http://127.0.0.1:8736/callback?state=hush&code=hush&" + query))
        }
    }

    @Test(
        "a refusal is told in the words of whom it concerns, with what they can do",
        arguments: [
            ("error=access_denied", "declined", "begin again and accept"),
            (
                "error=access_denied&error_description=User%20did%20not%20authorize%20the%20request", "declined",
                "accept"
            ),
            (
                "error=access_denied&error_description=Your+site+admin+must+authorize+this+app+for+the+site+X+before+the"
                    + "+app+can+access+your+account.", "an administrator of the site must authorise", "authorise it"
            ),
            ("error=access_denied&error_description=App%20is%20blocked%20by%20an%20admin", "has blocked", "lift it"),
            ("error=unauthorized_client&error_description=x", "may not ask the account", "Sharing"),
            ("error=invalid_scope&error_description=x", "lacks a permission", "Add the permissions"),
            ("error=server_error", "could not answer", "in a few minutes"),
            ("error=temporarily_unavailable", "could not answer", "in a few minutes"),
        ])
    func refusals(query: String, message: String, hint: String) throws {
        let error = try refusal(query)
        #expect(error.kind == .badRedirect)
        #expect(error.message.contains(message))
        #expect(error.hint?.contains(hint) == true)
        #expect(!error.message.contains("hush"))
    }

    @Test(
        "a refusal of another kind is told in Atlassian's words",
        arguments: ["error=access_denied&error_description=The%20user%20said%20no", "error=The+user+said+no"])
    func otherRefusal(query: String) throws {
        #expect(try refusal(query).message.contains("The user said no"))
    }

    @Test("the words of a refusal cannot move a terminal's cursor, nor fill a screen")
    func hostileRefusal() throws {
        let error = try refusal(
            "error=x%1B%5B2J%0A&error_description=" + String(repeating: "%E2%80%AEy+", count: 500))
        #expect(error.message.count < 200)
        #expect(error.message.contains("x\u{FFFD}[2J\u{FFFD}: \u{FFFD}y"))
    }

    @Test(
        "anything else is refused, and what was pasted is not repeated",
        arguments: [
            "", "nonsense", "https://x.example/cb", "?code=hush", "?state=hush", "?code=%zz&state=hush",
            "?code=%+1&state=hush", "?%",
            "?code=hush&code=hush&state=s", "?code=c&state=hush&state=hush",
        ])
    func refuses(url: String) {
        #expect {
            try RedirectAnswer(Secret(url))
        } throws: { error in
            let error = error as? ControlError
            return error?.kind == .badRedirect && error?.message.contains("hush") == false
        }
    }
}
