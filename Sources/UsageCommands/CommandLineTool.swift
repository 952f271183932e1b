import ArgumentParser
import ControlProtocol
import Glibc

/// The program jirausagectl: a command line in, an exit status out.
package struct CommandLineTool {
    private let arguments: [String]
    private let variables: [String: String]
    private let console: Console
    private let restartPatience: Duration
    private let usualTimeout: Duration

    /// The environment variables that are looked at.
    package static let variableNames = [
        "JIRA_USAGED_SOCKET", "JIRA_USAGED_PAGER", "PAGER", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM",
        "BROWSER", "DISPLAY", "LOGNAME", "SSH_CONNECTION", "SSH_TTY", "SUDO_USER", "TMPDIR", "USER", "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
    ]

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - variables: the environment, as far as ``variableNames`` goes.
    ///   - restartPatience: how long a daemon that is just being restarted is waited for.
    ///   - usualTimeout: how long a silent daemon is waited for where nothing else is asked for.
    package init(
        arguments: [String], variables: [String: String], console: Console, restartPatience: Duration = .seconds(2),
        usualTimeout: Duration = .seconds(10)
    ) {
        self.arguments = arguments
        self.variables = variables
        self.console = console
        self.restartPatience = restartPatience
        self.usualTimeout = usualTimeout
    }

    package func run() -> ExitStatus {
        let command: any UsageCommand
        do {
            command = try parse()
        } catch {
            return tell(error)
        }
        let settings = command.settings
        var service = ServiceWords.system
        do throws(CommandFailure) {
            let installation = try Installation(settings, variables: variables, user: getuid()) {
                access($0, F_OK) == 0
            }
            service = installation.service
            let session = Session(
                settings: settings, socket: installation.socket, variables: variables, console: console,
                restartPatience: restartPatience, usualTimeout: usualTimeout)
            return try print(try command.perform(session), settings)
        } catch {
            return fail(error, command, service, asJSON: settings.format == .json)
        }
    }

    private func parse() throws -> any UsageCommand {
        var command = try Root.parseAsRoot(arguments)
        if let command = command as? any UsageCommand { return command }
        // The parser's own command for help says its text by an error; so does a group without a command.
        if !(command is any CommandGroup) { try command.run() }
        throw ValidationError("A command is missing.")
    }

    private func print(_ outcome: Outcome, _ settings: Settings) throws(CommandFailure) -> ExitStatus {
        if outcome.isPaged, settings.usesPager, let pager = Pager(for: outcome.output, console, variables),
            pager.show(outcome.output)
        {
            return outcome.status
        }
        try write(outcome.output)
        return outcome.status
    }

    /// - Throws: for an answer that could not be written whole, which no script may take for one.
    private func write(_ output: String) throws(CommandFailure) {
        if case .failed(let errno) = console.print(output) { throw .unwritten(errno: errno) }
    }

    // MARK: - Failures

    /// What the parser says: help and version, which were asked for, or what is wrong with the command line.
    private func tell(_ error: any Error) -> ExitStatus {
        guard Root.exitCode(for: error) != .success else {
            do throws(CommandFailure) {
                try write(Root.fullMessage(for: error) + "\n")
                return .done
            } catch {
                return fail(error, nil, .system, asJSON: false)
            }
        }
        if wantsJSON { return fail(.usage(Root.message(for: error)), nil, .system, asJSON: true) }
        console.printError(Root.fullMessage(for: error) + "\n")
        return .usage
    }

    private func fail(
        _ failure: CommandFailure, _ command: (any UsageCommand)?, _ service: ServiceWords, asJSON: Bool
    ) -> ExitStatus {
        if case .unread = failure { return .done }
        if asJSON {
            console.printError(failure.json(service).text + "\n")
        } else {
            let repetition = command.map { Repetition(arguments: arguments, command: $0) }
            console.printError(failure.text(service) { repetition?.line(for: $0) })
        }
        return ExitStatus(failure)
    }

    /// Before the command line has been understood there is only its text to go by.
    private var wantsJSON: Bool { arguments.contains("--json") }
}
