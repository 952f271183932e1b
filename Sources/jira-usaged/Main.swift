import FoundationEssentials
import Glibc
import UsageDaemon

@main
enum Main {
    static func main() async {
        let status = await DaemonProgram.run(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        exit(status)
    }
}
