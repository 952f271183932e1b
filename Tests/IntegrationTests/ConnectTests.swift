import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("Connecting, and what is told where something is missing", .timeLimit(.minutes(5)))
struct ConnectTests {
    private static let size = ["--users", "20", "--issues", "60"]

    @Test("with several sites and none named nothing is chosen; the same URL with a name connects that one")
    func severalSites() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size + ["--sites", "3"], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                    let redirected = try await simulator.consent(invitation.authorizationUrl)

                    let undecided = try await installation.client("auth", "complete", redirected)
                    #expect(undecided.exitCode == 65)
                    #expect(undecided.output == "")
                    let urls = undecided.errors.matches(of: #/https://[a-z0-9.-]+/#).map { String($0.output) }
                    #expect(Set(urls).count == 3, "\(undecided.errors)")
                    #expect(try await installation.status().sites.isEmpty)

                    let chosen = try #require(urls.last)
                    let stranger = try await installation.client(
                        "auth", "complete", redirected, "--site", "https://elsewhere.atlassian.net")
                    #expect(stranger.exitCode == 65)
                    let decided = try await installation.client("auth", "complete", redirected, "--site", chosen)
                    #expect(decided.exitCode == 0, "\(decided.errors)")
                    #expect(decided.output.contains(chosen))
                    try await installation.sync()
                    #expect(try await installation.status().sites.count == 1)

                    let again = try await installation.client("auth", "complete", redirected, "--site", chosen)
                    #expect(again.exitCode == 65, "a consent serves once")
                }
            }
        }
    }

    @Test(
        "a missing permission is a problem that names it and what cannot be known, until it is there",
        arguments: ["USER_PICKER", "BROWSE_PROJECTS"])
    func missingPermission(key: String) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await simulator.post("/_sim/faults", #"[{"withhold":"\#(key)"}]"#)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    let status = try await installation.client("status")
                    #expect(status.exitCode == 1)
                    #expect(status.output.contains(key), "\(status.output)")
                    #expect(status.output.contains("cannot be known"))

                    try await simulator.post("/_sim/faults", "[]")
                    try await installation.sync()
                    #expect(try await installation.client("status").exitCode == 0)
                }
            }
        }
    }

    @Test("a proxy that is not there is named where anybody looks: by a login, by a sync, and by status")
    func missingProxy() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                }
                let port = try ReservedPort()
                let proxy = "http://127.0.0.1:\(port.number)"
                let words = "the proxy \(proxy) cannot be reached: check api.proxy"
                let api = "base_url = \"https://jira.example\"\nproxy = \"\(proxy)\""
                let behind = installation.configuration(for: simulator)
                    .replacing("base_url = \"\(simulator.baseURL)\"", with: api)
                try installation.write(behind, to: installation.configPath, mode: 0o644)
                try await installation.withDaemon { _ in
                    // The authorisation server is on this machine, and is asked without the proxy.
                    let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                    let redirected = try await simulator.consent(invitation.authorizationUrl)
                    // Both try again for a while; together that is once.
                    async let login = installation.client("auth", "complete", redirected)
                    async let sync = installation.client("sync", "run", "--wait")
                    for outcome in [try await login, try await sync] {
                        #expect(outcome.exitCode == 75)
                        #expect(outcome.errors.contains(words), "\(outcome.errors)")
                    }
                    let status = try await installation.client("status")
                    #expect(status.exitCode == 1)
                    #expect(status.output.contains(words), "\(status.output)")
                }
            }
        }
    }

    @Test("without a daemon, and without a site, the message says what to type next")
    func nothingThere() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let down = try await installation.client("status")
            #expect(down.exitCode == 69)
            #expect(down.errors.contains("systemctl start jira-usaged"))
            try await installation.withDaemon { _ in
                let unconnected = try await installation.client("user", "alice@example.com")
                #expect(unconnected.exitCode == 78)
                #expect(unconnected.errors.contains("jirausagectl auth login"))
                #expect(try await installation.client("status").exitCode == 1)
                let garbage = try await installation.client("auth", "complete", "https://example.com/?nothing")
                #expect(garbage.exitCode == 65)
            }
        }
    }

    @Test("no secret is in anything that was printed, logged or stored, and a site that is left leaves nothing")
    func secretsStaySecret() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                var printed = ""
                try await installation.withDaemon { daemon in
                    let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                    let redirected = try await simulator.consent(invitation.authorizationUrl)
                    let code = try #require(
                        URLComponents(string: redirected)?.queryItems?.first { $0.name == "code" }?.value)
                    for arguments in [["auth", "complete", redirected], ["status"], ["auth", "status"], ["users"]] {
                        let outcome = try await runToEnd(
                            Program.client, arguments, environment: ["JIRA_USAGED_SOCKET": installation.socketPath],
                            directory: directory)
                        printed += outcome.output + outcome.errors
                    }
                    try await installation.sync()
                    let key = try String(contentsOfFile: installation.vaultKeyPath, encoding: .utf8).dropLast()
                    // Every token of the simulator begins like this, as Atlassian's do.
                    let secrets = [code, simulator.clientSecret, String(key), "eyJhbGciOi"].map { Data($0.utf8) }
                    let stored = try FileManager.default.contentsOfDirectory(atPath: installation.statePath)
                        .map { try Data(contentsOf: URL(filePath: "\(installation.statePath)/\($0)")) }
                    #expect(stored.contains { $0.count > 4096 })
                    for secret in secrets {
                        for place in stored + [Data(printed.utf8), Data(daemon.errors.utf8)] {
                            #expect(place.range(of: secret) == nil)
                        }
                    }

                    let site = try #require(try await installation.status().sites.first?.cloudId)
                    #expect(try await installation.client("auth", "logout", site, "--erase").exitCode == 0)
                    let after = try await installation.status()
                    #expect(after.sites.isEmpty && after.health == "failing")
                }
            }
        }
    }
}
