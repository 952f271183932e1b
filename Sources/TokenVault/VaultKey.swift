import Crypto
import FoundationEssentials

/// The key that opens the vault: 32 random bytes that live outside its file, in the credential `vault-key`.
///
/// It seals nothing but the vault's own data key, and like a `Secret` it cannot be printed or compared.
package struct VaultKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length of a key in bytes.
    package static let byteCount = 32

    let symmetricKey: SymmetricKey

    /// A fresh key from the system's random generator.
    package init() {
        symmetricKey = SymmetricKey(size: .bits256)
    }

    /// `nil` unless `bytes` are exactly 32.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        symmetricKey = SymmetricKey(data: bytes)
    }

    /// Reads a key as it is kept in a file: 32 bytes in base64 (RFC 4648, section 4). `nil` for anything else.
    package init?(base64 text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        self.init(bytes: Array(data))
    }

    package var description: String { "VaultKey(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
