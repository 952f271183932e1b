import ControlProtocol
import ControlServer
import Foundation
import Glibc
import Logging
import TestSupport
import UsageCommands
import UsageModel

/// What a run of jirausagectl left behind.
struct Run: Sendable {
    let status: ExitStatus
    let output: String
    let errors: String
}

/// Runs jirausagectl in this process, with files as its streams.
func jirausagectl(
    _ arguments: [String], input: String = "", variables: [String: String] = [:]
) async throws -> Run {
    try await withTemporaryDirectory { directory in
        let names = ["in", "out", "err"].map { directory + "/" + $0 }
        try Data(input.utf8).write(to: URL(fileURLWithPath: names[0]))
        let status = try await onThread {
            let streams = [open(names[0], O_RDONLY), creat(names[1], 0o600), creat(names[2], 0o600)]
            defer { for stream in streams { close(stream) } }
            let console = Console(input: streams[0], output: streams[1], errors: streams[2])
            return CommandLineTool(arguments: arguments, variables: variables, console: console).run()
        }
        let texts = try names.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Run(status: status, output: texts[1], errors: texts[2])
    }
}

/// Runs jirausagectl against a daemon whose every answer is `answer`'s.
func jirausagectl(
    _ arguments: String..., input: String = "", variables: [String: String] = [:],
    answer: @escaping @Sendable (ControlRequest) throws(ControlError) -> JSON
) async throws -> Run {
    try await withTemporaryDirectory { directory in
        let path = directory + "/s"
        let server = ControlServer(socket: try ListeningSocket(path: path), logger: Logger(label: "test")) {
            request, _, _ in
            do throws(ControlError) {
                return ControlReply(id: request.id, outcome: .success(try answer(request)))
            } catch {
                return ControlReply(id: request.id, error: error)
            }
        }
        return try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            defer { server.stop() }
            let variables = variables.merging(["JIRA_USAGED_SOCKET": path]) { $1 }
            // Beside hundreds of other tests an answer may take longer than anybody would wait for it.
            return try await jirausagectl(["--timeout", "2m"] + arguments, input: input, variables: variables)
        }
    }
}
