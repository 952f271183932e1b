import Glibc
import UsageModel

extension DaemonSettings {
    /// Whether this process could write where the daemon keeps its databases and its socket, or make these directories.
    ///
    /// A daemon that runs is confined as the next one will be (systemd.exec(5), `ProtectSystem=`), so what it may not do
    /// now a restart would end with.
    func checkDirectories() throws(DaemonFailure) {
        for path in [stateDirectory, controlSocket.parentDirectory] {
            guard let fault = Self.fault(writingTo: path) else { continue }
            guard fault == ENOENT else { throw .directory(path: path, errno: fault) }
            guard let above = Self.fault(writingTo: path.parentDirectory) else { continue }
            throw .directory(path: path, errno: above == EROFS ? EROFS : ENOENT)
        }
    }

    /// - Returns: errno(3); `nil` where it is a directory in which files can be made.
    private static func fault(writingTo directory: String) -> Int32? {
        guard Glibc.access(directory, W_OK | X_OK) != 0 else { return nil }
        let number = errno
        // access(2) tells of a right that is lacking first, and with it as well nothing could be written.
        var status = statvfs()
        let isReadOnly = statvfs(directory, &status) == 0 && status.f_flag & UInt(ST_RDONLY) != 0
        return isReadOnly ? EROFS : number
    }
}

extension String {
    /// The directory that a path's last part is in.
    var parentDirectory: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
