import Foundation
import TestSupport
import Testing
import UsageDaemon

/// `systemd/config.toml` is the file that the package installs, and `examples/config.toml` the one to copy from.
@Suite("The configuration that is installed")
struct ExampleConfigurationTests {
    private static func text(in directory: String = "examples") throws -> String {
        let file = URL(filePath: #filePath).appending(path: "../../../\(directory)/config.toml").standardizedFileURL
        return try String(contentsOf: file, encoding: .utf8)
    }

    private func load(_ text: String) async throws -> DaemonSettings {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/config.toml"
            try Data(text.utf8).write(to: URL(filePath: path))
            return try DaemonSettings.load(ConfigurationFile(path: path), environment: [:])
        }
    }

    @Test("sets nothing as it stands")
    func setsNothing() async throws {
        for directory in ["examples", "systemd"] {
            #expect(try await load(Self.text(in: directory)).origins.isEmpty)
        }
    }

    @Test("names every key, each with its default")
    func namesEverything() async throws {
        let uncommented = try Self.text().replacing(#/(?m)^# (?=[a-z_]+ = )/#, with: "")
        let (named, defaults) = (try await load(uncommented).report, try await load("").report)
        for (line, usual) in zip(named.split(separator: "\n"), defaults.split(separator: "\n")) {
            guard !line.hasPrefix("[") else { continue }
            #expect(line.contains(#/ # line \d+$/#), "\(line) is not in it")
            // The keys that have no default.
            guard !line.hasPrefix("client_id = "), !line.hasPrefix("proxy = ") else { continue }
            #expect(line.replacing(#/line \d+$/#, with: "default") == usual)
        }
    }
}
