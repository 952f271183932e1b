import Foundation
import GRDB
import Synchronization
import Testing
import TokenVault
import UsageModel

@Suite("An older copy of the vault", .timeLimit(.minutes(5)))
struct OlderCopyTests {
    /// A ledger kept as the daemon keeps it.
    private final class Ledger: Sendable {
        let state = Mutex(GenerationLedger())

        var value: GenerationLedger { state.withLock { $0 } }

        func note(_ account: AccountID, _ generation: Int) {
            state.withLock { $0.newest[account] = max($0.newest[account] ?? 0, generation) }
        }
    }

    /// As `Bench.running`, telling the ledger.
    private func running(
        _ vault: TokenVault, _ ledger: Ledger, _ body: () async throws -> Void = {}
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await vault.run { ledger.note($0, $1) } }
            do {
                try await body()
            } catch {
                vault.stop()
                throw error
            }
            vault.stop()
            try await group.waitForAll()
        }
        try await vault.close()
    }

    /// A vault of Alice's and Bob's whose copy is one refresh of Alice's behind, put back.
    private func restore(_ bench: Bench, _ ledger: Ledger) async throws {
        let vault = try bench.open(ledger: ledger.value)
        try await vault.keep(bench.server.consent(), for: bench.alice)
        // The server's second token, which Alice's refresh makes a good one, and which she has no more once restored.
        try await vault.keep(bench.server.consent("r1"), for: bench.bob)
        try await vault.close()
        try FileManager.default.copyItem(atPath: bench.path, toPath: bench.path + ".copy")
        try await running(try bench.open(ledger: ledger.value), ledger) {}
        let again = try bench.open(ledger: ledger.value)
        try await running(again, ledger) {
            _ = try await again.accessToken(for: bench.alice, rejecting: Secret("ACCESS-r0"))
        }
        #expect(ledger.value.newest == [bench.alice: 2, bench.bob: 1])
        try FileManager.default.removeItem(atPath: bench.path)
        try FileManager.default.moveItem(atPath: bench.path + ".copy", toPath: bench.path)
    }

    @Test("its tokens are neither sent nor handed out, however long it runs; other accounts go on")
    func untouched() async throws {
        try await Bench.run { bench in
            let ledger = Ledger()
            try await restore(bench, ledger)
            #expect(bench.server.sent == ["r0"])
            let vault = try bench.open(ledger: ledger.value)
            let statuses = await vault.grants()
            #expect(statuses.map(\.state) == [.reauthorise, .valid])
            #expect(statuses.map(\.isOlderCopy) == [true, false])
            try await running(vault, ledger) {
                // A week makes every grant that may be refreshed due.
                await eventually { bench.clock.hasSleeper(for: .seconds(3600)) }
                bench.clock.advance(by: .days(8))
                await eventually { bench.server.sent.count == 2 }
                let expected = VaultError.olderCopy(bench.alice, path: bench.path)
                #expect(await refusal(by: vault, of: bench.alice) == expected)
                #expect(await refusal(by: vault, of: bench.alice, rejecting: Secret("ACCESS-r0")) == expected)
                try await expect("ACCESS-2", from: vault, for: bench.bob)
            }
            #expect(bench.server.sent == ["r0", "r1"])
            #expect(ledger.value.newest == [bench.alice: 2, bench.bob: 2])
        }
    }

    @Test("one that was taken in the middle of a refresh does not go on with it at the start")
    func refreshing() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            bench.server.misbehave(.refuse(.ambiguous))
            let vault = try bench.open()
            try await bench.running(vault) {
                #expect(await refusal(by: vault, of: bench.alice, rejecting: Secret("ACCESS-r0")) != nil)
            }
            #expect(bench.server.sent == ["r0"])
            let copy = try bench.open(ledger: GenerationLedger(newest: [bench.alice: 2]))
            try await bench.running(copy) {
                #expect(await refusal(by: copy, of: bench.alice) == .olderCopy(bench.alice, path: bench.path))
            }
            #expect(bench.server.sent == ["r0"])
            // With the ledger that fits, it is sent again.
            let right = try bench.open(ledger: GenerationLedger(newest: [bench.alice: 1]))
            try await bench.running(right) { await eventually { bench.server.sent.count == 2 } }
            #expect(bench.server.sent == ["r0", "r0"])
        }
    }

    @Test("a new consent mends it, counting on from what the ledger knows, and it is good after a reopening")
    func mended() async throws {
        try await Bench.run { bench in
            let ledger = Ledger()
            try await restore(bench, ledger)
            let vault = try bench.open(ledger: ledger.value)
            try await running(vault, ledger) {
                try await vault.keep(bench.server.consent("r200"), for: bench.alice)
                try await expect("ACCESS-r200", from: vault, for: bench.alice)
            }
            #expect(ledger.value.newest[bench.alice] == 3)
            let again = try bench.open(ledger: ledger.value)
            #expect(await again.grants().map(\.isOlderCopy) == [false, false])
            try await expect("ACCESS-r200", from: again, for: bench.alice)
            try await again.close()
        }
    }

    @Test("a vault ahead of the ledger is good, and the ledger is caught up")
    func ahead() async throws {
        try await Bench.run { bench in
            let ledger = Ledger()
            let first = try bench.open()
            for name in ["r0", "r100", "r200"] {
                try await first.keep(bench.server.consent(name), for: bench.alice)
            }
            try await first.close()
            ledger.note(bench.alice, 1)
            let vault = try bench.open(ledger: ledger.value)
            try await expect("ACCESS-r200", from: vault, for: bench.alice)
            try await running(vault, ledger)
            #expect(ledger.value.newest == [bench.alice: 3])
        }
    }

    @Test("a generation that was taken away is told, too, by the same number")
    func rowTakenAway() async throws {
        try await Bench.run { bench in
            let ledger = Ledger()
            try await bench.fill()
            let vault = try bench.open()
            try await running(vault, ledger) {
                _ = try await vault.accessToken(for: bench.alice, rejecting: Secret("ACCESS-r0"))
            }
            try bench.edit { try $0.execute(sql: "DELETE FROM generation WHERE number = 2") }
            let copy = try bench.open(ledger: ledger.value)
            #expect(await copy.grants().map(\.isOlderCopy) == [true])
            try await copy.close()
        }
    }

    @Test("a row that a crash left of a forgotten consent does not make the next one look older")
    func leftOver() async throws {
        try await Bench.run { bench in
            let left = GenerationLedger(newest: [bench.alice: 7])
            let vault = try bench.open(ledger: left)
            #expect(await vault.grants().isEmpty)
            try await vault.keep(bench.server.consent(), for: bench.alice)
            try await vault.close()
            let again = try bench.open(ledger: left)
            try await expect("ACCESS-r0", from: again, for: bench.alice)
            try await again.close()
        }
    }

    @Test("a copy from before a logout is told from the consent that came after it, in the same run or a later one")
    func acrossLogout() async throws {
        try await Bench.run { bench in
            let vault = try bench.open()
            for name in ["r0", "r100", "r200"] {
                try await vault.keep(bench.server.consent(name), for: bench.alice)
            }
            #expect(try await vault.remove(bench.alice) == 3)
            try await vault.keep(bench.server.consent("r300"), for: bench.alice)
            #expect(try await vault.remove(bench.alice) == 4)
            #expect(try await vault.remove(bench.alice) == nil)
            try await vault.close()
            let later = try bench.open(ledger: GenerationLedger(floor: 4))
            try await later.keep(bench.server.consent("r400"), for: bench.alice)
            #expect(try await later.remove(bench.alice) == 5)
            try await later.close()
        }
    }

    @Test("an older journal put back over a newer one sends no other token than the newer would have")
    func replayedJournal() async throws {
        try await Bench.run { bench in
            try await bench.fill()
            var valid = Data()
            try bench.edit { valid = try Data.fetchOne($0, sql: "SELECT journal FROM generation").orThrow() }
            bench.server.misbehave(.loseAnswer)
            let vault = try bench.open()
            try await bench.running(vault) {
                bench.clock.advance(by: .seconds(3550))
                #expect(await refusal(by: vault, of: bench.alice) != nil)
            }
            try bench.edit { database in
                let now = try Data.fetchOne(database, sql: "SELECT journal FROM generation")
                #expect(now != valid)
                try database.execute(sql: "UPDATE generation SET journal = ?", arguments: [valid])
            }
            let replayed = try bench.open()
            #expect(await replayed.grants().map(\.state) == [.valid])
            try await bench.running(replayed) {
                // The first use finds the access token run out, and sends what was sent before: inside the leeway.
                try await expect("ACCESS-1", from: replayed, for: bench.alice)
            }
            #expect(bench.server.sent == ["r0", "r0"])
        }
    }
}
