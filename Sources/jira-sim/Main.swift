import ArgumentParser
import JiraSimulator

/// Serves a simulated Jira Cloud on loopback until it is told to end.
@main
struct JiraSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jira-sim",
        abstract: "A simulated Jira Cloud for demonstrations, tests and benchmarks, on loopback.",
        discussion: """
            Prints {"baseUrl":…,"clientId":…,"clientSecret":…} once it accepts connections; ends on SIGTERM or SIGINT.

            \(JiraSimulator.controls)
            """)

    @OptionGroup var options: SimulatorOptions

    func run() async throws {
        let configuration = try options.configuration
        do {
            try await serveJiraSimulator(configuration) { running in
                print(running.greeting)
                flushStandardOutput()
            }
        } catch let error as SimulatorError {
            throw ValidationError(error.description)
        } catch let error as RecordingError {
            throw ValidationError(error.description)
        }
    }
}
