import Crypto
import FoundationEssentials
import UsageModel

/// What a sealed row is. Part of what the seal vouches for, so that no row can pass for another kind.
enum RowKind: String, Sendable {
    /// The vault's data key, wrapped by the `vault-key`.
    case dataKey
    /// The tokens of one generation. Written once, never changed.
    case tokens
    /// How far the refresh of a generation has come.
    case journal
}

/// Where a row belongs: opening it anywhere else fails.
struct RowPlace: Sendable {
    let kind: RowKind
    let account: String
    let generation: Int

    static let dataKey = RowPlace(kind: .dataKey, account: "", generation: 0)
    /// The data key wrapped by the key that is to come. A place of its own: put where the first wrap belongs, or the
    /// other way round, neither opens.
    static let nextDataKey = RowPlace(kind: .dataKey, account: "next", generation: 0)

    /// Unambiguous: no part but the last can hold the separator.
    fileprivate var authenticated: Data {
        Data("jira-usaged vault \(Seal.formatVersion)|\(kind.rawValue)|\(generation)|\(account)".utf8)
    }
}

/// Seals rows with AES-256-GCM, each with a nonce of its own from the system's random generator.
///
/// Random nonces of 96 bits are safe for 2^32 rows of one key (NIST SP 800-38D, section 8.3); we write a few an hour.
struct Seal: Sendable {
    /// Of what a row holds. A migration that changes it seals every row anew.
    static let formatVersion = 1

    struct Broken: Error {}

    private let key: SymmetricKey

    init(_ key: SymmetricKey) {
        self.key = key
    }

    func close(_ bytes: some DataProtocol, at place: RowPlace) throws(Broken) -> Data {
        guard let box = try? AES.GCM.seal(bytes, using: key, authenticating: place.authenticated),
            let sealed = box.combined
        else { throw Broken() }
        return sealed
    }

    /// - Throws: for another key, another place, or a row that was changed; which of them cannot be told.
    func open(_ sealed: Data, at place: RowPlace) throws(Broken) -> Data {
        // What CryptoKit throws says no more than that it failed, and says it with different types.
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: place.authenticated)
        else { throw Broken() }
        return bytes
    }
}
