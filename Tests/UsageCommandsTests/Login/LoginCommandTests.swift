import ControlProtocol
import Synchronization
import TestSupport
import Testing
import UsageModel

@testable import UsageCommands

@Suite("auth login without a terminal", .timeLimit(.minutes(5)))
struct LoginCommandTests {
    private static let pasted = "http://127.0.0.1/cb?code=1&state=s+t"

    private func login(
        _ arguments: String..., input: String, invitation: AuthInvitation? = nil,
        complete: @escaping @Sendable ([JSON.Member]) throws(ControlError) -> JSON
    ) async throws -> Run {
        let invitation = try invitation ?? UsageCommandsTests.invitation(redirectUri: "https://proxy.example/cb")
        return try await withTemporaryDirectory { _ in
            try await run(["auth", "login"] + arguments, input: input) { request throws(ControlError) in
                request.method == "auth.begin" ? invitation.json : try complete(request.params)
            }
        }
    }

    private func run(
        _ arguments: [String], input: String,
        answer: @escaping @Sendable (ControlRequest) throws(ControlError) -> JSON
    ) async throws -> Run {
        switch arguments.count {
        case 2: try await jirausagectl(arguments[0], arguments[1], input: input, answer: answer)
        case 3: try await jirausagectl(arguments[0], arguments[1], arguments[2], input: input, answer: answer)
        default:
            try await jirausagectl(
                arguments[0], arguments[1], arguments[2], arguments[3], input: input, answer: answer)
        }
    }

    private static let completion = AuthCompletion(
        sites: [SiteReference(cloudId: example, name: "Example", url: "https://example.atlassian.net")],
        selected: example,
        account: ConsentingAccount(accountId: AccountID(rawValue: "5b1"), displayName: "Usage Reader")
    )

    @Test("asks on standard error, takes the address from standard input, and says who consented")
    func paste() async throws {
        let run = try await login(input: "\n'\(Self.pasted)'\n") { params throws(ControlError) in
            guard params == [JSON.Member("redirectUrl", .string(Self.pasted))] else {
                throw ControlError(.badRedirect, "not what was typed")
            }
            return Self.completion.json
        }
        #expect(run.status == .done)
        #expect(
            run.errors.contains(
                "3. The callback https://proxy.example/cb does not lead to this machine, so nothing here waits"))
        #expect(run.errors.contains("\nWaiting until 00:00 UTC.\n"))
        #expect(!run.errors.contains("code=1"))
        #expect(
            run.output == """
                Usage Reader (5b1) gave consent. Example (https://example.atlassian.net) is connected.
                The first sync has begun; see how far it is: jirausagectl status

                """)
    }

    @Test("passes the site that was named")
    func site() async throws {
        let run = try await login("--site", "c2", input: Self.pasted) { params in
            #expect(params.contains(JSON.Member("site", "c2")))
            return Self.completion.json
        }
        #expect(run.status == .done)
    }

    @Test("asks nobody which of several sites is meant, and says how to begin again")
    func severalSites() async throws {
        let asked = Mutex(0)
        let run = try await login("--json", input: Self.pasted + "\n1\n") { _ throws(ControlError) in
            asked.withLock { $0 += 1 }
            throw ControlError(
                .severalSites, "2 sites", hint: "auth complete URL --site SITE",
                choices: [.init(site: "c1", name: "One"), .init(site: "c2", name: "Two")])
        }
        #expect(run.status == .data)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(#""hint":"Begin again with one of them: jirausagectl auth login --site SITE""#))
        #expect(asked.withLock { $0 } == 1)
    }

    @Test(
        "ends where the input does, with what was wrong with it, and asks the daemon nothing",
        arguments: [
            ("", "the input ended before"), ("what?", "that is no URL"), ("1\n2\n3\n\(pasted)", "that is no URL"),
        ])
    func wrong(input: String, reason: String) async throws {
        let run = try await login(input: input) { _ throws(ControlError) in throw ControlError(.internalError, "called")
        }
        #expect(run.status == .data)
        #expect(run.errors.contains("jirausagectl: \(reason)"))
        #expect(run.output.isEmpty)
    }

    @Test("takes an address that comes after one that was none")
    func secondTry() async throws {
        let run = try await login(input: "what?\n\(Self.pasted)") { _ in Self.completion.json }
        #expect(run.status == .done)
    }

    @Test("ends with the invitation, and says what to do")
    func expired() async throws {
        let past = AuthInvitation(
            authorizationUrl: "https://a?state=1", redirectUri: "https://r",
            expiresAt: try #require(Instant("2026-01-01T12:10:00Z")))
        let run = try await login(input: Self.pasted, invitation: past) { _ in Self.completion.json }
        #expect(run.status == .tryAgain)
        #expect(run.errors.contains("nobody consented until 2026-01-01 12:10 UTC"))
        #expect(run.errors.hasSuffix("Begin again: jirausagectl auth login\n"))
    }

    @Test("its options are known to the shells", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let run = try await jirausagectl(["completion", shell])
        #expect(run.output.contains("no-browser"))
    }
}
