import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("What becomes of a consent", .timeLimit(.minutes(5)))
struct ConsentLifeTests {
    private static let size = ["--users", "20", "--issues", "60"]

    private func withConnection(
        _ arguments: [String] = [], _ body: (Installation, Simulator) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size + arguments, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await body(installation, simulator)
                }
            }
        }
    }

    private func count(_ route: String, _ simulator: Simulator) async throws -> Int {
        try await simulator.statistics().requests.filter { $0.route.hasSuffix(route) }.reduce(0) { $0 + $1.count }
    }

    private func problems(_ installation: Installation) async throws -> [String] {
        struct Report: Decodable {
            struct Problem: Decodable { let kind: String }
            let problems: [Problem]
        }
        return try await installation.ask(Report.self, "status", exiting: [0, 1]).problems.map(\.kind)
    }

    @Test("a revoked consent costs no data: answers go on, and after a new consent reading goes on where it stopped")
    func reauthorise() async throws {
        try await withConnection { installation, simulator in
            let before = try await installation.call(UserPage.self, "user.list", #"{"limit":5}"#)
            try await simulator.post("/_sim/faults", #"[{"revokeTokens":true}]"#)
            let refused = try await installation.client("sync", "run", "--wait")
            #expect(refused.exitCode == 78 && refused.errors.contains("auth login"), "\(refused.errors)")
            #expect(try await problems(installation) == ["reauthorise"])
            let after = try await installation.call(UserPage.self, "user.list", #"{"limit":5}"#)
            #expect(after.rows.map(\.lastActivity) == before.rows.map(\.lastActivity))
            #expect(after.rows.map(\.verdict) == before.rows.map(\.verdict))

            try await simulator.post("/_sim/faults", "[]")
            let histories = try await count("/changelog/bulkfetch", simulator)
            try await installation.connect(to: simulator)
            try await installation.sync()
            #expect(try await problems(installation) == [])
            #expect(try await count("/changelog/bulkfetch", simulator) == histories, "nothing is read twice")
        }
    }

    @Test("a changed password ends the refresh token only: the next refresh asks for a new consent, once")
    func password() async throws {
        try await withConnection { installation, simulator in
            try await simulator.post("/_sim/faults", #"[{"revokeRefreshTokens":true,"revokeAccessTokens":true}]"#)
            for _ in 0..<3 { #expect(try await installation.client("sync", "run", "--wait").exitCode == 78) }
            #expect(try await problems(installation) == ["reauthorise"])
            // One for the code, one for the refresh that was refused.
            #expect(try await count("/oauth/token", simulator) == 2)
        }
    }

    @Test(
        "a missing scope, and a refused client, start neither refreshes nor consents again and again",
        arguments: [
            ("/project/search", 401, #"{"code":401,"message":"Unauthorized; scope does not match"}"#, 0),
            ("/oauth/token", 401, #"{"error":"access_denied","error_description":"Unauthorized"}"#, 1),
        ])
    func noLoops(route: String, status: Int, body: String, tokens: Int) async throws {
        try await withConnection { installation, simulator in
            let before = try await count("/oauth/token", simulator)
            let rule = try JSONSerialization.data(
                withJSONObject: [
                    ["route": route == "/oauth/token" ? route : "/ex/jira", "status": status, "body": body]
                ])
            let revokes = route == "/oauth/token" ? #",{"revokeAccessTokens":true}]"# : "]"
            try await simulator.post("/_sim/faults", String(decoding: rule, as: UTF8.self).dropLast() + revokes)
            for _ in 0..<3 { #expect(try await installation.client("sync", "run", "--wait").exitCode == 78) }
            #expect(try await count("/oauth/token", simulator) == before + tokens)
            try await simulator.post("/_sim/faults", "[]")
            if tokens == 0 {
                try await installation.sync()
                #expect(try await problems(installation) == [], "the consent was never lost")
            } else {
                let report = try await installation.client("--json", "auth", "status")
                #expect(report.output.contains(#""state":"valid""#), "\(report.output)")
            }
        }
    }

    @Test("a site that the consent no longer opens is told by that, and read again once it is back")
    func vanished() async throws {
        try await withConnection { installation, simulator in
            let site = try #require(try await installation.status().sites.first?.cloudId)
            try await simulator.post("/_sim/faults", #"[{"withholdSite":"\#(site)"}]"#)
            let refused = try await installation.client("sync", "run", "--wait")
            #expect(refused.exitCode == 78 && refused.errors.contains("no longer opens"), "\(refused.errors)")
            #expect(try await problems(installation) == ["siteNotCovered"])
            #expect(try await installation.client("users", "--limit", "3").exitCode == 0)
            try await simulator.post("/_sim/faults", "[]")
            try await installation.sync()
            #expect(try await problems(installation) == [])
        }
    }

    @Test("leaving a site forgets its tokens and keeps its data; a new consent goes on with them; erasing is asked for")
    func logout() async throws {
        try await withConnection { installation, simulator in
            let site = try #require(try await installation.status().sites.first?.cloudId)
            let left = try await installation.client("auth", "logout", site)
            #expect(left.exitCode == 0 && left.output.contains("is kept") && left.output.contains("tokens are deleted"))
            #expect(try await problems(installation) == ["disconnected"])
            let report = try await installation.client("--json", "auth", "status")
            #expect(report.output.contains(#""state":"none""#), "\(report.output)")
            #expect(try await installation.call(UserPage.self, "user.list").rows.count > 10)
            #expect(try await installation.client("sync", "run", "--wait").exitCode == 78)

            let histories = try await count("/changelog/bulkfetch", simulator)
            try await installation.connect(to: simulator)
            try await installation.sync()
            #expect(try await problems(installation) == [])
            #expect(try await count("/changelog/bulkfetch", simulator) == histories)

            #expect(try await installation.client("auth", "logout", site).exitCode == 0)
            let erased = try await installation.client("auth", "logout", site, "--erase")
            #expect(erased.exitCode == 0 && erased.output.contains("erased"))
            #expect(try await installation.status().sites.isEmpty)
            #expect(try await installation.client("users").exitCode == 78)
        }
    }

    @Test("the same account consents again: the same site, its newer tokens, nothing lost")
    func again() async throws {
        try await withConnection { installation, simulator in
            try await installation.connect(to: simulator)
            try await installation.sync()
            #expect(try await installation.status().sites.count == 1)
            #expect(try await problems(installation) == [])
        }
    }

    @Test(
        "a consent without a scope that is needed connects nothing, and says which one and where",
        arguments: ["read%3Ajira-work", "read%3Ajira-user", "offline_access"])
    func missingScope(scope: String) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    let invitation = try await installation.ask(Invitation.self, "auth", "begin")
                    let url = invitation.authorizationUrl.replacingOccurrences(of: scope, with: "")
                        .replacingOccurrences(of: "%20%20", with: "%20").replacingOccurrences(of: "=%20", with: "=")
                    let redirected = try await simulator.consent(url)
                    let refused = try await installation.client("auth", "complete", redirected)
                    #expect(refused.exitCode == 78, "\(refused.errors)")
                    #expect(refused.errors.contains(scope.replacingOccurrences(of: "%3A", with: ":")))
                    #expect(try await installation.status().sites.isEmpty)
                }
            }
        }
    }

    @Test("a state serves once, and nobody else's is taken")
    func state() async throws {
        try await withConnection { installation, simulator in
            let invitation = try await installation.ask(Invitation.self, "auth", "begin")
            let redirected = try await simulator.consent(invitation.authorizationUrl)
            let forged = redirected.replacing(#/state=[0-9a-f]{8}/#, with: "state=00000000")
            #expect(forged != redirected)
            #expect(try await installation.client("auth", "complete", forged).exitCode == 65)
            #expect(try await installation.client("auth", "complete", redirected).exitCode == 0)
            #expect(try await installation.client("auth", "complete", redirected).exitCode == 65)
            // A code that Atlassian refuses takes its state with it.
            let second = try await installation.ask(Invitation.self, "auth", "begin")
            let state = try #require(second.authorizationUrl.firstMatch(of: #/state=([0-9a-f]+)/#)?.output.1)
            let wrong = "http://127.0.0.1:8736/callback?code=wrong&state=\(state)"
            #expect(try await installation.client("auth", "complete", wrong).exitCode == 65)
            let right = try await simulator.consent(second.authorizationUrl)
            #expect(try await installation.client("auth", "complete", right).exitCode == 65)
        }
    }

    @Test("a new consent whose site is not chosen yet does not cost the one that is there")
    func undecided() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(Self.size + ["--sites", "2"], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    let first = try await installation.ask(Invitation.self, "auth", "begin")
                    let redirected = try await simulator.consent(first.authorizationUrl)
                    let choices = try await installation.client("auth", "complete", redirected)
                    let urls = choices.errors.matches(of: #/https://[a-z0-9.-]+/#).map { String($0.output) }
                    let site = try #require(urls.first)
                    #expect(try await installation.client("auth", "complete", redirected, "--site", site).exitCode == 0)
                    try await installation.sync()
                    // Atlassian ends the consent before it; nobody comes to choose.
                    let second = try await installation.ask(Invitation.self, "auth", "begin")
                    let again = try await simulator.consent(second.authorizationUrl)
                    #expect(try await installation.client("auth", "complete", again).exitCode == 65)
                    try await installation.sync()
                    #expect(try await problems(installation) == [])
                    // Adding the other site, by the same consent.
                    let other = try #require(urls.last)
                    #expect(try await installation.client("auth", "complete", again, "--site", other).exitCode == 0)
                    try await installation.sync()
                    #expect(try await installation.status().sites.count == 2)
                    let left = try await installation.client("auth", "logout", site)
                    #expect(left.output.contains("tokens are kept"), "\(left.output)")
                    try await installation.sync()
                    #expect(try await problems(installation) == ["disconnected"])
                }
            }
        }
    }
}
