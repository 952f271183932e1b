import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("What becomes of the vault", .timeLimit(.minutes(5)))
struct VaultLifeTests {
    private struct VaultReport: Decodable {
        struct Vault: Decodable {
            let keyPlace: String
            let rekeyPending: Bool
        }
        struct Site: Decodable {
            struct Auth: Decodable {
                let state: String
                let reason: String?
                let refreshedAt: String?
            }
            let auth: Auth
        }
        let vault: Vault?
        let sites: [Site]
    }

    private func withConnection(_ body: (Installation, Simulator) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--users", "20", "--issues", "60"], directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                let text = installation.configuration(for: simulator)
                    .replacing("[vault]", with: "[vault]\nnext_key_file = \"\(directory)/vault-key.next\"")
                try installation.write(text, to: installation.configPath, mode: 0o644)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                }
                try await body(installation, simulator)
            }
        }
    }

    private func report(_ installation: Installation) async throws -> VaultReport {
        try await installation.ask(VaultReport.self, "auth", "status")
    }

    /// Has the access token refused, so that the next pass brings new tokens.
    private func refresh(_ installation: Installation, _ simulator: Simulator) async throws {
        try await simulator.post("/_sim/faults", #"[{"revokeAccessTokens":true}]"#)
        try await installation.sync()
        try await simulator.post("/_sim/faults", "[]")
    }

    private func exchanges(_ simulator: Simulator) async throws -> Int {
        try await simulator.statistics().requests.filter { $0.route.hasSuffix("/oauth/token") }
            .reduce(0) { $0 + $1.count }
    }

    @Test("re-keyed and killed, the daemon goes on with the next key, tokens and all; the old key opens nothing more")
    func rekey() async throws {
        try await withConnection { installation, simulator in
            let next = "\(installation.directory)/vault-key.next"
            let old = try String(contentsOfFile: installation.vaultKeyPath, encoding: .utf8)
            try await installation.withDaemon { daemon in
                let missing = try await installation.client("vault", "rekey")
                #expect(missing.exitCode == 78 && missing.errors.contains("/dev/urandom | base64 > \(next)"))
                try installation.write(old, to: next, mode: 0o600)
                let same = try await installation.client("vault", "rekey")
                #expect(same.exitCode == 78 && same.errors.contains("already"), "\(same.errors)")
                try installation.write(
                    Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString() + "\n", to: next,
                    mode: 0o644)
                let exposed = try await installation.client("vault", "rekey")
                #expect(exposed.exitCode == 78 && exposed.errors.contains("chmod 0600 \(next)"), "\(exposed.errors)")
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: next)
                let done = try await installation.client("vault", "rekey")
                #expect(done.exitCode == 0, "\(done.errors)")
                #expect(done.output.contains("mv \(next) \(installation.vaultKeyPath)"), "\(done.output)")
                #expect(try await report(installation).vault?.rekeyPending == true)
                daemon.signal(SIGKILL)
                _ = await daemon.exitCode()
            }
            // Nobody has moved the key yet: the old one still opens.
            try await installation.withDaemon { _ in
                #expect(try await report(installation).vault?.rekeyPending == true)
                try await refresh(installation, simulator)
            }
            try FileManager.default.removeItem(atPath: installation.vaultKeyPath)
            try FileManager.default.moveItem(atPath: next, toPath: installation.vaultKeyPath)
            try await installation.withDaemon { daemon in
                let vault = try #require(try await report(installation).vault)
                #expect(!vault.rekeyPending && vault.keyPlace == "file")
                try await refresh(installation, simulator)
                let key = try String(contentsOfFile: installation.vaultKeyPath, encoding: .utf8)
                let printed = daemon.errors
                for secret in [old, key] { #expect(!printed.contains(secret.trimmingCharacters(in: .newlines))) }
            }
            try installation.write(old, to: installation.vaultKeyPath, mode: 0o600)
            try await installation.withDaemon { _ in
                let status = try await installation.status()
                #expect(status.problems.first?.kind == "vaultLocked")
                #expect(status.problems.first?.message.contains("restore the key it was sealed with") == true)
                #expect(try await installation.client("users", "--limit", "3").exitCode == 0, "answers go on")
                #expect(try await installation.client("vault", "rekey").exitCode == 78)
            }
        }
    }

    @Test("an older copy put back sends nothing, says so, and is mended by a new consent or by the newer file")
    func olderCopy() async throws {
        try await withConnection { installation, simulator in
            let path = "\(installation.statePath)/vault.db"
            let (older, newer) = (path + ".older", path + ".newer")
            try FileManager.default.copyItem(atPath: path, toPath: older)
            try await installation.withDaemon { _ in
                try await refresh(installation, simulator)
                #expect(try await report(installation).sites.first?.auth.refreshedAt != nil)
            }
            try FileManager.default.moveItem(atPath: path, toPath: newer)
            try FileManager.default.copyItem(atPath: older, toPath: path)
            let before = try await exchanges(simulator)
            try await installation.withDaemon { daemon in
                let refused = try await installation.client("sync", "run", "--wait")
                #expect(refused.exitCode == 78, "\(refused.errors)")
                let status = try await installation.status()
                #expect(status.problems.map(\.kind) == ["reauthorise"])
                #expect(status.problems.first?.message.contains("older copy") == true)
                let auth = try #require(try await report(installation).sites.first?.auth)
                #expect(auth.state == "reauthorise" && auth.reason == "olderCopy")
                #expect(try await installation.client("users", "--limit", "3").exitCode == 0, "answers go on")
                #expect(daemon.errors.contains("older copy"))
                #expect(try await exchanges(simulator) == before)
            }
            // The newer file back: nothing was lost.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: newer, toPath: path)
            try await installation.withDaemon { _ in
                try await refresh(installation, simulator)
                #expect(try await installation.status().problems.isEmpty)
            }
            // The older one once more, and a new consent.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: older, toPath: path)
            try await installation.withDaemon { _ in
                #expect(try await installation.status().problems.map(\.kind) == ["reauthorise"])
                try await installation.connect(to: simulator)
                try await installation.sync()
                #expect(try await installation.status().problems.isEmpty)
            }
            try await installation.withDaemon { _ in
                try await refresh(installation, simulator)
                #expect(try await installation.status().problems.isEmpty)
            }
        }
    }
}
