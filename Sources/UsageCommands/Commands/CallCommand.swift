import ArgumentParser
import ControlProtocol

struct CallCommand: UsageCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Send a request as it is and print the reply as it comes.",
        discussion: "For example: jirausagectl call user.get '{\"who\":\"ann@example.com\"}'. "
            + "rpc.discover describes every method.")

    @Argument(help: "The method's name.") var method: String
    @Argument(help: "The parameters, a JSON object.") var params: String?
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }

    func perform(_ session: Session) throws(CommandFailure) -> Outcome {
        guard let json = try? JSON(parsing: Array((params ?? "{}").utf8)), case .object(let members) = json else {
            throw .data("the parameters are not a JSON object")
        }
        let line = try session.exchange(ControlRequest(id: .integer(1), method: method, params: members))
        return Outcome(String(decoding: line, as: UTF8.self) + "\n", status: Self.status(of: line))
    }

    private static func status(of line: [UInt8]) -> ExitStatus {
        do {
            switch try ControlReply(line: line).outcome {
            case .success: return .done
            case .failure(let error): return ExitStatus(error.kind)
            }
        } catch {
            return .mismatch
        }
    }
}

/// Prints a script for a shell; needs no daemon.
struct CompletionCommand: UsageCommand {
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the script that completes jirausagectl's words in a shell.")

    @Argument(help: "bash, zsh or fish.") var shell: Shell
    @ParentCommand var root: Root
    @OptionGroup var options: GlobalOptions<AfterCommand>

    var settings: Settings { root.settings(options) }

    func perform(_ session: Session) -> Outcome {
        let shell: CompletionShell =
            switch self.shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        return Outcome(Root.completionScript(for: shell) + "\n")
    }
}
