import JiraCloud
import Testing
import UsageModel

@Suite("No body ends the program", .timeLimit(.minutes(5)))
struct HostileBodyTests {
    @Test(
        "not where an answer is read, nor where a refusal is, nor where tokens are",
        arguments: [
            (512, "[", ""), (513, "[", ""), (514, "[", ""), (512, #"{"a":"#, ""), (512, #"{"a":"#, "["),
            (513, #"{"a":"#, ""), (1 << 19, "[", ""),
        ])
    func survives(depth: Int, opening: String, end: String) async throws {
        // Foundation's decoder traps where the document ends with the bracket by which it is too deep.
        let body = String(repeating: opening, count: depth) + end
        try await ScriptedSite.run({ $0.path == "/oauth/token" || $0.method == "GET" ? .ok(body) : .answer(400, body) })
        {
            scripted in
            let people = await outcome { () throws(JiraError) in try await scripted.site.users(startAt: 0) }
            guard case .failure(.malformed(.users, let fault)) = people else {
                Issue.record("\(people)")
                return
            }
            #expect(fault.hasPrefix("not JSON at byte ") || fault.hasPrefix("nested too deeply at byte "))
            await #expect(throws: JiraError.badRequest(.search, message: nil)) {
                try await scripted.site.searchIssueIDs(jql: "x", pageToken: nil)
            }
            await #expect(throws: OAuthError.unavailable(.unreadable)) {
                try await scripted.oauth.refresh(Secret("r1"))
            }
        }
    }
}
