import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("What is secret stays where it belongs", .timeLimit(.minutes(5)))
struct SecrecyTests {
    private static let size = ["--users", "20", "--issues", "60"]

    private func issued(_ kind: String, _ simulator: Simulator) async throws -> String {
        try #require(try await simulator.issuedSecrets().last { $0.kind == kind }).value
    }

    @Test("neither argument list nor environment nor any reply shows a secret to who looks on")
    func onlookers() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                let path = "\(directory)/proxy.sock"
                let proxy = try RecordingProxy(path: path, target: installation.socketPath)
                defer { proxy.stop() }
                // Nobody honours a proxy that was not asked for: there is nothing at that port.
                let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                let command =
                    ["env"] + proxies.map { "\($0)=http://127.0.0.1:1" }
                    + [Program.daemon, "--config", installation.configPath]
                try await installation.withDaemon(command: command) { daemon in
                    func ask(_ arguments: String..., line: String? = nil) async throws {
                        let child = try ChildProcess(
                            Program.client, arguments, environment: ["JIRA_USAGED_SOCKET": path], directory: directory)
                        if let line { child.send(line: line) }
                        let output = await child.restOfOutput()
                        #expect(await child.exitCode() == 0, "\(arguments): \(output)\(child.errors)")
                    }
                    let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                    let redirected = try await simulator.consent(invitation.authorizationUrl)
                    try await ask("auth", "complete", "-", line: redirected)
                    try await installation.sync()
                    for method in ["status", "auth.status", "sync.status", "rpc.discover", "version", "user.list"] {
                        try await ask("call", method)
                    }
                    let secrets = try await simulator.issuedSecrets()
                    #expect(secrets.count >= 5)
                    let search = SecretSearch(secrets)
                    #expect(proxy.replies.count > 10_000)
                    let replied = try await search.hits(in: proxy.replies, place: "a reply")
                    #expect(replied.isEmpty, "\(replied)")
                    #expect(String(decoding: proxy.callers, as: UTF8.self).contains("complete\0-\0"))
                    let clientShows = try await search.hits(in: proxy.callers, place: "/proc of jirausagectl")
                    #expect(clientShows.isEmpty, "\(clientShows)")
                    let daemonShows = shown(of: daemon.pid)
                    #expect(String(decoding: daemonShows, as: UTF8.self).contains(installation.configPath))
                    let found = try await search.hits(in: daemonShows, place: "/proc of jira-usaged")
                    #expect(found.isEmpty, "\(found)")
                }
            }
        }
    }

    @Test("a refusal that tells our own tokens back to us is told without them")
    func echoes() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let access = try await issued("accessToken", simulator)
                    let refresh = try await issued("refreshToken", simulator)
                    for status in [400, 403, 410] {
                        let body = #"{\"code\":\#(status),\"message\":\"Bearer \#(access) is barred, (\#(access))\"}"#
                        try await simulator.post(
                            "/_sim/faults", #"[{"route":"/ex/jira","status":\#(status),"body":"\#(body)"}]"#)
                        let outcome = try await installation.client("sync", "run", "--wait")
                        #expect(outcome.exitCode != 0)
                        let told = try await installation.client("status")
                        #expect((outcome.errors + told.output).contains("is barred"), "\(outcome.errors)")
                    }
                    let dead = #"{\"error\":\"invalid_grant\",\"error_description\":\"\#(refresh) \#(access)\"}"#
                    try await simulator.post(
                        "/_sim/faults",
                        #"[{"revokeAccessTokens":true},{"route":"/oauth/token","status":403,"body":"\#(dead)"}]"#)
                    #expect(try await installation.client("sync", "run", "--wait").exitCode == 78)
                    #expect(try await installation.client("--json", "auth", "status").output.contains("reauthorise"))
                }
            }
        }
    }
}
