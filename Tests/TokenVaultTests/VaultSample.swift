import Foundation
import GRDB
import TokenVault
import UsageModel

/// A whole vault with three accounts of two generations each, as bytes that can be damaged.
struct VaultSample {
    let file: [UInt8]
    /// The same vault, as a kill in the middle of a commit leaves it.
    let hotFile: [UInt8]
    let hotJournal: [UInt8]
    let key: VaultKey
    let accounts: [AccountID]

    static let refuse: TokenVault.Exchange = { (_) async throws(ExchangeError) in throw .clientRejected }
    static let now = Instant(milliseconds: 1_795_478_400_000)

    /// - Parameter tokenLength: in bytes. Long ones need overflow pages.
    init(directory: String, tokenLength: Int) async throws {
        let path = "\(directory)/sample-\(tokenLength).db"
        let key = VaultKey()
        let accounts = try ["alice", "bob", "carol"].map { try AccountID(rawValue: "5b10:\($0)").orThrow() }
        let vault = try TokenVault(path: path, key: key, exchange: Self.refuse, now: { Self.now })
        for generation in 1...2 {
            for account in accounts {
                let token = Self.token(of: account, generation)
                try await vault.keep(
                    IssuedTokens(
                        accessToken: Secret(token.padding(toLength: tokenLength, withPad: "x", startingAt: 0)),
                        expiresIn: .days(3650), refreshToken: Secret("refresh \(token)"), scopes: ["offline_access"]),
                    for: account)
            }
        }
        try await vault.close()
        file = try Self.bytes(path)
        try leaveHotJournal(at: path)
        hotFile = try Self.bytes(path)
        hotJournal = try Self.bytes(path + "-journal")
        (self.key, self.accounts) = (key, accounts)
    }

    /// How the access token of a generation begins.
    static func token(of account: AccountID, _ generation: Int) -> String { "\(account.rawValue) \(generation) " }

    /// With the mode that a vault has: with another one it is refused for that.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(FileManager.default.contents(atPath: path).orThrow())
    }
}
