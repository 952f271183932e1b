import Glibc

/// Whether a stream of ours leads to the journal already.
package enum JournalStream {
    /// Whether `descriptor` is the stream that the service manager connected to the journal. Then fields reach it by
    /// `JournalEntry.send`; text would do so without them. Source: systemd.exec(5), `$JOURNAL_STREAM`.
    ///
    /// - Parameter value: of the environment variable `JOURNAL_STREAM`: device and inode in decimal, with a colon
    ///   between them. It may be inherited by a process whose stream leads elsewhere, so the two are compared.
    package static func isConnected(_ value: String?, descriptor: Int32 = STDERR_FILENO) -> Bool {
        guard let parts = value?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
            let device = UInt(parts[0]), let inode = UInt(parts[1])
        else { return false }
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_dev == device && status.st_ino == inode
    }
}
