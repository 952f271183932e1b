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

    @Test("a refusal is told in Atlassian's words")
    func refusal() {
        let url = "http://127.0.0.1:8736/callback?error=access_denied&error_description=The%20user%20said%20no&state=s"
        #expect {
            try RedirectAnswer(Secret(url))
        } throws: { error in
            let error = error as? ControlError
            return error?.kind == .badRedirect && error?.message.contains("The user said no") == true
        }
    }

    @Test(
        "anything else is refused, and what was pasted is not repeated",
        arguments: ["", "nonsense", "https://x.example/cb", "?code=hush", "?state=hush", "?code=%zz&state=hush", "?%"])
    func refuses(url: String) {
        #expect {
            try RedirectAnswer(Secret(url))
        } throws: { error in
            let error = error as? ControlError
            return error?.kind == .badRedirect && error?.message.contains("hush") == false
        }
    }
}
