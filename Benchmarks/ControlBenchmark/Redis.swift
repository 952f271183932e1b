import Foundation
import Glibc
import Measurement
import TestSupport

/// A Redis of our own on a Unix socket, which keeps nothing on disk unless it is told to.
struct Redis {
    let directory: String
    let pid: pid_t

    var socketPath: String { Self.socketPath(directory) }
    /// What ``save()`` writes.
    var dumpPath: String { "\(directory)/dump.rdb" }

    private static func socketPath(_ directory: String) -> String { "\(directory)/redis.sock" }

    /// Runs `body` with one that has answered.
    ///
    /// - Parameters:
    ///   - program: the server, or Debian's program that is one by another name.
    ///   - directory: its own; a dump in it is loaded.
    static func with<Value>(_ program: String, directory: String, _ body: (Redis) async throws -> Value) async throws
        -> Value
    {
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let server = "\(directory)/redis-server"
        if !files.fileExists(atPath: server) {
            try files.createSymbolicLink(atPath: server, withDestinationPath: program)
        }
        let arguments = [
            "--port", "0", "--unixsocket", socketPath(directory), "--dir", directory, "--save", "", "--appendonly",
            "no",
            "--logfile", "\(directory)/redis.log",
        ]
        return try await withChildProcess(server, arguments, directory: directory) { child in
            try await waitForPong(directory, child)
            return try await body(Redis(directory: directory, pid: child.pid))
        }
    }

    /// While it loads a dump it answers, but not this.
    private static func waitForPong(_ directory: String, _ child: ChildProcess) async throws {
        while true {
            do {
                try BlockingClient(socketPath(directory), .resp).ask(.redisPing)
                return
            } catch {
                guard child.isRunning else { throw error }
                usleep(500)
            }
        }
    }

    func save() throws {
        try BlockingClient(socketPath, .resp).ask(Question(redis: "SAVE"))
    }
}

extension Question {
    static let redisPing = Question(redis: "PING")

    static func redisUser(_ account: String) -> Question { Question(redis: "GET", account) }
}
