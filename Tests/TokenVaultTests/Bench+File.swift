import GRDB
import TokenVault
import UsageModel

extension Bench {
    func open(ledger: GenerationLedger) throws(VaultError) -> TokenVault {
        try TokenVault(
            path: path, key: key, ledger: ledger, exchange: server.exchange, clock: clock,
            now: { [clock] in clock.wall })
    }

    /// Makes a vault with a consent of Alice's.
    func fill() async throws {
        let vault = try open()
        try await vault.keep(server.consent(), for: alice)
        try await vault.close()
    }

    /// Changes, or looks into, the file of a closed vault.
    func edit(_ body: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase(body)
        try queue.close()
    }
}
