import ControlProtocol
import Logging
import TokenVault
import UsageModel
import UsageSync

/// `vault.rekey`.
struct VaultHandler: Sendable {
    let vault: VaultAccess
    /// Where the vault's key was read at start.
    let keyOrigin: SecretOrigin
    let presentKey: SecretSource<VaultKey>
    let nextKey: SecretSource<VaultKey>
    let logger: Logger

    func rekey(_ call: RekeyVault) async throws(ControlError) -> VaultRekeying {
        guard case .open(let vault) = vault else {
            throw ControlError(
                .vaultLocked, "the vault is locked: only an open one can be given another key",
                hint: "Start with its present key first; see `jirausagectl status`.")
        }
        let next: SecretSource<VaultKey>.Found
        do {
            next = try nextKey.read()
        } catch {
            throw ControlError(
                .badConfiguration, error.description,
                hint: "See jira-usaged(8), SECRETS. Nothing was changed; the vault opens with its present key.")
        }
        try await refuseMovedKey(vault)
        do {
            try await vault.rekey(to: next.value)
        } catch .sameKey(let path) {
            throw ControlError(
                .badConfiguration, "\(next.origin.path): \(VaultError.sameKey(path: path))",
                hint: "Nothing was changed. If the key was moved into place already, there is nothing left to do.")
        } catch {
            throw ControlError(.storage, error.description)
        }
        logger.notice(
            "The vault was given a next key",
            metadata: .event(.vaultRekeyed, ["vault.next_key": "\(next.origin.path)"]))
        return VaultRekeying(
            nextKeyPlace: next.origin.place, nextKeyPath: next.origin.path, keyPlace: keyOrigin.place,
            keyPath: keyOrigin.path, steps: Self.steps(from: next.origin, to: keyOrigin))
    }

    /// A second next key would take the place of the first, which may be the only one that is left: where the key that is in
    /// place is not the one that the vault was opened with, the start that makes it so comes first.
    private func refuseMovedKey(_ vault: TokenVault) async throws(ControlError) {
        let present: SecretSource<VaultKey>.Found
        do {
            present = try presentKey.read()
        } catch {
            throw ControlError(
                .badConfiguration, error.description,
                hint: "Put the present vault-key back into place first. Nothing was changed.")
        }
        do {
            guard try await vault.isPresentKey(present.value) else {
                throw ControlError(
                    .badConfiguration,
                    "\(present.origin.path) holds another key than the one that the vault was opened with",
                    hint: """
                        If it was moved into place by an earlier rekey, restart first: systemctl restart jira-usaged; \
                        else put the vault's own key back. Nothing was changed.
                        """)
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.storage, String(describing: error))
        }
    }

    /// In this order: the vault opens with either key until the restart.
    static func steps(from next: SecretOrigin, to present: SecretOrigin) -> [String] {
        let move =
            switch (next, present) {
            case (.file(let next), .file(let present)):
                "Move the key into place: mv \(next.shellWord) \(present.shellWord)"
            case (.file(let next), .credential):
                """
                Make \(next) the source of the credential vault-key: with LoadCredential= of the unit, move it to the file \
                that it names; with LoadCredentialEncrypted=, encrypt it anew by systemd-creds(1)
                """
            case (.credential, .file(let present)):
                "Write the key of the credential vault-key-next to \(present), or pass it as the credential vault-key"
            case (.credential, .credential):
                "Give the credential vault-key the source of vault-key-next, and take vault-key-next away"
            }
        return [
            move, "Restart the daemon: systemctl restart jira-usaged",
            """
            See that the old key is dropped, then destroy its copies: jirausagectl auth status. Until then the vault opens \
            with either key
            """,
        ]
    }
}

extension SecretOrigin {
    var place: SecretPlace {
        switch self {
        case .credential: .credential
        case .file: .file
        }
    }
}
