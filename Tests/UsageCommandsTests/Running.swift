import ControlProtocol
import Foundation
import Glibc
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
///
/// - Parameter restartPatience: how long a daemon that is just being restarted is waited for.
func jirausagectl(
    _ arguments: [String], input: String = "", variables: [String: String] = [:], restartPatience: Duration = .zero
) async throws -> Run {
    try await withTemporaryDirectory { directory in
        let names = ["in", "out", "err"].map { directory + "/" + $0 }
        try Data(input.utf8).write(to: URL(fileURLWithPath: names[0]))
        let status = try await onThread {
            let streams = [open(names[0], O_RDONLY), creat(names[1], 0o600), creat(names[2], 0o600)]
            defer { for stream in streams { close(stream) } }
            let console = Console(input: streams[0], output: streams[1], errors: streams[2])
            return CommandLineTool(
                arguments: arguments, variables: variables, console: console, restartPatience: restartPatience,
                // A machine that is busy with other tests is no silent daemon.
                usualTimeout: .seconds(240)
            ).run()
        }
        let texts = try names.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Run(status: status, output: texts[1], errors: texts[2])
    }
}

/// Runs jirausagectl against a daemon that answers every request by `daemon`.
func jirausagectl(
    _ arguments: [String], input: String = "", variables: [String: String] = [:], restartPatience: Duration = .zero,
    daemon: @escaping @Sendable (ControlRequest, Conversation) -> Void
) async throws -> Run {
    try await withDaemon(daemon) { path in
        try await jirausagectl(
            // Beside hundreds of other tests an answer may take longer than anybody would wait for it.
            arguments.contains("--timeout") ? arguments : ["--timeout", "2m"] + arguments, input: input,
            variables: variables.merging(["JIRA_USAGED_SOCKET": path]) { $1 }, restartPatience: restartPatience)
    }
}

/// Runs jirausagectl against a daemon whose every answer is `answer`'s.
func jirausagectl(
    _ arguments: String..., input: String = "", variables: [String: String] = [:],
    answer: @escaping @Sendable (ControlRequest) throws(ControlError) -> JSON
) async throws -> Run {
    try await jirausagectl(arguments, input: input, variables: variables) { request, conversation in
        do throws(ControlError) {
            conversation.answer(request, try answer(request))
        } catch {
            conversation.reply(to: request, .failure(error))
        }
    }
}

/// Runs `body` with the path of a socket behind which `daemon` answers.
func withDaemon<Value: Sendable>(
    _ daemon: @escaping @Sendable (ControlRequest, Conversation) -> Void,
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let scripted = try ScriptedDaemon(path: directory + "/s")
        defer { scripted.close() }
        async let served: Void = onThread { scripted.serve(daemon) }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(scripted.path))
        } catch {
            result = .failure(error)
        }
        scripted.stop()
        try await served
        return try result.get()
    }
}
