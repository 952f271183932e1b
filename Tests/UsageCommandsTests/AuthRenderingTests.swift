import ControlProtocol
import Testing
import UsageCommands
import UsageModel

@Suite("What is shown of consents and of the vault")
struct AuthRenderingTests {
    private let now: Instant

    init() throws { now = try moment("2026-11-23T12:00:00Z") }

    private func report(
        _ state: AuthState.State = .valid, _ reason: AuthState.Reason? = nil, consented: Int = -40,
        refreshed: Int? = -2,
        idle: Int = 88, vault: VaultState? = VaultState(keyPlace: .credential, isRekeyed: false)
    ) -> AuthReport {
        let (idleEnd, end) = (now + .days(idle), now + .days(consented + 365))
        let auth = AuthState(
            state: state, reason: reason, account: ConsentingAccount(accountId: nil, displayName: "Usage Reader"),
            scopes: ["offline_access"], expiresAt: min(idleEnd, end),
            ages: .init(
                consentedAt: now + .days(consented), refreshedAt: refreshed.map { now + .days($0) },
                idleExpiresAt: idleEnd, absoluteExpiresAt: end))
        return AuthReport(
            asOf: now, vault: vault,
            sites: [.init(cloudId: example, name: "Example", url: "https://example.atlassian.net", auth: auth)])
    }

    @Test("ages are told in days, and the vault's key by where it comes from")
    func ages() async throws {
        let run = try await jirausagectl("auth", "status") { _ in report().json }
        #expect(
            run.output == """
                Example (https://example.atlassian.net)
                  connected  yes as Usage Reader, until 2027-02-19
                  consent    consented 40 days ago; ends in 325 days (2027-10-14) at the latest; last refreshed 2 days ago
                  scopes     offline_access

                vault: its key is a credential of the service manager

                """)
    }

    @Test("a consent that was never refreshed, one that ended, and one that nothing refreshes say so")
    func others() async throws {
        func consent(_ report: AuthReport) async throws -> String {
            let run = try await jirausagectl("auth", "status") { _ in report.json }
            return run.output.split(separator: "\n").first { $0.contains("consent  ") }.map(String.init) ?? ""
        }
        #expect(try await consent(report(consented: 0, refreshed: nil)).contains("consented less than a day ago"))
        #expect(try await consent(report(consented: 0, refreshed: nil)).hasSuffix("never refreshed yet"))
        #expect(try await consent(report(consented: -367)).contains("ended 2 days ago (2026-11-21)"))
        #expect(
            try await consent(report(idle: 3)).hasSuffix(
                "forgotten by Atlassian in 3 days (2026-11-26) if not refreshed"))
    }

    @Test(
        "the line is coloured when a person should act, and otherwise not",
        arguments: [
            (-300, nil), (-334, nil), (-335, "33"), (-351, "33"), (-361, "33"), (-362, "31"), (-366, "31"),
        ] as [(Int, String?)])
    func colours(consented: Int, colour: String?) async throws {
        let run = try await jirausagectl("--color", "always", "auth", "status") { _ in
            report(consented: consented).json
        }
        let line = run.output.split(separator: "\n").first { $0.contains("consented") } ?? ""
        #expect(line.contains("\u{1B}[") == (colour != nil))
        if let colour { #expect(line.contains("\u{1B}[\(colour)mconsented")) }
    }

    @Test("an older copy of the vault names both ways back")
    func olderCopy() async throws {
        let run = try await jirausagectl("auth", "status") { _ in report(.reauthorise, .olderCopy).json }
        #expect(run.output.contains("put the newer one back, or consent again: jirausagectl auth login"))
    }

    @Test("a key file and a next key are told in status too, without making it unhealthy; a credential is not")
    func vault() async throws {
        func text(_ vault: VaultState?) async throws -> Run {
            let report = StatusReport(
                version: "0.1.0", state: .ready, health: .ok, problems: [], vault: vault, sites: try status().sites)
            return try await jirausagectl("status") { _ in report.json }
        }
        let file = try await text(VaultState(keyPlace: .file, isRekeyed: false))
        #expect(file.status == .done)
        #expect(file.output.hasSuffix("\nvault: its key is a file, not a credential of the service manager\n"))
        let rekeyed = try await text(VaultState(keyPlace: .credential, isRekeyed: true))
        #expect(rekeyed.output.contains("it opens with its next key too; put that one into place and restart"))
        #expect(try await !text(VaultState(keyPlace: .credential, isRekeyed: false)).output.contains("vault:"))
        #expect(try await !text(nil).output.contains("vault:"))
    }

    @Test("a locked vault says so, and an older daemon, which tells nothing of it, is not taken for one")
    func locked() async throws {
        let locked = try await jirausagectl("auth", "status") { _ in report(vault: nil).json }
        #expect(locked.output.hasSuffix("\nvault: locked; see jirausagectl status\n"))
        let old = try await jirausagectl("auth", "status") { _ in ["sites": []] }
        #expect(old.output == "No site is connected. Connect one: jirausagectl auth login\n")
    }

    @Test("vault rekey says what to do next, step by step")
    func rekey() async throws {
        let answer = VaultRekeying(
            nextKeyPlace: .file, nextKeyPath: "/etc/n", keyPlace: .file, keyPath: "/etc/k",
            steps: ["Move it", "Restart"])
        let run = try await jirausagectl("vault", "rekey") { request throws(ControlError) in
            guard request.method == "vault.rekey", request.params.isEmpty else {
                throw ControlError(.invalidParams, "not what was meant")
            }
            return answer.json
        }
        #expect(
            run.output == """
                The vault opens with the key of the file /etc/n too. No token was touched.
                1. Move it.
                2. Restart.

                """)
    }
}
