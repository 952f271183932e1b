import Foundation
import GRDB
import Testing
import TokenVault
import UsageModel

@Suite("The vault's file", .timeLimit(.minutes(5)))
struct VaultFileTests {
    @Test("a consent is there again after a reopening, with its access token and its dates")
    func reopens() async throws {
        try await Bench.run { bench in
            let first = try bench.open()
            try await first.keep(bench.server.consent(), for: bench.alice)
            let before = await first.grants()
            try await first.close()

            let second = try bench.open()
            #expect(await second.grants() == before)
            try await expect("ACCESS-r0", from: second, for: bench.alice)
            #expect(before.map(\.account) == [bench.alice])
            #expect(before.first?.scopes == ["read:jira-user", "offline_access"])
            #expect(before.first?.consentedAt == bench.clock.wall)
            #expect(before.first?.idleExpiresAt == bench.clock.wall + .days(90))
            #expect(before.first?.absoluteExpiresAt == bench.clock.wall + .days(365))
            try await second.close()
        }
    }

    @Test("only its owner may read the file")
    func mode() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            let attributes = try FileManager.default.attributesOfItem(atPath: bench.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try await vault.close()
        }
    }

    @Test("after no step does the file, or a journal left beside it, hold a token in plain text")
    func noPlaintext() async throws {
        try await Bench.run { bench in
            var seen = Data()
            let vault = try bench.open()
            let look = { (seen: inout Data) in
                for suffix in ["", "-journal"] {
                    seen += FileManager.default.contents(atPath: bench.path + suffix) ?? Data()
                }
            }
            try await vault.keep(bench.server.consent(), for: bench.alice)
            look(&seen)
            try await bench.running(vault) {
                _ = try await vault.accessToken(for: bench.alice, rejecting: Secret("ACCESS-r0"))
                look(&seen)
            }
            look(&seen)
            #expect(seen.range(of: Data(bench.alice.rawValue.utf8)) != nil, "the account is not secret")
            for secret in ["ACCESS-", "\"r0\"", "\"r1\"", "refreshToken", "read:jira-user"] {
                #expect(seen.range(of: Data(secret.utf8)) == nil, "\(secret)")
            }
        }
    }

    @Test("another key is refused, changes nothing, and leaves the vault to the right one")
    func wrongKey() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let before = FileManager.default.contents(atPath: bench.path)
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open(VaultKey()) }
            #expect(FileManager.default.contents(atPath: bench.path) == before)
            let vault = try bench.open()
            try await expect("ACCESS-r0", from: vault, for: bench.alice)
            try await vault.close()
        }
    }

    @Test("a second opener is told that the file is in use")
    func inUse() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            #expect(throws: VaultError.inUse(path: bench.path)) { try bench.open() }
            try await vault.close()
            try await bench.open().close()
        }
    }

    @Test("a changed row is found out", arguments: ["tokens", "journal"])
    func tampered(column: String) async throws {
        try await Bench.run { bench in
            try await bench.fill()
            try bench.edit { database in
                let sealed = try Data.fetchOne(database, sql: "SELECT \(column) FROM generation").orThrow()
                var bytes = Array(sealed)
                bytes[bytes.count / 2] ^= 1
                try database.execute(sql: "UPDATE generation SET \(column) = ?", arguments: [Data(bytes)])
            }
            try bench.expectDamage()
        }
    }

    @Test(
        "a row in another's place is found out",
        arguments: [
            "UPDATE generation SET account = '5b10:bob'",
            "UPDATE generation SET number = number + 1",
            "UPDATE generation SET journal = tokens",
            "UPDATE generation SET tokens = journal",
        ])
    func moved(sql: String) async throws {
        try await Bench.run { bench in
            try await bench.fill()
            try bench.edit { try $0.execute(sql: sql) }
            try bench.expectDamage()
        }
    }

    @Test("rows of two accounts cannot be swapped")
    func swapped() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            try await vault.keep(bench.server.consent("r100"), for: bench.bob)
            try await vault.close()
            try bench.edit { database in
                for (from, to) in [("alice", "tmp"), ("bob", "alice"), ("tmp", "bob")] {
                    try database.execute(
                        sql: "UPDATE generation SET account = ? WHERE account = ?",
                        arguments: ["5b10:\(to)", "5b10:\(from)"])
                }
            }
            try bench.expectDamage()
        }
    }

    @Test("a file of a later version is refused and not touched")
    func newer() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            try bench.edit { try $0.execute(sql: "PRAGMA user_version = 99") }
            let before = FileManager.default.contents(atPath: bench.path)
            #expect(throws: VaultError.newer(path: bench.path)) { try bench.open() }
            #expect(FileManager.default.contents(atPath: bench.path) == before)
        }
    }

    @Test("another program's file is refused and not touched", arguments: [true, false])
    func foreign(isSQLite: Bool) async throws {
        try await Bench.run { bench in
            if isSQLite {
                try bench.edit { try $0.execute(sql: "CREATE TABLE other (a)") }
            } else {
                try Data(repeating: 65, count: 8192).write(to: URL(filePath: bench.path))
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: bench.path)
            let before = FileManager.default.contents(atPath: bench.path)
            #expect(throws: VaultError.foreign(path: bench.path)) { try bench.open() }
            #expect(FileManager.default.contents(atPath: bench.path) == before)
        }
    }

    @Test("commits survive a power cut: rollback journal, EXTRA, strict tables")
    func durability() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            try bench.edit { database in
                #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "delete", "not WAL")
                let strict = try Bool.fetchAll(
                    database,
                    sql: "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'")
                #expect(strict == [true, true])
            }
        }
    }

    @Test("the last two generations are kept, of each account its own")
    func twoGenerations() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            for name in ["r0", "r100", "r200", "r300"] {
                try await vault.keep(bench.server.consent(name), for: bench.alice)
            }
            try await vault.keep(bench.server.consent("r400"), for: bench.bob)
            try await vault.close()
            try bench.edit { database in
                let rows = try Row.fetchAll(database, sql: "SELECT account, number FROM generation ORDER BY 1, 2")
                #expect(
                    rows.map { "\($0[0] as String) \($0[1] as Int)" } == ["5b10:alice 3", "5b10:alice 4", "5b10:bob 1"])
            }
        }
    }

    @Test("what was removed is gone from the file, and asked for no more")
    func removes() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            try await vault.remove(bench.alice)
            #expect(await refusal(by: vault, of: bench.alice) == .noGrant(bench.alice))
            try await vault.close()
            try bench.edit { database in
                let rows = try Int.fetchOne(database, sql: "SELECT count(*) FROM generation")
                #expect(rows == 0)
            }
        }
    }

    @Test("a consent without a refresh token is refused, and the older one stays")
    func noRefreshToken() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            try await vault.keep(bench.server.consent(), for: bench.alice)
            let tokens = IssuedTokens(
                accessToken: Secret("short"), expiresIn: .seconds(3600), refreshToken: nil, scopes: [])
            await #expect(throws: VaultError.noRefreshToken(bench.alice)) {
                try await vault.keep(tokens, for: bench.alice)
            }
            try await expect("ACCESS-r0", from: vault, for: bench.alice)
            try await vault.close()
        }
    }

    @Test("a key is 32 bytes in base64 and nothing else; it and the tokens cannot be printed")
    func keys() {
        #expect(VaultKey(base64: Data(repeating: 7, count: 32).base64EncodedString()) != nil)
        #expect(VaultKey(base64: Data(repeating: 7, count: 31).base64EncodedString()) == nil)
        #expect(VaultKey(base64: String(repeating: "ab", count: 32) + "!") == nil)
        let tokens = IssuedTokens(
            accessToken: Secret("hidden"), expiresIn: .zero, refreshToken: Secret("hidden"), scopes: [])
        var dumped = ""
        dump(tokens, to: &dumped)
        #expect(!"\(tokens) \(String(reflecting: tokens)) \(dumped)".contains("hidden"))
        #expect("\(VaultKey())" == "VaultKey(…)")
    }
}

extension Bench {
    fileprivate func expectDamage() throws {
        let error = #expect(throws: VaultError.self) { try open() }
        guard case .damaged(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
