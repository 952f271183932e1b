import ArgumentParser
@preconcurrency import Glibc
import Logging
import Systemd
import UsageModel

/// The program `jira-usaged`, but for the process itself.
package enum DaemonProgram {
    /// Runs to the end.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: read here and nowhere else.
    /// - Returns: the exit status, as jira-usaged(8) tells it.
    package static func run(arguments: [String], environment: [String: String]) async -> Int32 {
        do throws(DaemonFailure) {
            try await start(arguments: arguments, environment: environment)
            return 0
        } catch {
            StandardError.write("jira-usaged: \(error)")
            return error.exitStatus
        }
    }

    private static func start(arguments: [String], environment: [String: String]) async throws(DaemonFailure) {
        protect()
        guard let options = try parse(arguments) else { return }
        if options.version {
            print("jira-usaged \(programVersion)")
            return
        }
        let settings: DaemonSettings
        do throws(SettingsError) {
            let user = options.user ? try UserDirectories(environment: environment, user: getuid()) : nil
            settings = try DaemonSettings.load(
                options.config.map { ConfigurationFile(path: $0) } ?? user?.file ?? .standard, user: user,
                environment: environment)
        } catch {
            throw .settings(error)
        }
        if options.checkConfig {
            _ = try Secrets(settings)
            print(settings.report)
            return
        }
        // For `ExecReload=`, where systemd before version 254 has no credentials; and a reload reads none.
        if options.checkReload { return }
        if options.user { settings.makeDirectories() }
        let destination: DaemonLogHandler.Destination =
            JournalStream.isConnected(environment["JOURNAL_STREAM"]) ? .journal : .standardError
        let logger = Logger(label: "jira-usaged") { DaemonLogHandler(label: $0, destination: destination) }
        try await Daemon(settings: settings, logger: logger).run()
    }

    /// - Returns: `nil` where the help was asked for, and has been printed.
    private static func parse(_ arguments: [String]) throws(DaemonFailure) -> DaemonCommand? {
        do {
            return try DaemonCommand.parse(arguments)
        } catch {
            guard DaemonCommand.exitCode(for: error) != .success else {
                print(DaemonCommand.fullMessage(for: error))
                return nil
            }
            throw .usage(DaemonCommand.message(for: error))
        }
    }

    /// Secrets will be in this process's memory: no core may hold it, no crash report show it, nor another process of
    /// the same user read it. What the daemon writes is for its own user.
    private static func protect() {
        ProcessMemory.forbidDumps()
        ProcessMemory.forbidCrashReports()
        ProcessMemory.mapLargeBuffers()
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
    }
}
