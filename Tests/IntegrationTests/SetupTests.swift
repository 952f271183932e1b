import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("jirausagectl setup at a terminal", .timeLimit(.minutes(5)))
struct SetupTests {
    private static let secret = "ATOAsecretOfAPerson-0123456789"

    private func setup(
        _ machine: FakeMachine, _ arguments: [String] = [], _ body: (PseudoTerminal) async throws -> Void
    ) async throws -> PseudoTerminal.Ending {
        try await PseudoTerminal.run(
            [Program.client, "setup", "--root", machine.root] + arguments, environment: ["TERM": "dumb"],
            directory: machine.root, body)
    }

    @Test("tells how to register the app, asks for what only a person knows, and shows nothing of the secret")
    func asks() async throws {
        try await FakeMachine.with { machine in
            let ending = try await setup(machine, ["--redirect-uri", "http://127.0.0.1:1234/cb"]) { terminal in
                let screen = try await terminal.wait(for: "Client id: ")
                #expect(screen.contains("https://developer.atlassian.com/console/myapps/"))
                #expect(screen.contains("set the callback URL http://127.0.0.1:1234/cb"))
                await terminal.type("my id\u{15}has \"quotes\"\n")
                try await terminal.wait("the question again") { $0.components(separatedBy: "Client id: ").count > 2 }
                await terminal.type(" Qe0v T4cG \n")
                try await terminal.wait("the question again") { $0.components(separatedBy: "Client id: ").count > 3 }
                await terminal.type(" Qe0vT4cG \n")
                try await terminal.wait(for: "Client secret (it is not shown): ")
                // An empty line is none; a key that mends and the marks around what is pasted mean what they say.
                await terminal.type("\n")
                try await terminal.wait("the question again") {
                    $0.components(separatedBy: "Client secret (").count > 2
                }
                await terminal.type("\u{1B}[200~" + Self.secret + "x\u{7F}\u{1B}[201~\n")
            }
            #expect(ending.exitCode == 0, "\(ending.transcript)")
            #expect(ending.settings.before == ending.settings.after)
            #expect(!ending.transcript.contains(Self.secret) && !ending.transcript.contains("ATOA"))
            #expect(ending.transcript.contains("jirausagectl: it must be the client id"))
            #expect(try machine.opened("client-secret") == Self.secret)
            #expect(try machine.read("etc/jira-usaged/config.toml").hasPrefix("[oauth]\nclient_id = \"Qe0vT4cG\"\n"))
        }
    }

    @Test("asks for nothing that is there, and then tells nothing of Atlassian's console")
    func quiet() async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine, ["--client-id", "Qe0vT4cG", "--client-secret-file", "-"]) { terminal in
                try await terminal.wait(for: "Client secret (it is not shown): ")
                await terminal.type(Self.secret + "\n")
            }
            let again = try await setup(machine) { _ in }
            #expect(again.exitCode == 0)
            #expect(again.transcript.contains("nothing was changed"))
            #expect(!again.transcript.contains("developer.atlassian.com"))
        }
    }

    @Test("puts the terminal back and changes nothing when it is left in the middle", arguments: ["\u{3}", "\u{4}"])
    func left(key: String) async throws {
        try await FakeMachine.with { machine in
            let ending = try await setup(machine, ["--client-id", "Qe0vT4cG"]) { terminal in
                try await terminal.wait(for: "Client secret (it is not shown): ")
                await terminal.type(key)
            }
            #expect(ending.exitCode == (key == "\u{3}" ? 130 : 65), "\(ending.transcript)")
            #expect(ending.settings.before == ending.settings.after)
            #expect(machine.configurationFiles == nil && machine.changes.isEmpty)
        }
    }

    @Test(
        "may be killed at any moment: nothing is lost or half written, and the next run goes on from there",
        arguments: [
            "systemd-sysusers", "encrypt-client-secret", "encrypt-vault-key", "daemon-reload", "enable", "start",
            "restart",
        ])
    func killed(moment: String) async throws {
        try await FakeMachine.with { machine in
            try machine.write("secret", Self.secret)
            try machine.write("world/reload", "yes")
            if moment == "restart" { try machine.write("world/active", "active") }
            let words = [
                "setup", "--root", machine.root, "--client-id", "Qe0vT4cG", "--client-secret-file",
                machine.path("secret"),
            ]
            try machine.kill(at: moment)
            let killed = try await runToEnd(Program.client, words, directory: machine.root)
            #expect(killed.exitCode == 128 + SIGKILL, "\(killed.errors)")
            let credentials = (machine.configurationFiles ?? []).filter { $0.hasSuffix(".cred") }
            for file in credentials { _ = try machine.opened(String(file.dropLast(5))) }
            let key = try? machine.opened("vault-key")

            try machine.remove("world/kill-\(moment)")
            let again = try await runToEnd(Program.client, words, directory: machine.root)
            #expect(again.exitCode == 0, "\(again.errors)")
            #expect(machine.configurationFiles == ["client-secret.cred", "config.toml", "vault-key.cred"])
            if let key { #expect(try machine.opened("vault-key") == key) }
            #expect(try machine.read("world/active") == "active\n")
            #expect(try machine.read("world/reload") == "no\n" && machine.read("world/enabled") == "enabled\n")
        }
    }

    @Test("changes nothing where the daemon would refuse the configuration, and shows what it says of which line")
    func wrongConfiguration() async throws {
        try await FakeMachine.with { machine in
            try machine.remove("usr/bin/jira-usaged")
            symlink(Program.daemon, machine.path("usr/bin/jira-usaged"))
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            try machine.write("etc/jira-usaged/config.toml", "[oauth]\nclientid = \"a\"\n[sync]\ninterval = \"1s\"\n")
            try machine.write("secret", Self.secret)
            let words = [
                "setup", "--root", machine.root, "--client-id", "Qe0vT4cG", "--client-secret-file",
                machine.path("secret"),
            ]
            for words in [words, words + ["--no-start"]] {
                let run = try await runToEnd(Program.client, words, directory: machine.root)
                #expect(run.exitCode == 78)
                let file = machine.path("etc/jira-usaged/config.toml")
                // As it would be, with the line that setup puts in.
                #expect(run.errors.contains("\n  \(file):2: oauth.clientid: is not a key\n"), "\(run.errors)")
                #expect(run.errors.contains("\n  \(file):5: sync.interval: "), "\(run.errors)")
                #expect(machine.configurationFiles == ["config.toml"] && machine.changes.isEmpty)
            }
            try machine.write("etc/jira-usaged/config.toml", "[sync]\ninterval = \"1m\"\n")
            let run = try await runToEnd(Program.client, words, directory: machine.root)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
    }

    @Test("gives up after the third answer that is none")
    func wrong() async throws {
        try await FakeMachine.with { machine in
            let ending = try await setup(machine) { terminal in
                try await terminal.wait(for: "Client id: ")
                await terminal.type("\n\n\n")
            }
            #expect(ending.exitCode == 65)
            #expect(ending.transcript.contains("there is no client id to go on with; nothing was changed"))
            #expect(machine.changes.isEmpty)
        }
    }
}
