import Glibc
import UsageModel

extension DaemonSettings {
    /// Whether this process could write where the daemon keeps its databases and its socket, or make these directories.
    ///
    /// A daemon that runs is confined as the next one will be (systemd.exec(5), `ProtectSystem=`), so what it may not do
    /// now a restart would end with.
    func checkDirectories() throws(DaemonFailure) {
        for path in [stateDirectory, controlSocket.parentDirectory] {
            guard Glibc.access(path, W_OK | X_OK) != 0 else { continue }
            let number = errno
            if number == ENOENT, Glibc.access(path.parentDirectory, W_OK | X_OK) == 0 { continue }
            throw .directory(path: path, errno: number)
        }
    }

    /// How an administrator calls systemctl(1) for this daemon.
    var systemctl: String { isUsers ? "systemctl --user" : "systemctl" }
}

extension String {
    /// The directory that a path's last part is in.
    var parentDirectory: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
