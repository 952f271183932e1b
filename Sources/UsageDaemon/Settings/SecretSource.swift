package import Glibc
package import TokenVault
package import UsageModel

/// Where a secret comes from: systemd's credential of its name, else a file of ours. Read when it is asked for.
package struct SecretSource<Value: Sendable>: Sendable {
    /// What was read, and whether from a credential or a file: a key file outside systemd is worth telling of.
    package struct Found: Sendable {
        package let value: Value
        package let origin: SecretOrigin
    }

    /// The name of the credential.
    package let name: String
    /// In `$CREDENTIALS_DIRECTORY`; looked at first.
    package let credentialPath: String?
    package let filePath: String
    let setting: String
    /// `nil` for a text that is no such secret.
    let parse: @Sendable (String) -> Value?

    /// Reads the secret.
    ///
    /// A file must be regular, no symbolic link, owned by `user` and without rights for anybody else. A credential is
    /// not checked so: systemd has made it (systemd.exec(5), `LoadCredential=`).
    ///
    /// - Parameter user: the effective user of the daemon.
    package func read(as user: uid_t = geteuid()) throws(SecretError) -> Found {
        if let credentialPath, let found = try found(.credential(path: credentialPath), owner: nil) { return found }
        guard let found = try found(.file(path: filePath), owner: user) else {
            throw .missing(name: name, path: filePath, setting: setting)
        }
        return found
    }

    private func found(_ origin: SecretOrigin, owner: uid_t?) throws(SecretError) -> Found? {
        guard let text = try text(origin, owner: owner) else { return nil }
        return Found(value: try parsed(text, origin), origin: origin)
    }

    /// - Returns: `nil` where there is no file.
    private func text(_ origin: SecretOrigin, owner: uid_t?) throws(SecretError) -> String? {
        let path = origin.path
        do {
            let file = try FileReader(path: path, followsLinks: owner == nil)
            if let owner {
                guard file.owner == owner else { throw SecretError.owner(path: path, is: file.owner, mustBe: owner) }
                guard [0o600, 0o400].contains(file.mode) else { throw SecretError.mode(path: path, is: file.mode) }
            }
            let bytes = try file.read(limit: 16 << 10)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SecretError.malformed(name: name, origin)
            }
            return text
        } catch let error as SecretError {
            throw error
        } catch FileReader.Failure.system(ENOENT) {
            return nil
        } catch FileReader.Failure.system(EACCES) {
            throw .denied(path: path, user: owner)
        } catch {
            throw .unreadable(path: path, reason: String(describing: error))
        }
    }

    /// The encrypted credential that `setup` makes and the unit loads, where it is there and this process was not given what
    /// is in it: it is somebody's at a terminal. `nil` otherwise.
    package var sealedPath: String? {
        let path = filePath + ".cred"
        return credentialPath == nil && access(filePath, F_OK) != 0 && access(path, F_OK) == 0 ? path : nil
    }

    private func parsed(_ text: String, _ origin: SecretOrigin) throws(SecretError) -> Value {
        var end = text.endIndex
        while end > text.startIndex, text[text.index(before: end)].isNewline { end = text.index(before: end) }
        guard end > text.startIndex else { throw .empty(name: name, origin) }
        guard let value = parse(String(text[..<end])) else { throw .malformed(name: name, origin) }
        return value
    }
}

package enum SecretOrigin: Sendable, Hashable {
    case credential(path: String)
    case file(path: String)

    var path: String {
        switch self {
        case .credential(let path), .file(let path): path
        }
    }
}

extension DaemonSettings {
    /// The client secret that Atlassian's developer console shows.
    package var clientSecret: SecretSource<Secret> {
        source("client-secret", file: oauth.clientSecretFile, setting: "oauth.client_secret_file") { text in
            text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F } ? Secret(text) : nil
        }
    }

    /// The key that opens the vault.
    package var vaultKey: SecretSource<VaultKey> {
        source("vault-key", file: vault.keyFile, setting: "vault.key_file") { VaultKey(base64: $0) }
    }

    /// The key that is to open the vault from the next start on. There is one only while the vault is re-keyed.
    package var nextVaultKey: SecretSource<VaultKey> {
        source("vault-key-next", file: vault.nextKeyFile, setting: "vault.next_key_file") { VaultKey(base64: $0) }
    }

    private func source<Value>(
        _ name: String, file: String, setting: String, parse: @escaping @Sendable (String) -> Value?
    ) -> SecretSource<Value> {
        SecretSource(
            name: name, credentialPath: credentialsDirectory.map { "\($0)/\(name)" }, filePath: file,
            setting: setting, parse: parse)
    }
}
