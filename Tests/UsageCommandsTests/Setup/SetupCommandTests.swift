import ControlProtocol
import Foundation
import Glibc
import TestSupport
import Testing
import UsageCommands

@Suite("setup without a terminal", .timeLimit(.minutes(5)))
struct SetupCommandTests {
    private static let secret = "ATOAsecretOfTheTests-1234567890"
    private static let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
    private static let ready = ["--client-id", "Qe0vT4cG", "--client-secret-file", "-"]

    private func setup(
        _ machine: FakeMachine, _ arguments: [String] = ready, input: String = secret + "\n",
        variables: [String: String] = [:]
    ) async throws -> Run {
        try await jirausagectl(["setup", "--root", machine.root] + arguments, input: input, variables: variables)
    }

    private func steps(_ run: Run) throws -> [String: String] {
        let steps = try #require(try JSON(parsing: Array(run.output.utf8))["steps"]?.array)
        return Dictionary(uniqueKeysWithValues: steps.map { ($0["name"]?.string ?? "", $0["state"]?.string ?? "") })
    }

    private static let all = ["accounts", "clientSecret", "vaultKey", "configuration", "service"]

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("makes everything on a new machine, starts the daemon and says what is next")
    func first() async throws {
        try await FakeMachine.with { machine in
            let run = try await setup(machine)
            #expect(run.status == .done, "\(run.errors)")
            #expect(try machine.opened("client-secret") == Self.secret)
            #expect(Data(base64Encoded: try machine.opened("vault-key"))?.count == 32)
            #expect(try machine.read("etc/jira-usaged/config.toml") == "[oauth]\nclient_id = \"Qe0vT4cG\"\n")
            #expect(machine.configurationFiles == ["client-secret.cred", "config.toml", "vault-key.cred"])
            let directory = machine.path("etc/jira-usaged")
            #expect(try mode(directory) == 0o755 && mode(directory + "/config.toml") == 0o644)
            #expect(
                try mode(directory + "/client-secret.cred") == 0o600 && mode(directory + "/vault-key.cred") == 0o600)
            #expect(try machine.read("world/active") == "active\n" && machine.read("world/enabled") == "enabled\n")
            // In this order, and nothing else.
            #expect(
                machine.changes == [
                    "systemd-sysusers jira-usaged.conf", "systemd-creds encrypt --name=client-secret - -",
                    "systemd-creds encrypt --name=vault-key - -",
                    "systemctl --no-ask-password --no-pager enable jira-usaged.service",
                    "systemctl --no-ask-password --no-pager start jira-usaged.service",
                ])
            #expect(
                run.errors == """
                    done  the user jira-usaged and the groups jira-usage and jira-usage-admin
                    done  \(directory)/client-secret.cred
                    done  \(directory)/vault-key.cred, a new key
                    done  \(directory)/config.toml: oauth.client_id
                    done  jira-usaged runs, and does so after each boot

                    """)
            #expect(
                run.output.hasPrefix("jira-usaged is set up. Next:\n\n  # connect a site\n  jirausagectl auth login\n"))
            for command in [
                "usermod -aG jira-usage ada", "jirausagectl status",
                "systemd-creds decrypt --name=vault-key \(directory)/vault-key.cred -",
            ] {
                #expect(run.output.contains("\n  \(command)\n"))
            }
        }
    }

    @Test("changes nothing the second time, whether it is told everything again or nothing")
    func again() async throws {
        try await FakeMachine.with { machine in
            let first = try await setup(machine, Self.ready + ["--json"])
            #expect(try steps(first) == Dictionary(uniqueKeysWithValues: Self.all.map { ($0, "done") }))
            #expect(first.errors.isEmpty)
            let (key, changes) = (try machine.read("etc/jira-usaged/vault-key.cred"), machine.changes)
            for arguments in [Self.ready, [], Self.ready + ["--vault-key-file", "/nowhere"]] {
                let run = try await setup(machine, arguments + ["--json"])
                #expect(run.status == .done, "\(run.errors)")
                #expect(try steps(run) == Dictionary(uniqueKeysWithValues: Self.all.map { ($0, "kept") }))
            }
            #expect(machine.changes == changes)
            #expect(try machine.read("etc/jira-usaged/vault-key.cred") == key)
            let told = try await setup(machine, [], variables: ["SUDO_USER": "grace"])
            #expect(told.output.hasPrefix("jira-usaged was set up already; nothing was changed. Next:"))
            #expect(told.output.contains("\n  sudo usermod -aG jira-usage grace\n"))
            #expect(told.errors.hasPrefix("kept  the user jira-usaged"))
        }
    }

    @Test("lets no secret be seen in an argument, a variable, its output, or a file in the clear")
    func secrecy() async throws {
        try await FakeMachine.with { machine in
            for arguments in [[], ["--json"], ["--no-start"]] {
                let run = try await setup(machine, Self.ready + arguments)
                let key = try machine.opened("vault-key")
                let said = run.output + run.errors
                #expect(!said.contains(Self.secret) && !said.contains(key))
                for secret in [Self.secret, key] {
                    let sealed = Data(secret.utf8).base64EncodedString()
                    for name in ["world/calls", "world/environments", "etc/jira-usaged/config.toml"] {
                        let text = try machine.read(name)
                        #expect(!text.contains(secret) && !text.contains(sealed), "\(name)")
                    }
                }
            }
            // What it was called with comes to no child either.
            #expect(!(try machine.read("world/environments")).contains("SWIFT"))
        }
    }

    @Test("takes over the files of an older set-up, wherever the configuration has them, and says that they may go")
    func olderSetUp() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            try machine.write("etc/jira-usaged/client-secret", Self.secret + "\n", mode: 0o600)
            try machine.write("etc/key", Self.key + "\r\n", mode: 0o600)
            try machine.write("var/lib/jira-usaged/vault.db", "")
            let text = "# ours\n[oauth]\nclient_id = 'Qe0vT4cG' # it\n[vault]\nkey_file = \"/etc/key\"\n"
            try machine.write("etc/jira-usaged/config.toml", text, mode: 0o640)
            let run = try await setup(machine, ["--json"])
            #expect(run.status == .done, "\(run.errors)")
            #expect(try machine.opened("client-secret") == Self.secret)
            #expect(try machine.opened("vault-key") == Self.key)
            #expect(try steps(run)["configuration"] == "kept")
            #expect(try machine.read("etc/jira-usaged/config.toml") == text)
            let next = try JSON(parsing: Array(run.output.utf8))["next"]?.array ?? []
            #expect(next.contains(.string("rm \(machine.path("etc/jira-usaged/client-secret"))")))
            #expect(next.contains(.string("rm \(machine.path("etc/key"))")))
            // Still the next time, but not of a key that is another one.
            try machine.write("etc/key", Data(repeating: 9, count: 32).base64EncodedString())
            let again = try await setup(machine, [])
            #expect(again.output.contains("rm \(machine.path("etc/jira-usaged/client-secret"))"))
            #expect(!again.output.contains("rm \(machine.path("etc/key"))"))
        }
    }

    @Test("takes secrets from files, replaces the client secret by another, and never the vault's key")
    func files() async throws {
        try await FakeMachine.with { machine in
            try machine.write("s", Self.secret)
            try machine.write("k", Self.key + "\n")
            let files = ["--client-secret-file", machine.path("s"), "--vault-key-file", machine.path("k")]
            _ = try await setup(machine, ["--client-id", "Qe0vT4cG", "--with-key", "host+tpm2"] + files)
            #expect(try machine.opened("vault-key") == Self.key)
            #expect(machine.calls.contains("systemd-creds --with-key=host+tpm2 encrypt --name=vault-key - -"))
            try machine.write("s", "another")
            try machine.write("k", Data(repeating: 9, count: 32).base64EncodedString())
            let run = try await setup(machine, files)
            #expect(try machine.opened("client-secret") == "another")
            #expect(try machine.opened("vault-key") == Self.key)
            #expect(run.errors.contains("vault-key.cred; --vault-key-file was not used\n"))
            #expect(machine.changes.last == "systemctl --no-ask-password --no-pager restart jira-usaged.service")
            #expect(try mode(machine.path("etc/jira-usaged/client-secret.cred")) == 0o600)
        }
    }

    @Test(
        "sets what the command line says in the configuration that is there, and keeps its mode and what a link leads to"
    )
    func configuration() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            try machine.write(
                "etc/real.toml", "# ours\n[oauth]\n#client_id = \"\"\n\n[sync]\ninterval = \"1m\"\n", mode: 0o640)
            symlink(machine.path("etc/real.toml"), machine.path("etc/jira-usaged/config.toml"))
            let run = try await setup(
                machine,
                Self.ready + [
                    "--redirect-uri", "http://127.0.0.1:9/cb", "--authorization-server", "http://127.0.0.1:8",
                    "--api-base-url",
                    "http://127.0.0.1:8",
                ])
            #expect(run.status == .done, "\(run.errors)")
            #expect(
                try machine.read("etc/real.toml") == """
                    # ours
                    [oauth]
                    client_id = "Qe0vT4cG"
                    redirect_uri = "http://127.0.0.1:9/cb"
                    authorization_server = "http://127.0.0.1:8"

                    [sync]
                    interval = "1m"

                    [api]
                    base_url = "http://127.0.0.1:8"

                    """)
            #expect(try mode(machine.path("etc/real.toml")) == 0o640)
            #expect(!machine.exists("etc/.real.toml.setup"))
            let kind = try FileManager.default.attributesOfItem(atPath: machine.path("etc/jira-usaged/config.toml"))[
                .type]
            #expect(kind as? FileAttributeType == .typeSymbolicLink)
        }
    }

    @Test("neither enables nor starts where that is not wanted, and says how to")
    func noStart() async throws {
        try await FakeMachine.with { machine in
            let run = try await setup(machine, Self.ready + ["--no-start", "--json"])
            #expect(try steps(run)["service"] == nil)
            #expect(machine.changes.last == "systemd-creds encrypt --name=vault-key - -")
            #expect(run.output.contains(#""next":["systemctl enable --now jira-usaged","#))
            // The next run goes on from there.
            let next = try await setup(machine, ["--json"])
            #expect(try steps(next).filter { $0.value == "done" }.keys.sorted() == ["service"])
            // One that runs by what is there is not to be started, one that has not read it yet is to be restarted.
            let running = try await setup(machine, ["--no-start", "--json"])
            #expect(running.output.contains(#""next":["jirausagectl auth login","#))
            let changed = try await setup(
                machine, ["--no-start", "--json", "--redirect-uri", "https://example.com/cb"])
            let wanted =
                #""next":["systemctl reload jira-usaged","systemctl restart jira-usaged","jirausagectl auth login","#
            #expect(changed.output.contains(wanted))
        }
    }

    @Test("what is next is asked of the socket that the configuration names")
    func socket() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            try machine.write("etc/jira-usaged/config.toml", "control_socket = \"/srv/ju/s\"\n[sync]\n")
            let run = try await setup(machine)
            #expect(run.output.contains("\n  jirausagectl --socket /srv/ju/s auth login\n"), "\(run.errors)")
            #expect(run.output.contains("\n  jirausagectl --socket /srv/ju/s status\n"))
        }
    }

    @Test("restarts a daemon that has not read what is there, though an earlier run wrote it")
    func stale() async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            try machine.fail("restart", saying: "Job canceled.")
            let failed = try await setup(machine, ["--redirect-uri", "https://example.com/cb"])
            #expect(failed.status == .unreachable)
            #expect(failed.errors.contains("done  \(machine.path("etc/jira-usaged/config.toml")): oauth.redirect_uri"))
            try machine.remove("world/fail-restart")
            let run = try await setup(machine, ["--json"])
            #expect(try steps(run).filter { $0.value == "done" }.keys.sorted() == ["service"])
            #expect(machine.changes.last == "systemctl --no-ask-password --no-pager restart jira-usaged.service")
        }
    }

    @Test("restarts a daemon that would start again, and no other, and tells what that says")
    func refusedRestart() async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            try machine.fail("reload", saying: "Job for jira-usaged.service failed.")
            try machine.write("world/journal", "/srv/state: Read-only file system\n")
            let run = try await setup(machine, ["--redirect-uri", "https://example.com/cb"])
            #expect(run.status == .configuration)
            #expect(
                run.errors.hasSuffix(
                    """
                    jirausagectl: jira-usaged would not start again with what is configured; it was not restarted, and goes on
                      /srv/state: Read-only file system
                    Correct it, and begin again: jirausagectl setup

                    """), "\(run.errors)")
            #expect(!machine.calls.contains { $0.hasSuffix("restart jira-usaged.service") })
            try machine.remove("world/fail-reload")
            #expect(try await setup(machine, []).status == .done)
            #expect(
                machine.changes.suffix(2) == [
                    "systemctl --no-ask-password --no-pager reload jira-usaged.service",
                    "systemctl --no-ask-password --no-pager restart jira-usaged.service",
                ])
        }
    }

    @Test("restarts a daemon that has not read a file that was put back, however old that is")
    func putBack() async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            let (key, count) = (machine.path("etc/jira-usaged/vault-key.cred"), machine.changes.count)
            try FileManager.default.copyItem(atPath: key, toPath: key + ".kept")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: key + ".kept")
            rename(key + ".kept", key)
            let run = try await setup(machine, ["--json"])
            #expect(try steps(run)["service"] == "done")
            #expect(machine.changes.count > count)
        }
    }

    // MARK: - What it does not begin

    /// Everything that is refused before anything is changed.
    private func expectRefusal(
        _ machine: FakeMachine, _ status: UsageCommands.ExitStatus, _ message: String, _ arguments: [String] = ready,
        input: String = secret, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = machine.configurationFiles
        let run = try await setup(machine, arguments, input: input)
        #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        #expect(run.errors.contains(message), "\(run.errors)", sourceLocation: sourceLocation)
        #expect(!run.errors.contains(input) || input.isEmpty, sourceLocation: sourceLocation)
        #expect(machine.changes.isEmpty && machine.configurationFiles == before, sourceLocation: sourceLocation)
    }

    @Test("asks nobody where there is no terminal, and names what is missing")
    func missing() async throws {
        try await FakeMachine.with { machine in
            try await expectRefusal(machine, .usage, "give --client-id ID and --client-secret-file FILE\n", [])
            try await expectRefusal(machine, .usage, "give --client-secret-file FILE\n", ["--client-id", "a"])
            let quiet = try await setup(machine, ["--json"])
            #expect(try JSON(parsing: Array(quiet.errors.utf8))["data"]?["kind"] == "usage")
        }
    }

    @Test("needs systemd, its credentials, and a unit that takes them")
    func surroundings() async throws {
        try await FakeMachine.with { machine in
            try machine.write("world/unit", "[Service]\nLoadCredential=client-secret:/etc/jira-usaged/client-secret\n")
            try await expectRefusal(
                machine, .configuration,
                "does not take client-secret from /etc/jira-usaged/client-secret.cred\nSee which file says so")
            try machine.write("world/unit", FakeMachine.unit)
            for (load, message) in [("masked", "systemctl unmask jira-usaged"), ("not-found", "is not installed")] {
                try machine.write("world/load", load)
                try await expectRefusal(machine, .configuration, message)
            }
            try machine.write("world/load", "loaded")
            try machine.fail("show", saying: "Failed to connect to bus\n")
            try await expectRefusal(machine, .configuration, "systemctl show failed\n  Failed to connect to bus\n")
            try machine.remove("usr/bin/systemd-creds")
            try await expectRefusal(machine, .configuration, "there is no systemd-creds")
            try machine.remove("run/systemd/system")
            try await expectRefusal(machine, .configuration, "systemd does not run here")
        }
    }

    @Test("refuses secrets that are none, and quotes nothing of them")
    func wrongSecrets() async throws {
        try await FakeMachine.with { machine in
            try await expectRefusal(machine, .data, "standard input does not hold the secret", input: "two words")
            try await expectRefusal(machine, .data, "standard input does not hold the secret", input: "")
            try machine.write("k", Self.secret)
            try await expectRefusal(
                machine, .data, "\(machine.path("k")) does not hold a key of 32 bytes",
                Self.ready + ["--vault-key-file", machine.path("k")])
            try await expectRefusal(
                machine, .data, "/nowhere cannot be read: No such file or directory",
                ["--client-id", "a", "--client-secret-file", "/nowhere"])
        }
    }

    @Test("makes no new key for a vault that is there")
    func vault() async throws {
        try await FakeMachine.with { machine in
            try machine.write("var/lib/jira-usaged/vault.db", "")
            try await expectRefusal(machine, .configuration, "no key that opens it")
            try machine.write("k", Self.key)
            let run = try await setup(machine, Self.ready + ["--vault-key-file", machine.path("k")])
            #expect(run.status == .done)
        }
    }

    @Test("leaves a configuration alone that it cannot change by a line")
    func unusualConfiguration() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            for (text, message) in [
                ("\noauth = { }\n", "config.toml, line 2: oauth is written in a way that setup does not change"),
                ("[oauth\n", "config.toml, line 1: this is not TOML"),
                ("api = { }\n", "config.toml, line 1: api is written in a way that setup does not change"),
            ] {
                try machine.write("etc/jira-usaged/config.toml", text)
                try await expectRefusal(
                    machine, .configuration, message, Self.ready + ["--api-base-url", "https://example.com"])
                #expect(try machine.read("etc/jira-usaged/config.toml") == text)
            }
        }
    }

    @Test("takes a link to a configuration that is not there for no configuration, and leaves it")
    func danglingConfiguration() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            symlink("/nowhere/config.toml", machine.path("etc/jira-usaged/config.toml"))
            for arguments in [[], Self.ready] {
                try await expectRefusal(
                    machine, .configuration, "config.toml is a symbolic link to a file that is not there\nBring",
                    arguments)
            }
        }
    }

    @Test(
        "leaves a credential that is the other's, be it replaced or not, and says where it belongs",
        arguments: ["exchanged", "broken", "missing"], [ready, []])
    func misplacedCredential(there: String, arguments: [String]) async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            try machine.write("var/lib/jira-usaged/vault.db", "")
            let directory = machine.path("etc/jira-usaged")
            let (secret, key) = (directory + "/client-secret.cred", directory + "/vault-key.cred")
            let (held, changes) = (try machine.read("etc/jira-usaged/vault-key.cred"), machine.changes)
            rename(secret, directory + "/x")
            rename(key, secret)
            if there == "exchanged" { rename(directory + "/x", key) }
            if there == "broken" { try machine.write("etc/jira-usaged/vault-key.cred", "sealed elsewhere\n") }
            try machine.write("etc/jira-usaged/vault-key.cred.old", "precious")
            let run = try await setup(machine, arguments)
            #expect(run.status == .configuration)
            #expect(run.errors.contains("\(secret) holds what is encrypted as vault-key; nothing was changed\n"))
            #expect(machine.changes == changes)
            #expect(try machine.read("etc/jira-usaged/client-secret.cred") == held)
            // The advice, to the letter, which costs nobody an older key.
            let hint = try #require(run.errors.split(separator: "\n").last).drop { $0 != ":" }.dropFirst()
            let commands = hint.split(separator: ";").dropLast().joined(separator: ";")
            let done = try await runToEnd(
                "/bin/sh", ["-ec", commands], environment: ["PATH": "/usr/bin:/bin"], directory: machine.root)
            #expect(done.exitCode == 0, "\(commands): \(done.errors)")
            #expect(try await setup(machine).status == .done)
            #expect(try machine.read("etc/jira-usaged/vault-key.cred") == held)
            #expect(try machine.opened("client-secret") == Self.secret)
            let files = try #require(machine.configurationFiles).filter { $0.contains(".old") }
            #expect(try files.contains { try machine.read("etc/jira-usaged/\($0)") == "precious" })
        }
    }

    @Test("puts no second key in the place of a key that opens")
    func secondKey() async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            let secret = machine.path("etc/jira-usaged/client-secret.cred")
            try machine.write(
                "etc/jira-usaged/client-secret.cred", "sealed vault-key \(Data(Self.key.utf8).base64EncodedString())\n")
            let run = try await setup(machine)
            #expect(
                run.errors.contains("Put this one away: mv --backup=numbered \(secret) \(secret).old;"), "\(run.errors)"
            )
        }
    }

    @Test("asks the daemon itself whether it would start with the configuration, in the words of its path")
    func refusedConfiguration() async throws {
        try await FakeMachine.with { machine in
            try machine.fail("jira-usaged", saying: "jira-usaged: not so")
            try await expectRefusal(
                machine, .configuration,
                "the daemon would not start with \(machine.path("etc/jira-usaged/config.toml")); nothing was changed\n"
                    + "  not so\nCorrect it, and begin again")
            let call = try #require(machine.calls.last { $0.hasPrefix("jira-usaged ") })
            #expect(call.contains("--check-reload --config /proc/"))
        }
    }

    @Test("is for the system's daemon, and has no rows")
    func otherOptions() async throws {
        try await FakeMachine.with { machine in
            try await expectRefusal(machine, .usage, "this command has no rows", Self.ready + ["--csv"])
            try await expectRefusal(
                machine, .usage, "setup is for the system's daemon", Self.ready + ["--user", "--socket", "/nowhere"])
        }
    }

    @Test("gives way to another one that is at work")
    func concurrent() async throws {
        try await FakeMachine.with { machine in
            let directory = machine.path("etc/jira-usaged")
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let held = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(held) }
            #expect(flock(held, LOCK_EX) == 0)
            let run = try await setup(machine)
            #expect(run.status == .tryAgain)
            #expect(machine.configurationFiles == [])
        }
    }

    // MARK: - What fails on the way

    @Test(
        "leaves nothing half done where a program fails, and goes on from there the next time",
        arguments: [
            (
                "systemd-sysusers", UsageCommands.ExitStatus.configuration, "systemd-sysusers jira-usaged.conf failed",
                nil
            ),
            ("encrypt-client-secret", .configuration, "client-secret could not be encrypted", []),
            ("encrypt-vault-key", .configuration, "setup --with-key host\n", ["client-secret.cred"]),
            ("enable", .configuration, "systemctl enable jira-usaged.service failed", Self.complete),
            ("start", .unreachable, "jira-usaged did not start", Self.complete),
        ] as [(String, UsageCommands.ExitStatus, String, [String]?)])
    func failures(what: String, status: UsageCommands.ExitStatus, message: String, files: [String]?) async throws {
        try await FakeMachine.with { machine in
            try machine.fail(what, saying: "Because of that.\nAnd so.\n")
            let run = try await setup(machine)
            #expect(run.status == status)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(message), "\(run.errors)")
            #expect(run.errors.contains("\n  Because of that.\n  And so.\n"), "\(run.errors)")
            #expect(machine.configurationFiles == files)
            let quiet = try JSON(parsing: Array(try await setup(machine, Self.ready + ["--json"]).errors.utf8))
            #expect(quiet["data"]?["details"] == ["Because of that.", "And so."])

            let key = try? machine.read("etc/jira-usaged/vault-key.cred")
            try machine.remove("world/fail-\(what)")
            #expect(try await setup(machine).status == .done)
            #expect(machine.configurationFiles == Self.complete)
            if let key { #expect(try machine.read("etc/jira-usaged/vault-key.cred") == key) }
        }
    }

    private static let complete = ["client-secret.cred", "config.toml", "vault-key.cred"]

    @Test("shows the journal of a daemon that does not start, and forgets the failure before the next start")
    func journal() async throws {
        try await FakeMachine.with { machine in
            try machine.write("world/broken", "78")
            try machine.write("world/journal", "config.toml: no such key\nMain process exited\n")
            let run = try await setup(machine)
            #expect(run.status == .configuration)
            #expect(
                run.errors.hasSuffix(
                    """
                    jirausagectl: jira-usaged did not start
                      config.toml: no such key
                      Main process exited
                    See more, and begin again when that is put right: systemctl status jira-usaged; jirausagectl setup

                    """))
            try machine.remove("world/broken")
            #expect(try await setup(machine, []).status == .done)
            #expect(
                machine.changes.suffix(2).first
                    == "systemctl --no-ask-password --no-pager reset-failed jira-usaged.service")
        }
    }

    @Test(
        "names the credential that does not open here, or holds something else, says what to bring, and takes it",
        arguments: ["client-secret", "vault-key"], [true, false])
    func wrongCredential(name: String, isSealedElsewhere: Bool) async throws {
        try await FakeMachine.with { machine in
            _ = try await setup(machine)
            let (path, changes) = (machine.path("etc/jira-usaged/\(name).cred"), machine.changes)
            let wrong = isSealedElsewhere ? "elsewhere" : "\(name) \(Data("two words".utf8).base64EncodedString())"
            try machine.write("etc/jira-usaged/\(name).cred", "sealed \(wrong)\n")
            let run = try await setup(machine, [])
            #expect(run.status == .configuration)
            #expect(run.errors.contains(path) && run.errors.contains("; nothing was changed\n"), "\(run.errors)")
            #expect(run.errors.contains("\n  is named elsewhere\n") == isSealedElsewhere)
            #expect(!run.errors.contains("two words"))
            #expect(machine.changes == changes)

            if name == "client-secret" {
                #expect(run.errors.contains("jirausagectl setup --client-secret-file FILE\n"))
                #expect(try await setup(machine).status == .done)
                #expect(try machine.opened(name) == Self.secret)
            } else {
                #expect(
                    run.errors.contains(
                        "a new key is made: mv --backup=numbered \(path) \(path).old; jirausagectl setup\n"))
                try machine.write("var/lib/jira-usaged/vault.db", "")
                let vault = try await setup(machine, [])
                #expect(
                    vault.errors.contains(
                        "mv --backup=numbered \(path) \(path).old; jirausagectl setup --vault-key-file FILE."))
                rename(path, path + ".old")
                try machine.write("k", Self.key)
                #expect(try await setup(machine, ["--vault-key-file", machine.path("k")]).status == .done)
                #expect(try machine.opened(name) == Self.key)
            }
        }
    }

    @Test("has units read anew that have changed")
    func reload() async throws {
        try await FakeMachine.with { machine in
            try machine.write("world/reload", "yes")
            _ = try await setup(machine)
            #expect(machine.changes.contains("systemctl --no-ask-password --no-pager daemon-reload"))
            #expect(try machine.read("world/reload") == "no\n")
        }
    }

    @Test("takes the place of what a run that was killed has left, and of no credential that is there")
    func leftovers() async throws {
        try await FakeMachine.with { machine in
            try FileManager.default.createDirectory(
                atPath: machine.path("etc/jira-usaged"), withIntermediateDirectories: true)
            for name in ["client-secret.cred", "vault-key.cred", "config.toml"] {
                try machine.write("etc/jira-usaged/.\(name).setup", "half")
            }
            #expect(try await setup(machine).status == .done)
            #expect(machine.configurationFiles == Self.complete)
        }
    }

    @Test("its options are known to the shells, but for the one that is for tests", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let script = try await jirausagectl(["completion", shell]).output
        #expect(script.contains("client-secret-file") && script.contains("host+tpm2"))
        for hidden in ["--root", "-l 'root'", "-l root"] { #expect(!script.contains(hidden)) }
        let help = try await jirausagectl(["setup", "--help"])
        #expect(help.output.contains("--client-id") && !help.output.contains("--root"))
    }
}
