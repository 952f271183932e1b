import ControlProtocol
import Testing
import UsageCommands

@Suite("Lists that are printed as they come", .timeLimit(.minutes(5)))
struct StreamTests {
    /// Runs a command against a daemon that sends rows and then ends with an error, or by hanging up.
    private func run(_ arguments: [String], rows: [JSON], ending: ControlError?) async throws -> Run {
        try await jirausagectl(arguments) { request, conversation in
            for row in rows { conversation.notify(request, .rows, [row]) }
            guard let ending else {
                conversation.hangUp()
                return
            }
            conversation.reply(to: request, .failure(ending))
        }
    }

    private static let failure = ControlError(.storage, "the disk is broken", hint: "Mend it.")

    @Test("A failure before the first row leaves standard output empty", arguments: ["--ndjson", "--csv", "--json"])
    func early(format: String) async throws {
        let run = try await run([format, "activity", "ann"], rows: [], ending: Self.failure)
        #expect(run.status == .storage)
        #expect(run.output.isEmpty)
    }

    @Test("A failure after some rows says that they are not all")
    func late() async throws {
        let run = try await run(["--ndjson", "users"], rows: [1, 2], ending: Self.failure)
        #expect(run.status == .storage)
        #expect(run.output == "1\n2\n")
        #expect(
            run.errors == """
                jirausagectl: the output is incomplete, it ends after 2 rows: the disk is broken
                Mend it.

                """)
        let hungUp = try await self.run(["--ndjson", "users"], rows: [1], ending: nil)
        #expect(hungUp.status == .tryAgain)
        #expect(hungUp.errors.contains("incomplete, it ends after 1 row: jira-usaged closed the connection"))
    }

    @Test("What is printed only when it is whole is not printed at all")
    func whole() async throws {
        for arguments in [["--json", "users"], ["privacy", "export", "ann"], ["users"]] {
            let row = try ann().json
            let run = try await run(arguments, rows: [row], ending: Self.failure)
            #expect(run.status == .storage)
            #expect(run.output.isEmpty)
            #expect(!run.errors.contains("incomplete"))
        }
    }

    @Test("CSV has one header, whether there are rows or not")
    func header() async throws {
        let row: JSON = ["at": "2026-11-01T10:00:00.000Z", "kind": "created", "issueKey": "A-1", "issueId": "7"]
        let two = try await jirausagectl("--csv", "activity", "ann") { _ in ["rows": [row, row], "next": nil] }
        #expect(
            two.output == "at,kind,issueKey,issueId\r\n"
                + String(repeating: "2026-11-01T10:00:00.000Z,created,A-1,7\r\n", count: 2))
        let none = try await jirausagectl("--csv", "activity", "ann") { _ in ["rows": [], "next": nil] }
        #expect(none.output == "at,kind,issueKey,issueId\r\n")
    }

    @Test("A row that cannot be read ends the list as a mismatch")
    func unreadable() async throws {
        let good: JSON = ["at": "2026-11-01T10:00:00.000Z", "kind": "created", "issueKey": "A-1", "issueId": "7"]
        let run = try await run(["--csv", "activity", "ann"], rows: [good, ["at": 7]], ending: Self.failure)
        #expect(run.status == .mismatch)
        #expect(run.errors.contains("it ends after 1 row: the daemon's answer to activity.list is unexpected: rows"))
    }

    @Test("Rows of many kinds are no CSV, which is said before the daemon is asked")
    func noCSV() async throws {
        let run = try await jirausagectl(["--csv", "privacy", "export", "ann", "--socket", "/nowhere/s"])
        #expect(run.status == .usage)
    }

    @Test("call prints what comes before the reply as well")
    func call() async throws {
        let run = try await jirausagectl(["call", "user.list", #"{"_meta":{"stream":true}}"#]) {
            request, conversation in
            conversation.answer(request, ["rows": [7], "next": nil])
        }
        #expect(
            run.output == """
                {"jsonrpc":"2.0","method":"$/rows","params":{"id":1,"rows":[7]}}
                {"jsonrpc":"2.0","id":1,"result":{"rows":[],"next":null}}

                """)
        #expect(run.status == .done)
    }
}
