import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("A full disk stops the sync and nothing else")
struct FullDiskTests {
    /// Makes a small file system of its own for the state, fills most of it, and runs the daemon there. A line on
    /// standard input makes room. Nobody else sees that file system, so that nothing is left to unmount.
    private static let script = """
        set -e
        mount -t tmpfs -o size=48m,mode=0700 tmpfs "$1"
        head -c 46M /dev/zero > "$1/filler"
        shift
        "$@" &
        daemon=$!
        trap 'kill $daemon; wait $daemon; exit' TERM
        read -r _
        rm "$FILLER"
        wait $daemon
        """

    /// Root needs a name space for mounts alone, everybody else one for users around it.
    private static let nameSpaces = geteuid() == 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"]

    static func canMount() async throws -> Bool {
        try await withTemporaryDirectory { directory in
            let probe = ["mount", "-t", "tmpfs", "tmpfs", directory]
            return try await runToEnd("unshare", nameSpaces + probe, directory: directory).exitCode == 0
        }
    }

    @Test(
        "what can be answered still is, the error names the storage, and with room again nothing is missing",
        .enabled("needs a file system of its own") { try await canMount() }, .timeLimit(.minutes(10)))
    func fullDisk() async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "200", "--issues", "6000"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                let command =
                    ["unshare"] + Self.nameSpaces
                    + ["env", "FILLER=\(installation.statePath)/filler", "sh", "-c", Self.script, "sh"]
                    + [installation.statePath, Program.daemon, "--config", installation.configPath]
                try await installation.withDaemon(command: command) { daemon in
                    try await installation.connect(to: simulator)
                    let outcome = try await installation.client("sync", "run", "--wait")
                    #expect(outcome.exitCode == 74)
                    #expect(outcome.output == "")
                    let status = try await installation.status()
                    #expect(status.health != "ok")
                    #expect(status.problems.contains { $0.kind == "storage" }, "\(status.problems)")
                    #expect(status.sites.first?.auth.state == "valid")

                    daemon.send(line: "")
                    try await installation.sync()
                    let whole = try await installation.status()
                    let asOf = try #require(whole.sites.first?.coverage.completeUntil)
                    let oracle = try await simulator.oracle(asOf: asOf)
                    let users = try await installation.users(asOf: asOf)
                    #expect(oracle.users.filter { users[$0.accountId] != $0 }.map(\.accountId) == [])
                }
            }
        }
    }
}
