import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite("The daemon's process keeps what it knows to itself", .timeLimit(.minutes(5)))
struct HardeningTests {
    /// Any user but root: to root everything is open.
    private static let nobody: uid_t = 65_534

    @Test("it leaves no core, lets others of its user look into nothing, and writes for itself only")
    func limits() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try await installation.withDaemon { daemon in
                let limits = try text("/proc/\(daemon.pid)/limits")
                #expect(limits.contains(#/Max core file size +0 +0 /#), "\(limits)")
                #expect(try text("/proc/\(daemon.pid)/status").contains("Umask:\t0077"))
                let files = try FileManager.default.contentsOfDirectory(atPath: installation.statePath)
                #expect(files.contains("vault.db") && files.contains("usage.db"))
                for file in files {
                    let attributes = try FileManager.default.attributesOfItem(
                        atPath: "\(installation.statePath)/\(file)")
                    #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
                }
            }
        }
    }

    @Test("another process of the same user reads neither its memory nor its environment", .enabled(if: geteuid() == 0))
    func sameUser() async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let asNobody = ["setpriv", "--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups"]
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory) + ["."] {
                try #require(chown("\(directory)/\(path)", Self.nobody, Self.nobody) == 0)
            }
            func readable(_ file: String, of pid: pid_t) async throws -> Bool {
                let words = Array(asNobody.dropFirst()) + ["head", "-c", "1", "/proc/\(pid)/\(file)"]
                return try await runToEnd(asNobody[0], words, directory: directory).exitCode == 0
            }
            // `env` would be in the way of READY, which nobody may send through a socket of root's.
            let daemon = try ChildProcess(
                asNobody[0], Array(asNobody.dropFirst()) + [Program.daemon, "--config", installation.configPath],
                directory: directory)
            while daemon.isRunning, !daemon.errors.contains("Ready") { await Task.yield() }
            try #require(daemon.isRunning, "\(daemon.errors)")
            let other = try ChildProcess(asNobody[0], Array(asNobody.dropFirst()) + ["cat"], directory: directory)
            while try text("/proc/\(other.pid)/comm") != "cat\n" { await Task.yield() }
            for file in ["environ", "maps", "auxv"] {
                #expect(try await readable(file, of: other.pid), "the control")
                #expect(try await !readable(file, of: daemon.pid))
            }
            #expect(try owner("/proc/\(other.pid)/mem") == Self.nobody)
            #expect(try owner("/proc/\(daemon.pid)/mem") == 0)
            await other.terminate()
            #expect(await daemon.terminate() == 0)
        }
    }

    @Test(
        "a crash ends it at once, with no report of its memory, though Swift's runtime was told to make one",
        arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT])
    func crash(number: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let command = [
                "env", "SWIFT_BACKTRACE=enable=yes,interactive=no,color=no", Program.daemon, "--config",
                installation.configPath,
            ]
            let errors = try await installation.withDaemon(command: command) { daemon in
                daemon.signal(number)
                #expect(await daemon.exitCode() == 128 + number)
                return daemon.errors
            }
            #expect(!errors.contains("crash") && !errors.contains("racktrac") && !errors.contains("rsp"), "\(errors)")
            let usual = [
                "info: Starting", "notice: There was no database", "notice: There was no vault", "notice: Ready",
            ]
            let others = errors.split(separator: "\n").filter { line in !usual.contains { line.hasPrefix($0) } }
            #expect(others == [])
            let left = try FileManager.default.subpathsOfDirectory(atPath: directory)
            #expect(!left.contains { $0.contains("core") || $0.contains("crash") }, "\(left)")
        }
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    }

    private func owner(_ path: String) throws -> uid_t {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_uid
    }
}
