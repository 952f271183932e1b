import ControlProtocol
import Testing
import UsageCommands
import UsageModel

@Suite("call: a raw request, and what can be called", .timeLimit(.minutes(5)))
struct CallTests {
    private static let nowhere = ["--socket", "/nonexistent/socket"]

    @Test("--list names every method with who may call it, without a daemon, in each form")
    func list() async throws {
        let table = try await jirausagectl(Self.nowhere + ["call", "--list"])
        #expect(table.status == .done && table.errors == "")
        let lines = table.output.split(separator: "\n")
        #expect(lines.count == ControlCall.methods.count + 1)
        #expect(lines.contains { $0.hasPrefix("user.list ") && $0.contains(" read ") })
        let json = try await jirausagectl(Self.nowhere + ["--json", "call", "--list"])
        let rows = try JSON(parsing: Array(json.output.utf8)).array
        #expect(rows?.compactMap { $0["name"]?.string } == ControlCall.methods.map(\.name))
        let csv = try await jirausagectl(Self.nowhere + ["--csv", "call", "--list"])
        #expect(csv.output.hasPrefix("method,access,summary\r\nping,anyone,"))
    }

    @Test("--describe shows parameters, result, errors and examples of each method", arguments: ControlCall.methods)
    func describe(method: MethodDescription) async throws {
        let run = try await jirausagectl(Self.nowhere + ["call", "--describe", method.name])
        #expect(run.status == .done)
        for param in method.params { #expect(run.output.contains("  \(param.name) ")) }
        for kind in method.errors { #expect(run.output.contains("  \(kind.rawValue) ")) }
        for notification in method.notifications { #expect(run.output.contains("$/\(notification.kind.rawValue)")) }
        #expect(run.output.contains("jirausagectl call "))
        let json = try await jirausagectl(Self.nowhere + ["--json", "call", "--describe", method.name])
        let document = try JSON(parsing: Array(json.output.utf8))
        #expect(document["methods"]?.array?.first?["name"] == .string(method.name))
    }

    @Test("A description can be pasted: the example's words are the command and its parameters")
    func pasted() async throws {
        let run = try await jirausagectl(Self.nowhere + ["call", "--describe", "licence.summary"])
        #expect(run.output.contains(#"jirausagectl call licence.summary '{"asOf":"2025-07-01T00:00:00.000Z"}'"#))
        let cancel = try await jirausagectl(Self.nowhere + ["call", "--describe", "$/cancel"])
        #expect(cancel.output.contains(#"jirausagectl call '$/cancel' '{"id":7}'"#))
    }

    @Test("A daemon of another version is told of, on standard error")
    func otherVersion() async throws {
        let other = try await jirausagectl("call", "--list") { _ in ["version": "9.9.9", "protocol": 1] }
        #expect(other.errors.contains("9.9.9") && other.errors.contains("rpc.discover"))
        #expect(other.status == .done)
        let same = try await jirausagectl("call", "--list") { _ in
            ["version": .string(programVersion), "protocol": 1]
        }
        #expect(same.errors == "")
    }

    @Test("- reads the parameters from standard input")
    func standardInput() async throws {
        let run = try await jirausagectl("call", "some.method", "-", input: "{\"a\":\n 1}\n") { .object($0.params) }
        #expect(run.output == #"{"jsonrpc":"2.0","id":1,"result":{"a":1}}"# + "\n")
        let empty = try await jirausagectl(Self.nowhere + ["call", "some.method", "-"])
        #expect(empty.status == .data)
    }

    @Test(
        "A command line that names no method, or two things at once, is refused",
        arguments: [[], ["ping", "--list"], ["--list", "--describe", "ping"], ["--describe", "no.such"]])
    func refused(arguments: [String]) async throws {
        let run = try await jirausagectl(Self.nowhere + ["call"] + arguments)
        #expect(run.status == .usage && run.output == "")
    }
}
