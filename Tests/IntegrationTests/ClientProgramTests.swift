import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("jirausagectl as a person and a script have it", .timeLimit(.minutes(5)))
struct ClientProgramTests {
    /// A daemon on a site of which it has read everything, and what a program needs to ask it.
    private struct Site {
        let installation: Installation
        let simulator: Simulator

        var environment: [String: String] {
            ["JIRA_USAGED_SOCKET": installation.socketPath, "TERM": "xterm", "LC_ALL": "C.UTF-8"]
        }

        func atTerminal(
            _ words: [String], environment more: [String: String] = [:], _ body: (PseudoTerminal) async throws -> Void
        ) async throws -> PseudoTerminal.Ending {
            try await PseudoTerminal.run(
                [Program.client] + words, environment: environment.merging(more) { $1 },
                directory: installation.directory, body)
        }

        /// Runs a line of shell, in which `$0` is the client.
        func inShell(_ line: String) async throws -> Outcome {
            try await runToEnd(
                "/bin/bash", ["--norc", "-c", line, Program.client],
                environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }, directory: installation.directory)
        }
    }

    private static func withSite(_ body: (Site) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let options = ["--users", "200", "--issues", "20", "--seed", "7"]
            try await Simulator.withSimulator(options, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await body(Site(installation: installation, simulator: simulator))
                }
            }
        }
    }

    @Test("Ctrl-C gives up what is waited for, says nothing more, and leaves the terminal as it was")
    func interrupted() async throws {
        try await Self.withSite { site in
            // From now on a pass takes longer than anybody waits: the daemon, too, does not when it is told to end.
            try await site.simulator.post("/_sim/faults", #"[{"delayMilliseconds":600000}]"#)
            let ending = try await site.atTerminal(["sync", "run", "--wait"]) { terminal in
                while try await site.installation.status().sites.first?.sync.state != "running" {}
                await terminal.type("\u{3}")
            }
            #expect(ending.exitCode == 130, "\(ending.transcript)")
            #expect(ending.settings.before == ending.settings.after)
            #expect(try await site.installation.status().state == "ready")
        }
    }

    @Test("A long list goes to the pager at a terminal, and to nobody else")
    func pager() async throws {
        try await Self.withSite { site in
            let paged = site.installation.directory + "/paged"
            let ending = try await site.atTerminal(["users"], environment: ["JIRA_USAGED_PAGER": "tee \(paged)"]) { _ in
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            let lines = try String(contentsOfFile: paged, encoding: .utf8).split(separator: "\n")
            #expect(lines.count > 100)
            let plain = try await site.inShell("JIRA_USAGED_PAGER='echo paged' \"$0\" users")
            #expect(plain.exitCode == 0 && plain.output.split(separator: "\n").count > 100)
            // Whoever leaves the pager early has seen enough.
            let left = try await site.atTerminal(["users"], environment: ["JIRA_USAGED_PAGER": "head -n 1"]) { _ in }
            #expect(left.exitCode == 0, "\(left.transcript)")
        }
    }

    @Test("A reader that goes away ends it quietly")
    func brokenPipe() async throws {
        try await Self.withSite { site in
            for format in ["", "--json", "--ndjson", "--csv"] {
                let outcome = try await site.inShell(
                    "\"$0\" \(format) users | head -c 1 > /dev/null; echo ${PIPESTATUS[0]}")
                #expect(["0\n", "141\n"].contains(outcome.output), "\(format): \(outcome.output)")
                #expect(outcome.errors.isEmpty, "\(format): \(outcome.errors)")
            }
        }
    }

    @Test("status --watch shows status again and again, until Ctrl-C")
    func watch() async throws {
        try await Self.withSite { site in
            let ending = try await site.atTerminal(["status", "--watch", "1s"]) { terminal in
                try await terminal.wait("three times status") {
                    $0.components(separatedBy: "jira-usaged 0").count > 3
                }
                await terminal.type("\u{3}")
            }
            #expect(ending.exitCode == 130, "\(ending.transcript)")
            #expect(ending.settings.before == ending.settings.after)
        }
    }
}
