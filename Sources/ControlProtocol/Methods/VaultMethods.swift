/// `vault.rekey`: a new key for the vault. The key itself never travels: the daemon reads it where it reads its secrets.
package struct RekeyVault: ControlMethod {
    package typealias Result = VaultRekeying

    package static let method = "vault.rekey"
    package static let access = AccessLevel.admin
    package static let summary =
        "Lets the vault be opened by the next key too; the present one is dropped at the first start with the next."
    package static let errors: [ControlError.Kind] = [.vaultLocked, .badConfiguration, .storage]
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}
