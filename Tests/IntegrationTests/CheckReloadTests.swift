import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("The check before a reload", .timeLimit(.minutes(5)))
struct CheckReloadTests {
    private func check(_ installation: Installation, directory: String) async throws -> Outcome {
        try await runToEnd(
            Program.daemon, ["--check-reload", "--config", installation.configPath], environment: [:],
            directory: directory)
    }

    @Test("says nothing of a good configuration, and reads no secret, for systemd shows it none there")
    func good() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try FileManager.default.removeItem(atPath: installation.vaultKeyPath)
            let outcome = try await check(installation, directory: directory)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect(outcome.output + outcome.errors == "")
        }
    }

    @Test("--check-config shows what holds, and takes a secret that only the unit can decrypt as there")
    func checkConfig() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let words = ["--check-config", "--config", installation.configPath]
            let whole = try await runToEnd(Program.daemon, words, environment: [:], directory: directory)
            #expect(whole.exitCode == 0 && whole.errors.isEmpty, "\(whole.errors)")
            #expect(whole.output.contains("\nclient_id = \"client\"  # line "))
            #expect(!whole.output.contains("encrypted"))
            for path in [installation.vaultKeyPath, installation.clientSecretPath] {
                try #require(rename(path, path + ".cred") == 0)
            }
            let sealed = try await runToEnd(Program.daemon, words, environment: [:], directory: directory)
            #expect(sealed.exitCode == 0, "\(sealed.errors)")
            #expect(sealed.output.contains("\n# vault-key is encrypted in \(installation.vaultKeyPath).cred: "))
            try #require(unlink(installation.clientSecretPath + ".cred") == 0)
            let missing = try await runToEnd(Program.daemon, words, environment: [:], directory: directory)
            #expect(missing.exitCode == 78 && missing.errors.contains("no client-secret"), "\(missing.errors)")
            #expect(missing.output.contains("\nclient_id = \"client\"  # line "))
            // Under the unit the credentials are what counts.
            let passed = try await runToEnd(
                Program.daemon, words, environment: ["CREDENTIALS_DIRECTORY": directory + "/none"],
                directory: directory)
            #expect(passed.exitCode == 78, "\(passed.output)")
        }
    }

    @Test("--check-config names a group that the system does not have")
    func unknownGroup() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let text = try String(contentsOfFile: installation.configPath, encoding: .utf8)
            try installation.write(
                text + "[access]\nread_group = \"no-such-group\"\nadmin_group = \"root\"\n",
                to: installation.configPath, mode: 0o644)
            let checked = try await runToEnd(
                Program.daemon, ["--check-config", "--config", installation.configPath], environment: [:],
                directory: directory)
            #expect(checked.exitCode == 0)
            #expect(checked.output.contains("# access.read_group: there is no group no-such-group"))
            #expect(!checked.output.contains("access.admin_group"))
        }
    }

    @Test("ends with 78 and names what is wrong")
    func bad() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try installation.write("[sync]\nintervall = \"15m\"\n", to: installation.configPath, mode: 0o644)
            let outcome = try await check(installation, directory: directory)
            #expect(outcome.exitCode == 78)
            #expect(outcome.errors.contains("\(installation.configPath):2: sync.intervall"), "\(outcome.errors)")
        }
    }
}
