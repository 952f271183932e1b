import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

/// With the programs, as `systemctl reload` does it.
@Suite("Reading the configuration anew")
struct ReloadTests {
    private struct Status: Decodable {
        struct Problem: Decodable {
            let kind: String
            let message: String
        }

        let problems: [Problem]
    }

    private struct Threshold: Decodable {
        let thresholdDays: Int
    }

    /// Asks until the answer is as wanted, for a signal says nothing when it has been followed; the test's limit ends it.
    private func problems(
        _ installation: Installation, until isWanted: ([String]) -> Bool
    ) async throws -> [Status.Problem] {
        while true {
            let status = try await installation.ask(Status.self, "status", exiting: [0, 1, 78])
            if isWanted(status.problems.map(\.kind)) { return status.problems }
        }
    }

    @Test(
        "what can change while it runs does; the rest waits for a restart; an error changes nothing and is told",
        .timeLimit(.minutes(5)))
    func reload() async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(["--users", "2", "--issues", "2"], directory: directory) { simulator in
                try await reload(simulator, in: directory)
            }
        }
    }

    private func reload(_ simulator: Simulator, in directory: String) async throws {
        let installation = try Installation(
            directory: directory, simulator: simulator, syncSettings: ["threshold = \"90d\""])
        let valid = try String(contentsOfFile: installation.configPath, encoding: .utf8)
        try await installation.withDaemon { daemon in
            try await installation.connect(to: simulator)
            try installation.write(
                valid.replacing("threshold = \"90d\"", with: "threshold = 30"), to: installation.configPath,
                mode: 0o644)
            daemon.signal(SIGHUP)
            let refused = try await problems(installation) { $0.contains("configurationNotTaken") }
            #expect(refused.contains { $0.message.contains("sync.threshold") && !$0.message.contains("\n") })
            #expect(try await installation.ask(Threshold.self, "licences").thresholdDays == 90)

            try installation.write(
                valid.replacing("threshold = \"90d\"", with: "threshold = \"30d\"\nconcurrency = 3"),
                to: installation.configPath, mode: 0o644)
            daemon.signal(SIGHUP)
            let waiting = try await problems(installation) { $0.contains("restartNeeded") }
            #expect(!waiting.map(\.kind).contains("configurationNotTaken"))
            #expect(waiting.contains { $0.message.hasSuffix(": sync.concurrency") })
            #expect(try await installation.ask(Threshold.self, "licences").thresholdDays == 30)
        }
    }
}
