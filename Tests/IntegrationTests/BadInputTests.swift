import CSQLite
import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("Bad input gets a clear error and loses nothing")
struct BadInputTests {
    @Test(
        "a mistake in the configuration ends the daemon with 78 and a message that names file, key and line",
        .timeLimit(.minutes(5)),
        arguments: [
            ("[sync]\nintervall = \"15m\"\n", "intervall", 2),
            ("[sync]\n\ninterval = 15\n", "interval", 3),
            ("[sync]\ninterval = \"a while\"\n", "interval", 2),
            ("colour = \"blue\"\n", "colour", 1),
            ("[api]\nbase_url = \"http://api.example.org\"\n", "base_url", 2),
            ("[sync\n", "", 1),
        ])
    func configuration(text: String, key: String, line: Int) async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try installation.write(text, to: installation.configPath, mode: 0o644)
            let outcome = try await installation.refusedDaemon()
            #expect(outcome.exitCode == 78)
            #expect(outcome.errors.contains(installation.configPath))
            #expect(outcome.errors.contains(key) || key.isEmpty)
            #expect(outcome.errors.contains(#/(?:line |:)(\d+)/#), "\(outcome.errors)")
            #expect(outcome.errors.contains("line \(line)") || outcome.errors.contains(":\(line)"), "\(outcome.errors)")
        }
    }

    @Test(
        "a key file that others may read, or that is not there, ends the daemon with 78 and a message that names it",
        .timeLimit(.minutes(5)), arguments: ["client-secret", "vault-key"], [0o644, 0o640, nil] as [Int?])
    func secretFiles(name: String, mode: Int?) async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let path = "\(directory)/\(name)"
            if let mode {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            let outcome = try await installation.refusedDaemon()
            #expect(outcome.exitCode == 78)
            #expect(outcome.errors.contains(path), "\(outcome.errors)")
            if mode != nil { #expect(outcome.errors.contains("0600"), "\(outcome.errors)") }
        }
    }

    @Test(
        "without a vault a missing key is to be made; of a vault that is there it is to be restored",
        .timeLimit(.minutes(5)))
    func missingKey() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let key = try Data(contentsOf: URL(filePath: installation.vaultKeyPath))
            try FileManager.default.removeItem(atPath: installation.vaultKeyPath)
            let new = try await installation.refusedDaemon()
            #expect(new.exitCode == 78 && new.errors.contains("/dev/urandom"), "\(new.errors)")

            try installation.write(String(decoding: key, as: UTF8.self), to: installation.vaultKeyPath, mode: 0o600)
            try await installation.withDaemon { _ in }
            try FileManager.default.removeItem(atPath: installation.vaultKeyPath)
            let old = try await installation.refusedDaemon()
            #expect(old.exitCode == 78 && old.errors.contains("restore it"), "\(old.errors)")
            #expect(old.errors.contains("\(installation.statePath)/vault.db") && !old.errors.contains("/dev/urandom"))
        }
    }

    @Test("a vault that others may open, or that is a link, ends the daemon with 78", .timeLimit(.minutes(5)))
    func exposedVault() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { _ in }
            let path = "\(installation.statePath)/vault.db"
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            let exposed = try await installation.refusedDaemon()
            #expect(exposed.exitCode == 78 && exposed.errors.contains("chmod 0600 \(path)"), "\(exposed.errors)")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".real")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".real")
            let link = try await installation.refusedDaemon()
            #expect(link.exitCode == 78 && link.errors.contains("is a symbolic link"), "\(link.errors)")
        }
    }

    @Test("the vault alone keeps a second daemon out too, and names the first", .timeLimit(.minutes(5)))
    func secondVault() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { first in
                // Without the lock file nothing but the vault's own lock is left.
                try FileManager.default.removeItem(atPath: "\(installation.statePath)/lock")
                let second = try await installation.refusedDaemon()
                #expect(second.exitCode == 78, "\(second.errors)")
                #expect(
                    second.errors.contains("vault.db is in use by another process (pid \(first.pid))"),
                    "\(second.errors)")
                #expect(try await installation.status().state == "ready")
            }
        }
    }

    @Test("a vault key that is not 32 bytes in base64 ends the daemon with 78", .timeLimit(.minutes(5)))
    func shortKey() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try installation.write("dG9vIHNob3J0\n", to: installation.vaultKeyPath, mode: 0o600)
            let outcome = try await installation.refusedDaemon()
            #expect(outcome.exitCode == 78)
            #expect(outcome.errors.contains("32 bytes"), "\(outcome.errors)")
        }
    }

    @Test(
        "a wrong client secret is told as such and costs no consent: with the right one all goes on",
        .timeLimit(.minutes(5)))
    func wrongSecret() async throws {
        try await withTemporaryDirectory { directory in
            let size = ["--users", "20", "--issues", "50"]
            try await Simulator.withSimulator(size, directory: directory) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                }

                try installation.write("wrong", to: installation.clientSecretPath, mode: 0o600)
                try await simulator.post("/_sim/faults", #"[{"revokeAccessTokens":true}]"#)
                try await installation.withDaemon { _ in
                    let outcome = try await installation.client("sync", "run", "--wait")
                    #expect(outcome.exitCode == 78)
                    #expect(outcome.errors.contains("client secret"), "\(outcome.errors)")
                    let status = try await installation.status()
                    #expect(status.sites.first?.auth.state != "reauthorise")
                    #expect(status.sites.first?.auth.state != "none")
                    #expect(status.health != "ok")
                }

                try installation.write(simulator.clientSecret, to: installation.clientSecretPath, mode: 0o600)
                try await installation.withDaemon { _ in
                    try await installation.sync()
                    #expect(try await installation.status().sites.first?.auth.state == "valid")
                }
            }
        }
    }

    @Test("after a garbage line, an array, and a line too long, the connection goes on", .timeLimit(.minutes(5)))
    func garbageLines() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { _ in
                let line = try SocketLine(path: installation.socketPath)
                func answer() async throws -> Reply<Status> {
                    let text = try #require(await line.receiveLine())
                    return try JSONDecoder().decode(Reply<Status>.self, from: Data(text.utf8))
                }
                line.send(line: "{nonsense")
                #expect(try await answer().error?.code == -32700)
                line.send([0xff, 0xfe, 0x00, 0x0a])
                #expect(try await answer().error?.code == -32700)
                line.send(line: "[]")
                #expect(try await answer().error?.code == -32600)
                line.send(line: String(repeating: "x", count: 200_000))
                #expect(try await answer().error?.code == -32600)
                line.send(line: #"{"method":"no.such"}"#)
                #expect(try await answer().error?.code == -32601)
                line.send(line: #"{"jsonrpc":"2.0","id":1,"method":"status"}"#)
                #expect(try await answer().result?.state == "ready")
            }
        }
    }

    @Test("a second daemon on the same state ends with 78 and names the first, which goes on", .timeLimit(.minutes(5)))
    func secondDaemon() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { first in
                let second = try await installation.refusedDaemon()
                #expect(second.exitCode == 78)
                #expect(second.errors.contains("pid \(first.pid)"), "\(second.errors)")
                #expect(try await installation.status().state == "ready")
            }
        }
    }

    @Test(
        "a database of a newer version ends the daemon with 78 and is left as it is", .timeLimit(.minutes(5)),
        arguments: [
            ("usage.db", "INSERT INTO grdb_migrations VALUES ('9999 of a version to come')"),
            ("vault.db", "PRAGMA user_version = 9999"),
        ])
    func newerDatabase(name: String, change: String) async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { _ in }
            let path = "\(installation.statePath)/\(name)"
            try execute(change, in: path)
            let before = try Data(contentsOf: URL(filePath: path))

            let outcome = try await installation.refusedDaemon()
            #expect(outcome.exitCode == 78)
            #expect(outcome.errors.contains(path), "\(outcome.errors)")
            #expect(outcome.errors.contains("newer"), "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    private func execute(_ sql: String, in path: String) throws {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        let code = sqlite3_exec(database, sql, nil, nil, nil)
        try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
    }
}
