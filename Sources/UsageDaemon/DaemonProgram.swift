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
            if !JournalStream.isConnected(environment["JOURNAL_STREAM"]) {
                StandardError.write("jira-usaged: \(error)")
            } else if arguments.contains(where: { $0.hasPrefix("--check-") }) {
                // It may not live long enough for the journal to learn whose an entry is; of a line it knows, and of its
                // priority by what stands before it: sd-daemon(3).
                for line in error.description.split(separator: "\n") {
                    StandardError.write("<\(JournalEntry.Priority.error.rawValue)>\(line)")
                }
            } else {
                enter(error)
            }
            return error.exitStatus
        }
    }

    /// Tells the journal why it ended, so that it is found there by what it is.
    private static func enter(_ failure: DaemonFailure) {
        let entry = JournalEntry(
            priority: .error, message: failure.description,
            fields: [
                LoggedEvent.metadataKey: LoggedEvent.startFailed.rawValue, "syslog.identifier": "jira-usaged",
                "exit.status": String(failure.exitStatus),
            ])
        if !entry.send() { StandardError.write("jira-usaged: \(failure)") }
    }

    private static func start(arguments: [String], environment: [String: String]) async throws(DaemonFailure) {
        protect()
        guard let options = try parse(arguments) else { return }
        if options.version {
            print("jira-usaged \(programVersion)")
            return
        }
        let (config, isUsers) = (options.config, options.user)
        let readSettings: @Sendable () throws(SettingsError) -> DaemonSettings = { () throws(SettingsError) in
            let user = isUsers ? try UserDirectories(environment: environment, user: getuid()) : nil
            return try DaemonSettings.load(
                config.map { ConfigurationFile(path: $0) } ?? user?.file ?? .standard, user: user,
                environment: environment)
        }
        let settings: DaemonSettings
        do throws(SettingsError) {
            settings = try readSettings()
        } catch {
            throw .settings(error)
        }
        if options.checkConfig {
            // First, for it is worth seeing whatever is wrong with the secrets.
            print(settings.report, terminator: "")
            fflush(stdout)
            for note in try settings.checkSecrets() + settings.unknownGroups { print("# \(note)") }
            return
        }
        // For `ExecReload=`, where systemd before version 254 has no credentials; and a reload reads none.
        if options.checkReload { return try settings.checkDirectories() }
        if options.user { settings.makeDirectories() }
        let destination: DaemonLogHandler.Destination =
            JournalStream.isConnected(environment["JOURNAL_STREAM"]) ? .journal : .standardError
        let logger = Logger(label: "jira-usaged") { DaemonLogHandler(label: $0, destination: destination) }
        // The journal learns from this which unit the process is of, should it end at once.
        logger.info("Starting", metadata: ["version": "\(programVersion)"])
        try await Daemon(settings: settings, rereadSettings: readSettings, logger: logger).run()
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
