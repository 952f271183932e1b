extension BackupStore {
    package static let examples = [
        MethodExample("Without a stream", BackupStore(), error: .invalidParams)
    ]
}

extension CheckStore {
    package static let examples = [
        MethodExample(
            "A database that is whole", CheckStore(), result: #"{"whole":true,"problems":[],"bytes":401408}"#)
    ]
}
