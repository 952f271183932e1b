import Foundation
import TestInstallation
import TestSupport
import Testing

/// An example of the specification's, and what the contract makes of it.
///
/// Source: <https://www.jsonrpc.org/specification#examples>.
private struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: String
    /// The reply's id, as it is written.
    let id: String
    /// `nil` where the reply has a result.
    let code: Int?

    init(_ what: String, _ request: String, id: String, code: Int?) {
        testDescription = what
        self.request = request.split(separator: "\n").joined()
        self.id = id
        self.code = code
    }

    static let all = [
        // By name, as the specification has it, with a method that there is; then its own, which there is not.
        Example(
            "named parameters",
            #"{"jsonrpc":"2.0","method":"user.list","params":{"sort":"name","asOf":"2026-01-01T00:00:00Z"},"id":3}"#,
            id: "3", code: nil),
        Example(
            "named parameters in another order",
            #"{"jsonrpc":"2.0","method":"user.list","params":{"asOf":"2026-01-01T00:00:00Z","sort":"name"},"id":4}"#,
            id: "4", code: nil),
        Example(
            "a method that there is not, with named parameters",
            #"{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}"#,
            id: "3", code: -32601),
        Example(
            "a method that there is not", #"{"jsonrpc": "2.0", "method": "foobar", "id": "1"}"#, id: #""1""#,
            code: -32601),
        Example(
            "invalid JSON", #"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#, id: "null",
            code: -32700),
        Example(
            "an invalid request", #"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#, id: "null", code: -32600),
        // Without an id a request is answered all the same, which the contract adds.
        Example(
            "a notification", #"{"jsonrpc": "2.0", "method": "foobar"}"#, id: "null", code: -32601),
        Example(
            "a notification of a method that there is", #"{"jsonrpc": "2.0", "method": "ping"}"#, id: "null", code: nil),
        // By position, which the contract leaves out.
        Example(
            "positional parameters", #"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#,
            id: "1", code: -32602),
        Example(
            "positional parameters in another order",
            #"{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}"#, id: "2", code: -32602),
        Example(
            "a notification with positional parameters",
            #"{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}"#, id: "null", code: -32602),
        // Batches, which the contract leaves out: each is one refusal.
        Example(
            "an invalid batch",
            """
            [{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
            {"jsonrpc": "2.0", "method"]
            """, id: "null", code: -32700),
        Example("an empty batch", "[]", id: "null", code: -32600),
        Example("a batch of one that is no request", "[1]", id: "null", code: -32600),
        Example("a batch of some that are no requests", "[1,2,3]", id: "null", code: -32600),
        Example(
            "a batch",
            """
            [{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
            {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]
            """, id: "null", code: -32600),
        Example(
            "a batch of notifications",
            """
            [{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]
            """, id: "null", code: -32600),
    ]
}

@Suite("The socket speaks JSON-RPC 2.0", .timeLimit(.minutes(5)))
struct JSONRPCSpecificationTests {
    @Test("the specification's examples are answered by it, but for what the contract leaves out or adds")
    func examples() async throws {
        try await withConnectedDaemon(users: 30) { installation in
            let path = installation.socketPath
            let answers = try await onThread {
                let connection = try LineConnection(path: path)
                return try Example.all.map { example in
                    connection.send(line: example.request)
                    return String(decoding: try connection.readLine() ?? [], as: UTF8.self)
                }
            }
            for (example, answer) in zip(Example.all, answers) {
                let what = "\(example.testDescription): \(answer)"
                let reply = try #require(HostileReply(Array(answer.utf8)), "\(what)")
                #expect(answer.contains(#""id":\#(example.id),"#), "\(what)")
                #expect(reply.code == example.code, "\(what)")
            }
            // The order of named parameters means nothing.
            let results = answers.prefix(2).map { $0.split(separator: #","result":"#).last }
            #expect(results[0] == results[1] && results[0] != nil)
        }
    }

    /// What anybody would write with Python's own library, whose readers take lines of 64 KiB.
    private static let stockClient = """
        import asyncio, json, sys

        async def main():
            reader, writer = await asyncio.open_unix_connection(sys.argv[1])
            longest, accounts, after = 0, set(), None

            async def call(method, **params):
                nonlocal longest
                request = {"jsonrpc": "2.0", "id": method, "method": method, "params": params}
                writer.write(json.dumps(request).encode() + b"\\n")
                await writer.drain()
                line = await reader.readline()
                longest = max(longest, len(line))
                reply = json.loads(line)
                assert reply["id"] == method
                return reply["result"]

            document = await call("rpc.discover")
            while True:
                page = await call("user.list", limit=1000, **({"after": after} if after else {}))
                accounts.update(row["accountId"] for row in page["rows"])
                after = page["next"]
                if after is None:
                    break
            writer.close()
            print(json.dumps({"longest": longest, "accounts": len(accounts), "methods": len(document["methods"])}))

        asyncio.run(main())
        """

    private struct Reading: Decodable {
        let longest: Int
        let accounts: Int
        let methods: Int
    }

    @Test("a client with Python's asyncio as it comes reads the longest replies")
    func stockClient() async throws {
        try await withConnectedDaemon(users: 250) { installation in
            let outcome = try await runToEnd(
                "python3", ["-c", Self.stockClient, installation.socketPath], directory: installation.directory)
            try #require(outcome.exitCode == 0, "\(outcome.errors)")
            let reading = try JSONDecoder().decode(Reading.self, from: Data(outcome.output.utf8))
            #expect(reading.accounts >= 250)
            #expect(reading.methods >= 20)
            // Longer than a row less than a line may be, else this shows nothing.
            #expect((56_000...60 * 1024).contains(reading.longest), "\(reading.longest)")
        }
    }

    private func withConnectedDaemon(users: Int, _ body: (Installation) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await Simulator.withSimulator(
                ["--users", "\(users)", "--issues", "20", "--seed", "5"], directory: directory
            ) { simulator in
                let installation = try Installation(directory: directory, simulator: simulator)
                try await installation.withDaemon { _ in
                    try await installation.connect(to: simulator)
                    try await installation.sync()
                    try await body(installation)
                }
            }
        }
    }
}
