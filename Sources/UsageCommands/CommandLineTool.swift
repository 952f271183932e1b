import ArgumentParser
import ControlProtocol
import Glibc

/// The program jirausagectl: a command line in, an exit status out.
package struct CommandLineTool {
    private let arguments: [String]
    private let variables: [String: String]
    private let console: Console

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - variables: the environment; `JIRA_USAGED_SOCKET`, `NO_COLOR` and `TERM` are looked at, and by `auth login` what tells
    ///     whether and how a browser can be opened.
    package init(arguments: [String], variables: [String: String], console: Console) {
        self.arguments = arguments
        self.variables = variables
        self.console = console
    }

    package func run() -> ExitStatus {
        let command: any UsageCommand
        do {
            command = try parse()
        } catch {
            return tell(error)
        }
        let settings = command.settings
        do throws(CommandFailure) {
            let outcome = try command.perform(Session(settings: settings, variables: variables, console: console))
            return tell(outcome.output) ?? outcome.status
        } catch {
            return fail(error, asJSON: settings.format == .json)
        }
    }

    private func parse() throws -> any UsageCommand {
        var command = try Root.parseAsRoot(arguments)
        if let command = command as? any UsageCommand { return command }
        // The parser's own command for help says its text by an error; so does a group without a command.
        if !(command is any CommandGroup) { try command.run() }
        throw ValidationError("A command is missing.")
    }

    /// Prints what was asked for.
    ///
    /// - Returns: the status of an answer that could not be written whole, which no script may take for one.
    private func tell(_ output: String) -> ExitStatus? {
        guard !console.print(output) else { return nil }
        console.printError("jirausagectl: the answer could not be written whole: \(String(cString: strerror(errno)))\n")
        return .storage
    }

    /// What the parser says: help and version, which were asked for, or what is wrong with the command line.
    private func tell(_ error: any Error) -> ExitStatus {
        guard Root.exitCode(for: error) != .success else {
            return tell(Root.fullMessage(for: error) + "\n") ?? .done
        }
        if wantsJSON { return fail(.usage(Root.message(for: error)), asJSON: true) }
        console.printError(Root.fullMessage(for: error) + "\n")
        return .usage
    }

    private func fail(_ failure: CommandFailure, asJSON: Bool) -> ExitStatus {
        console.printError(asJSON ? failure.json.text + "\n" : failure.text)
        return ExitStatus(failure)
    }

    /// Before the command line has been understood there is only its text to go by.
    private var wantsJSON: Bool { arguments.contains("--json") }
}
