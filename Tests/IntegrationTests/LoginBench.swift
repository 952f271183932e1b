import Foundation
import TestInstallation
import TestSupport
import Testing

/// A daemon, a simulator, a port that the browser comes back to, and a person who logs in.
struct LoginBench {
    let directory: String
    let simulator: Simulator
    let installation: Installation
    let daemon: ChildProcess
    let port: ReservedPort

    var redirectURI: String { Self.redirectURI(port) }

    private static func redirectURI(_ port: ReservedPort) -> String { "http://127.0.0.1:\(port.number)/callback" }

    static func run(_ arguments: [String] = [], _ body: (LoginBench) async throws -> Void) async throws {
        let port = try ReservedPort()
        let options = ["--users", "20", "--issues", "60", "--redirect-uri", redirectURI(port)]
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(options + arguments, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                for name in ["run", "bin"] {
                    try FileManager.default.createDirectory(
                        atPath: "\(directory)/\(name)", withIntermediateDirectories: false,
                        attributes: [.posixPermissions: 0o700])
                }
                let command = [
                    "/usr/bin/env", "JIRA_USAGED_OAUTH_REDIRECT_URI=\(redirectURI(port))", Program.daemon, "--config",
                    installation.configPath,
                ]
                try await installation.withDaemon(command: command) { daemon in
                    try await body(
                        LoginBench(
                            directory: directory, simulator: simulator, installation: installation, daemon: daemon,
                            port: port))
                }
            }
        }
    }

    private var environment: [String: String] {
        ["JIRA_USAGED_SOCKET": installation.socketPath, "XDG_RUNTIME_DIR": "\(directory)/run", "TERM": "dumb"]
    }

    // MARK: - At a terminal

    func login(
        _ arguments: [String] = [], environment: [String: String] = [:],
        _ body: (PseudoTerminal) async throws -> Void
    ) async throws -> PseudoTerminal.Ending {
        try await PseudoTerminal.run(
            [Program.client, "auth", "login"] + arguments, environment: self.environment.merging(environment) { $1 },
            directory: directory, body)
    }

    /// Reads the address off the screen and consents there.
    ///
    /// - Returns: where the browser is sent.
    func consent(_ terminal: PseudoTerminal) async throws -> String {
        let screen = try await terminal.wait(for: "Paste here")
        let url = try #require(screen.firstMatch(of: #/ (http://\S+/authorize\?\S+)/#)?.1)
        return try await simulator.consent(String(url))
    }

    /// What the user's own directory for running programs holds.
    var runtimeFiles: [String] { (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/run")) ?? ["?"] }

    func expectNothingLeft(_ ending: PseudoTerminal.Ending, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(runtimeFiles == [], sourceLocation: sourceLocation)
        #expect(ending.settings.before == ending.settings.after, sourceLocation: sourceLocation)
        #expect(!ending.settings.before.isEmpty, sourceLocation: sourceLocation)
    }

    // MARK: - Without one

    /// Runs the client with what a shell makes of the rest of its command line.
    func headless(_ line: String, _ body: (ChildProcess) async throws -> Void) async throws {
        try await withChildProcess(
            "bash", ["-c", "cd '\(directory)' && exec '\(Program.client)' \(line)"], environment: environment,
            directory: directory, body)
    }

    func authorizationURL(_ nextLine: () async throws -> String) async throws -> String {
        while true {
            let line = try await nextLine()
            if let match = line.firstMatch(of: #/ +(http://[^ ]+/authorize\?.*)/#) { return String(match.1) }
        }
    }

    // MARK: - The browser

    /// - Returns: the status and the page.
    func browse(_ url: String) async throws -> String {
        let outcome = try await runToEnd(
            "curl", ["-sS", "--max-time", "60", "-o", "-", "-w", "\n%{http_code}", url], directory: directory)
        guard outcome.exitCode == 0 else { throw ChildProcess.Failure(description: outcome.errors) }
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        return "\(lines.last ?? "") \(lines.dropLast().joined(separator: "\n"))"
    }

    func parameter(_ name: String, of url: String) throws -> String {
        try #require(URLComponents(string: url)?.queryItems?.first { $0.name == name }?.value)
    }

    /// A program that does with a page what a browser does, writes down what others could see of it, and talks.
    func writeBrowser(named name: String) async throws -> String {
        let path = "\(directory)/bin/\(name)"
        let script = """
            #!/bin/sh
            echo noise; echo noise >&2
            page=${1#file://}
            echo "$1" $(stat -c %a "$page" "$(dirname "$page")") > '\(directory)/opened'
            url=$(sed -n 's/.*url=\\([^"]*\\)".*/\\1/p' "$page" | sed 's/&amp;/\\&/g')
            exec curl -sSL -o '\(directory)/page.html' "$url"

            """
        // Copied by another program: a program that another test starts meanwhile may have inherited the open file, and
        // nothing that is open for writing can be executed.
        try installation.write(script, to: "\(path).text", mode: 0o600)
        let copying = try await runToEnd("install", ["-m", "700", "\(path).text", path], directory: directory)
        guard copying.exitCode == 0 else { throw ChildProcess.Failure(description: copying.errors) }
        return path
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }
}
