import ArgumentParser

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
