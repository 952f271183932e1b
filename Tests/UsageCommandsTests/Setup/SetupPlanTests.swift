import ControlProtocol
import Foundation
import Testing
import UsageModel

@testable import UsageCommands

@Suite("What setup decides from what it finds")
struct SetupPlanTests {
    private func plan(
        _ options: SetupOptions = SetupOptions(), _ change: (inout SetupSituation) -> Void = { _ in }
    ) throws -> SetupPlan {
        var situation = SetupSituation(isInteractive: true)
        change(&situation)
        return try SetupPlan(situation, options)
    }

    private func options(clientSecret: String? = nil, vaultKey: String? = nil, clientID: String? = nil) -> SetupOptions
    {
        var options = SetupOptions(clientID: clientID)
        options.secretFiles[.clientSecret] = clientSecret
        options.secretFiles[.vaultKey] = vaultKey
        return options
    }

    @Test("On a new machine the person is asked, and the vault's key is made")
    func first() throws {
        let plan = try plan()
        #expect(plan.asksForClientID)
        #expect(plan.clientSecret == .person)
        #expect(plan.vaultKey == .random)
    }

    @Test("What is there is kept")
    func kept() throws {
        let plan = try plan {
            $0.hasClientID = true
            $0.clientSecret = .init(hasCredential: true, plainFile: "/plain")
            $0.vaultKey = .init(hasCredential: true, plainFile: "/plain")
        }
        #expect(!plan.asksForClientID && plan.clientSecret == .kept && plan.vaultKey == .kept)
    }

    @Test("Files of an older set-up are taken over")
    func plainFiles() throws {
        let plan = try plan {
            $0.clientSecret.plainFile = "/s"
            $0.vaultKey.plainFile = "/k"
            $0.vault = "/vault.db"
        }
        #expect(plan.clientSecret == .plainFile("/s") && plan.vaultKey == .plainFile("/k"))
    }

    @Test("A file that is named wins over the client secret that is there, and never over the vault's key")
    func named() throws {
        let plan = try plan(options(clientSecret: "/s", vaultKey: "/k", clientID: "id")) {
            $0.clientSecret = .init(hasCredential: true, plainFile: "/plain")
            $0.vaultKey.hasCredential = true
        }
        #expect(!plan.asksForClientID && plan.clientSecret == .file("/s") && plan.vaultKey == .kept)
        #expect(try self.plan(options(vaultKey: "/k")) { $0.vaultKey.plainFile = "/plain" }.vaultKey == .file("/k"))
    }

    @Test("Standard input is read in the clear only where it is no terminal")
    func standardInput() throws {
        #expect(try plan(options(clientSecret: "-")).clientSecret == .person)
        let piped = try plan(options(clientSecret: "-", clientID: "id")) { $0.isInteractive = false }
        #expect(piped.clientSecret == .file("-"))
    }

    @Test("Without a terminal every option is named that is missing")
    func missing() {
        func missing(_ options: SetupOptions, _ change: (inout SetupSituation) -> Void = { _ in }) -> [String]? {
            do {
                _ = try plan(options) {
                    $0.isInteractive = false
                    change(&$0)
                }
                return nil
            } catch SetupFailure.needs(let options) {
                return options
            } catch {
                return ["?"]
            }
        }
        #expect(missing(options()) == ["--client-id ID", "--client-secret-file FILE"])
        #expect(missing(options(clientSecret: "/s")) == ["--client-id ID"])
        #expect(missing(options(clientID: "id")) == ["--client-secret-file FILE"])
        #expect(missing(options(clientID: "id")) { $0.clientSecret.hasCredential = true } == nil)
        #expect(missing(options(clientSecret: "/s")) { $0.hasClientID = true } == nil)
    }

    @Test("No key is made for a vault that another one sealed")
    func vaultWithoutKey() throws {
        #expect {
            _ = try plan { $0.vault = "/vault.db" }
        } throws: { error in
            if case SetupFailure.keyMissing(vault: "/vault.db") = error { true } else { false }
        }
        #expect(try plan(options(vaultKey: "/k")) { $0.vault = "/vault.db" }.vaultKey == .file("/k"))
    }

    // MARK: - The machine

    @Test("Only root may, on this machine")
    func root() throws {
        #expect {
            try Machine(root: nil).check(user: 1000)
        } throws: { error in
            guard case SetupFailure.notRoot = error else { return false }
            return SetupFailure.notRoot.status == .notPermitted
        }
        try Machine(root: nil).check(user: 0)
        try Machine(root: "/scratch").check(user: 1000)
        #expect(Machine(root: nil).credential(.vaultKey) == "/etc/jira-usaged/vault-key.cred")
    }

    // MARK: - The unit and the service

    @Test(
        "The last line for a credential holds, and an empty one forgets those before",
        arguments: [
            ("LoadCredentialEncrypted=a:/x\n", UnitCredentials.Source(path: "/x", isEncrypted: true)),
            ("LoadCredentialEncrypted=a:/x\nLoadCredential=a:/y\n", .init(path: "/y", isEncrypted: false)),
            (" LoadCredential = a:/x \n", .init(path: "/x", isEncrypted: false)),
            ("LoadCredential=a\n", .init(path: "a", isEncrypted: false)),
            ("LoadCredential=a:/x\nLoadCredentialEncrypted=\n", nil),
            ("# LoadCredential=a:/x\n;LoadCredential=a:/x\nLoadCredential=b:/x\n", nil),
        ])
    func unit(text: String, source: UnitCredentials.Source?) {
        #expect(UnitCredentials("[Service]\n" + text).sources["a"] == source)
    }

    private static let started = """
        LoadState=loaded
        ActiveState=active
        UnitFileState=enabled
        NeedDaemonReload=no
        ExecMainStartTimestamp=Fri 2026-11-27 18:03:12.123456 UTC
        ExecMainStatus=0

        """

    @Test(
        "The service manager is told what is missing and nothing else",
        arguments: [
            ([], "18:03:12.123", []),
            // Files newer than the daemon were not read by it, whoever changed them.
            ([], "18:03:12.124", [.reload, .restart]),
            ([("active\n", "reloading\n")], "18:03:12.123", []),
            ([("enabled", "disabled")], "18:03:12.123", [.enable]),
            ([("active\n", "inactive\n")], "18:03:12.123", [.start]),
            ([("active\n", "activating\n")], "18:03:12.124", [.start]),
            (
                [("active\n", "failed\n"), ("enabled", "")], "18:03:12.123",
                [.enable, .forgetFailure, .start]
            ),
            ([("Fri 2026-11-27 18:03:12.123456 UTC", "")], "18:03:12.123", [.reload, .restart]),
        ] as [([(String, String)], String, [ServiceCommand])])
    func service(changes: [(String, String)], changedAt: String, commands: [ServiceCommand]) throws {
        var text = Self.started
        for (old, new) in changes { text = text.replacingOccurrences(of: old, with: new) }
        let changedAt = try #require(Instant("2026-11-27T\(changedAt)Z"))
        #expect(ServiceState(text).commands(changedAt: changedAt) == commands)
    }

    @Test("A failed start is the administrator's matter where the daemon, or systemd about its secrets, says so")
    func statuses() {
        func status(_ code: Int) -> UsageCommands.ExitStatus { SetupFailure.service(exitStatus: code, says: []).status }
        #expect(status(78) == .configuration && status(243) == .configuration)
        #expect(status(0) == .unreachable && status(70) == .unreachable)
    }

    // MARK: - Values

    @Test(
        "What the daemon would refuse is refused, with the option that said it",
        arguments: [
            ["--client-id", "a b"], ["--client-id", ""], ["--client-id", "a\"b"], ["--client-id", "ä"],
            ["--redirect-uri", "http://example.com/cb"], ["--api-base-url", "ftp://127.0.0.1"],
            ["--api-base-url", "https://host/?q"], ["--authorization-server", "https://user@host"],
            ["--with-key", "paper"], ["--client-secret-file", "-", "--vault-key-file", "-"],
        ])
    func values(arguments: [String]) async throws {
        let run = try await jirausagectl(["setup", "--root", "/nowhere"] + arguments)
        #expect(run.status == .usage)
        #expect(run.output.isEmpty)
        if arguments.count == 2 { #expect(run.errors.contains(arguments[0])) }
    }

    @Test("Base64 is as others make it, and a key of 32 bytes is known by its length and digits")
    func base64() {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = Base64.text(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(SetupSecret.vaultKey.accepts(text) == (count == 32))
        }
        #expect(!SetupSecret.vaultKey.accepts(String(repeating: "*", count: 43) + "="))
        #expect(!SetupSecret.vaultKey.accepts(String(repeating: "A", count: 42) + "=="))
        #expect(SetupSecret.clientSecret.accepts("ATOA-x/y"))
        for wrong in ["", "a b", "a\nb", "a\u{7F}"] { #expect(!SetupSecret.clientSecret.accepts(wrong)) }
    }
}
