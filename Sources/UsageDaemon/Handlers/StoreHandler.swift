import ControlProtocol
import ControlServer
import Glibc
import UsageStore

/// `store.backup` and `store.check`.
struct StoreHandler: Sendable {
    let store: UsageStore

    /// Copies the database beside itself, and tells the copy's bytes. The daemon may write nowhere else, and whoever calls
    /// knows best where the copy belongs.
    func backup(to notices: RequestNotices) async throws(ControlError) -> StoreBackup {
        try await answering {
            let (path, change) = try await store.backup()
            defer { unlink(path) }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw unreadable(path) }
            defer { close(descriptor) }
            var rows = RowStream(notices)
            var total = 0
            var buffer = [UInt8](repeating: 0, count: StoreBackupPart.mostBytes)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw unreadable(path) }
                if count == 0 { break }
                try await rows.send(StoreBackupPart(bytes: Array(buffer.prefix(count))))
                total += count
            }
            try await rows.finish()
            return StoreBackup(bytes: total, change: Int(change))
        }
    }

    func check(_ call: CheckStore) async throws(ControlError) -> StoreCheck {
        try await answering {
            let problems = try await store.check()
            var status = stat()
            return StoreCheck(
                problems: problems, bytes: stat(store.path, &status) == 0 ? Int(status.st_size) : 0)
        }
    }

    private func unreadable(_ path: String) -> StoreError {
        .failed(path: path, message: String(cString: strerror(errno)))
    }
}

extension ControlError {
    static let backupWithoutStream = ControlError(
        .invalidParams, "store.backup is told as a stream, or not at all",
        hint: "Take jirausagectl store backup FILE, or send _meta {\"stream\":true} and an id.")
}
