import Glibc
import UsageCommands

@main
enum Main {
    static func main() {
        // What ran the program sees a status of 130 either way; this is also what it is told by name.
        signal(SIGINT) { _ in _exit(ExitStatus.interrupted.rawValue) }
        let tool = CommandLineTool(
            arguments: Array(CommandLine.arguments.dropFirst()), variables: environment(),
            console: Console(handlesSignals: true))
        exit(tool.run().rawValue)
    }

    /// The variables that the commands look at; Foundation's list of all would cost more than the whole program.
    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        for name in CommandLineTool.variableNames {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }
}
