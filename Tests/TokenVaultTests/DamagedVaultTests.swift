import Foundation
import GRDB
import TestSupport
import Testing
import TokenVault
import UsageModel

@Suite("Damaged vaults", .timeLimit(.minutes(20)))
struct DamagedVaultTests {
    /// Seeded cases; `make torture-vault` may set more.
    private static let cases =
        ProcessInfo.processInfo.environment["JIRA_USAGED_DAMAGE_CASES"].flatMap { Int($0) } ?? 10_000

    @Test("each account gets the token last stored for it, or an error that says how to go on; never another token")
    func laws() async throws {
        try await withTemporaryDirectory(inMemory: true) { directory in
            let samples = [
                try await VaultSample(directory: directory, tokenLength: 40),
                try await VaultSample(directory: directory, tokenLength: 2500),
            ]
            let path = "\(directory)/vault.db"
            var counts: [VaultDamage: [String: Int]] = [:]
            for seed in 0..<Self.cases {
                var random = SplitMix64(seed: UInt64(seed))
                let damage = VaultDamage.allCases[seed % VaultDamage.allCases.count]
                let sample = samples[seed / VaultDamage.allCases.count % 2]
                try damage.apply(to: sample, at: path, &random)
                let outcome = try await DamagedVault(path: path, sample: sample, damage: damage).open()
                #expect(outcome.faults.isEmpty, "seed \(seed), \(damage): \(outcome.faults)")
                counts[damage, default: [:]][outcome.kind.rawValue, default: 0] += 1
            }
            for damage in VaultDamage.allCases {
                let text = (counts[damage] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                print("\(damage): \(text.joined(separator: ", "))")
            }
            let refused = counts.values.reduce(0) { $0 + ($1[DamagedVault.Kind.refused.rawValue] ?? 0) }
            #expect(refused > Self.cases / 3, "damage that is not noticed proves nothing")
        }
    }

    @Test("the hot journal of the samples is needed, and undoes all that was half written")
    func hotJournal() async throws {
        try await withTemporaryDirectory(inMemory: true) { directory in
            let sample = try await VaultSample(directory: directory, tokenLength: 2500)
            let path = "\(directory)/vault.db"
            for hasJournal in [true, false] {
                try VaultSample.write(sample.hotFile, to: path)
                if hasJournal { try VaultSample.write(sample.hotJournal, to: path + "-journal") }
                let outcome = try await DamagedVault(path: path, sample: sample, damage: .missingJournal).open()
                #expect(outcome.kind == (hasJournal ? .right : .refused))
                try? FileManager.default.removeItem(atPath: path + "-journal")
            }
        }
    }
}

/// A damaged vault's file, and what came of opening it.
private struct DamagedVault {
    enum Kind: String {
        /// All accounts got their newest tokens.
        case right
        case refused
        /// Rows are gone, and nobody said so: an account is asked to consent, or gets its older generation.
        case rowsGone = "rows gone unnoticed"
    }

    struct Outcome {
        var kind: Kind
        var faults: [String] = []
    }

    let path: String
    let sample: VaultSample
    let damage: VaultDamage

    func open() async throws -> Outcome {
        let before = try VaultSample.bytes(path)
        let vault: TokenVault
        do {
            vault = try TokenVault(
                path: path, key: sample.key, exchange: VaultSample.refuse, now: { VaultSample.now })
        } catch {
            return try judge(error, before)
        }
        var answers: [(AccountID, String?)] = []
        for account in sample.accounts { answers.append((account, await answer(vault, account))) }
        try await vault.close()
        var outcome = Outcome(kind: .right)
        for (account, answer) in answers {
            if let answer, answer.hasPrefix(VaultSample.token(of: account, 2)) { continue }
            outcome.kind = .rowsGone
            let (newest, older) = try rows(of: account)
            if let answer {
                if newest || !answer.hasPrefix(VaultSample.token(of: account, 1)) {
                    outcome.faults.append("\(account) got \(answer.prefix(40))")
                }
            } else if newest || older {
                outcome.faults.append("\(account) got nothing")
            }
        }
        return outcome
    }

    /// `nil` where the vault knows no such account; every other error is told as if it were a token.
    private func answer(_ vault: TokenVault, _ account: AccountID) async -> String? {
        do {
            return try await vault.accessToken(for: account).exposed
        } catch .noGrant {
            return nil
        } catch {
            return "error: \(error)"
        }
    }

    private func judge(_ error: VaultError, _ before: [UInt8]) throws -> Outcome {
        var outcome = Outcome(kind: .refused)
        switch error {
        case .damaged, .foreign, .newer, .wrongKey: break
        default: outcome.faults.append("not clear: \(error)")
        }
        if !["move it away", "move the file away"].contains(where: "\(error)".contains) {
            outcome.faults.append("names no way back: \(error)")
        }
        // What a hot journal restores is SQLite's to change, before anybody can look.
        if !damage.isOfJournal {
            let after = try VaultSample.bytes(path)
            if after != before {
                let changed = zip(before, after).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
                outcome.faults.append("\(error) changed bytes \(changed.prefix(20)), \(before.count) to \(after.count)")
            }
        }
        return outcome
    }

    /// Whether the rows of the account's generations can be seen, by their plain columns.
    private func rows(of account: AccountID) throws -> (newest: Bool, older: Bool) {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT account, number FROM generation")
            func has(_ number: Int) -> Bool {
                rows.contains { row in
                    String.fromDatabaseValue(row["account"]) == account.rawValue
                        && Int.fromDatabaseValue(row["number"]) == number
                }
            }
            return (has(2), has(1))
        }
    }
}
