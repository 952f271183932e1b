import Foundation
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
