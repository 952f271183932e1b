/// `store.backup`: a copy of the database, while it is used.
package struct BackupStore: ControlMethod {
    package typealias Result = StoreBackup

    package static let method = "store.backup"
    package static let access = AccessLevel.admin
    package static let summary =
        "A copy of usage.db, in parts."
    package static let features: Set = [RequestMeta.Feature.stream]
    package static let notifications: [NotificationDescription] = [.rows(of: StoreBackupPart.self)]
    package static let errors: [ControlError.Kind] = [.storage]
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}

/// `store.check`: whether the database is whole.
package struct CheckStore: ControlMethod {
    package typealias Result = StoreCheck

    package static let method = "store.check"
    package static let access = AccessLevel.admin
    package static let summary =
        "Reads all of usage.db: is it whole?"
    package static let aside = RunningAside.always
    package static let errors: [ControlError.Kind] = [.storage]
    package static let fields: [Field<Self>] = []

    package init() {}
    package init(record: RecordReader) {}
}
