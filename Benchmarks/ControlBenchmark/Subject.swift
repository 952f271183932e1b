import Foundation
import Glibc
import Measurement
import TestInstallation
import TestSupport

/// The programs that are measured.
struct ProgramsUnderTest {
    let directory: String

    var daemon: String { "\(directory)/jira-usaged" }
    var client: String { "\(directory)/jirausagectl" }

    /// Run by root, libdispatch gives threads priorities that it may not give in a service of the daemon's unit.
    private static let withoutPriorities = geteuid() == 0 ? ["setpriv", "--bounding-set", "-sys_nice"] : []

    func check() throws {
        for program in [daemon, client] where !FileManager.default.isExecutableFile(atPath: program) {
            throw ChildProcess.Failure(description: "\(program) is not there: make release")
        }
    }
}

/// The daemon under test while it runs.
struct RunningDaemon {
    let installation: Installation
    let pid: pid_t

    var socketPath: String { installation.socketPath }
    var meter: ProcessMeter { ProcessMeter(pid: pid) }

    func connect() throws -> BlockingClient { try BlockingClient(socketPath, .line) }

    /// Waits until what it does after a start, or after much work, is done.
    func settle() async throws {
        try await meter.settle(for: .seconds(2), within: .seconds(60))
    }
}

extension ProgramsUnderTest {
    /// Runs `body` with a daemon on the made store, in an installation of its own.
    func withDaemon<Value>(on store: MadeStore, _ body: (RunningDaemon) async throws -> Value) async throws -> Value {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            try FileManager.default.createSymbolicLink(
                atPath: "\(installation.statePath)/usage.db", withDestinationPath: store.path)
            return try await withDaemon(installation, body)
        }
    }

    func withDaemon<Value>(
        _ installation: Installation, _ body: (RunningDaemon) async throws -> Value
    ) async throws -> Value {
        let command = Self.withoutPriorities + [daemon, "--config", installation.configPath]
        return try await installation.withDaemon(command: command) { child in
            try await body(RunningDaemon(installation: installation, pid: child.pid))
        }
    }
}
