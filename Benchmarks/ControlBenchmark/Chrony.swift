import Foundation
import Glibc
import TestSupport

/// A chronyd of our own that touches no clock and asks no server.
struct Chrony {
    let pid: pid_t
    let socketPath: String

    static func with<Value>(_ program: String, directory: String, _ body: (Chrony) async throws -> Value) async throws
        -> Value
    {
        // It wants the directory of its socket to be nobody else's.
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let socketPath = "\(directory)/chronyd.sock"
        try """
        port 0
        cmdport 0
        bindcmdaddress \(socketPath)
        pidfile \(directory)/chronyd.pid

        """.write(toFile: "\(directory)/chrony.conf", atomically: false, encoding: .utf8)
        let user = String(cString: getpwuid(geteuid()).pointee.pw_name)
        let arguments =
            ["-x", "-d", "-u", user, "-f", "\(directory)/chrony.conf"] + (geteuid() == 0 ? [] : ["-U"])
        return try await withChildProcess(program, arguments, directory: directory) { child in
            while !FileManager.default.fileExists(atPath: socketPath) {
                guard child.isRunning else { throw ChildProcess.Failure(description: "chronyd: \(child.errors)") }
                usleep(1000)
            }
            return try await body(Chrony(pid: child.pid, socketPath: socketPath))
        }
    }
}
