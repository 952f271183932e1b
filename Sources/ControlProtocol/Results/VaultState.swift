/// Where a secret of the daemon was read.
package enum SecretPlace: String, Sendable, CaseIterable, JSONWord {
    /// A credential that the service manager passed.
    case credential
    /// A file of the configuration, outside the service manager.
    case file
}

/// The vault's key, as far as it may be told.
package struct VaultState: Hashable, Sendable {
    package let keyPlace: SecretPlace
    /// Whether the vault waits for a first start with its next key.
    package let isRekeyed: Bool

    package init(keyPlace: SecretPlace, isRekeyed: Bool) {
        self.keyPlace = keyPlace
        self.isRekeyed = isRekeyed
    }
}

/// The answer to `vault.rekey`.
package struct VaultRekeying: Hashable, Sendable {
    /// Where the next key was read, and the path.
    package let nextKeyPlace: SecretPlace
    package let nextKeyPath: String
    /// Where the present key was read at start: where the next one has to be at the next.
    package let keyPlace: SecretPlace
    package let keyPath: String
    /// What is to be done now, in order.
    package let steps: [String]

    package init(
        nextKeyPlace: SecretPlace, nextKeyPath: String, keyPlace: SecretPlace, keyPath: String, steps: [String]
    ) {
        self.nextKeyPlace = nextKeyPlace
        self.nextKeyPath = nextKeyPath
        self.keyPlace = keyPlace
        self.keyPath = keyPath
        self.steps = steps
    }
}

// MARK: - On the wire

extension VaultState: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("keyPlace") { $0.keyPlace },
        Field("rekeyPending", "whether it waits for a start with its next key") { $0.isRekeyed },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(keyPlace: try record.read("keyPlace"), isRekeyed: try record.read("rekeyPending"))
    }
}

extension VaultRekeying: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("nextKeyPlace", "where the next key was read") { $0.nextKeyPlace },
        Field("nextKeyPath") { $0.nextKeyPath },
        Field("keyPlace", "where it has to be at the next start") { $0.keyPlace }, Field("keyPath") { $0.keyPath },
        Field("steps", "what is to be done now, in order") { $0.steps },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            nextKeyPlace: try record.read("nextKeyPlace"), nextKeyPath: try record.read("nextKeyPath"),
            keyPlace: try record.read("keyPlace"), keyPath: try record.read("keyPath"),
            steps: try record.read("steps"))
    }
}
