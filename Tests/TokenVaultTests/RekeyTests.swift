import Foundation
import GRDB
import Testing
import TokenVault
import UsageModel

@Suite("A new key for the vault", .timeLimit(.minutes(5)))
struct RekeyTests {
    private let next = VaultKey()

    @Test("re-keyed, the vault opens with either key; after the first opening with the next one with that alone")
    func either() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            #expect(try await !vault.isRekeyed())
            try await vault.rekey(to: next)
            #expect(try await vault.isRekeyed())
            try await vault.close()

            // The administrator restarts before the key is in its place, twice.
            for _ in 0..<2 {
                let again = try bench.open()
                #expect(try await again.isRekeyed())
                try await expect("ACCESS-r0", from: again, for: bench.alice)
                try await again.close()
            }

            let with = try bench.open(next)
            #expect(try await !with.isRekeyed())
            try await expect("ACCESS-r0", from: with, for: bench.alice)
            try await with.close()
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open() }
            try await bench.open(next).close()
        }
    }

    @Test("the rows of tokens are the same bytes before and after, and the old wrap is gone from the file")
    func rows() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let before = try bench.rows()
            let old = try bench.wraps()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            try await vault.close()
            #expect(try bench.rows() == before)
            let both = try bench.wraps()
            #expect(both.count == 2 && both[0] == old[0])

            let opened = try bench.open(next)
            for wrap in both {
                #expect(!bench.holds(wrap), "a wrap that was dropped is overwritten, in the journal too")
            }
            try await opened.remove(bench.alice)
            for row in before.joined() { #expect(!bench.holds(row), "tokens that were forgotten are") }
            try await opened.close()
            #expect(try bench.wraps().count == 1)
            for bytes in both + before.joined() { #expect(!bench.holds(bytes)) }
        }
    }

    @Test("another re-keying takes the place of the one before it")
    func again() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let other = VaultKey()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            try await vault.rekey(to: other)
            try await vault.rekey(to: other)
            try await vault.close()
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open(next) }
            try await bench.open(other).close()
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open() }
        }
    }

    @Test("the present key is refused as the next one, and changes nothing")
    func same() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            await #expect(throws: VaultError.sameKey(path: bench.path)) { try await vault.rekey(to: bench.key) }
            try await vault.close()
            try await bench.open(next).close()
        }
    }

    @Test("a third key is refused and changes nothing while there are two")
    func third() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            try await vault.close()
            let before = FileManager.default.contents(atPath: bench.path)
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open(VaultKey()) }
            #expect(FileManager.default.contents(atPath: bench.path) == before)
        }
    }

    @Test("a wrap in the other's place opens nothing")
    func swapped() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            try await vault.close()
            try bench.edit { database in
                let wraps = try Data.fetchAll(database, sql: "SELECT sealed FROM dataKey ORDER BY id DESC")
                for (id, wrap) in wraps.enumerated() {
                    try database.execute(
                        sql: "UPDATE dataKey SET sealed = ? WHERE id = ?", arguments: [wrap, id + 1])
                }
            }
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open() }
            #expect(throws: VaultError.wrongKey(path: bench.path)) { try bench.open(next) }
        }
    }

    @Test("a refresh while the vault is re-keyed is there with either key")
    func refreshed() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            let vault = try bench.open()
            try await vault.rekey(to: next)
            try await bench.running(vault) {
                _ = try await vault.accessToken(for: bench.alice, rejecting: Secret("ACCESS-r0"))
            }
            let old = try bench.open()
            try await expect("ACCESS-1", from: old, for: bench.alice)
            try await old.close()
            let new = try bench.open(next)
            try await expect("ACCESS-1", from: new, for: bench.alice)
            try await new.close()
        }
    }
}

extension Bench {
    fileprivate func rows() throws -> [[Data]] {
        try look { database in
            try Row.fetchAll(database, sql: "SELECT tokens, journal FROM generation ORDER BY account, number").map {
                [$0[0], $0[1]]
            }
        }
    }

    fileprivate func wraps() throws -> [Data] {
        try look { try Data.fetchAll($0, sql: "SELECT sealed FROM dataKey ORDER BY id") }
    }

    /// Whether the end of some bytes is in the vault's file, or in its journal.
    fileprivate func holds(_ bytes: Data) -> Bool {
        [path, path + "-journal"].contains {
            FileManager.default.contents(atPath: $0)?.range(of: bytes.suffix(24)) != nil
        }
    }

    private func look<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let queue = try DatabaseQueue(path: path)
        let value = try queue.inDatabase(body)
        try queue.close()
        return value
    }
}
