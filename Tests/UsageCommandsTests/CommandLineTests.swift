import ControlProtocol
import Testing
import UsageCommands
import UsageModel

@Suite("The command line", .timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test(
        "A wrong command line exits with 64, says why on standard error and prints nothing",
        arguments: [
            ["nonsense"], ["user"], ["users", "--verdict", "dead"], ["users", "--limit", "0"], ["--bogus", "status"],
            ["users", "--inactive", "0d"], ["licences", "--as-of", "yesterday"], ["status", "--timeout", "soon"],
            ["status", "--ndjson", "--csv"], ["users", "--seats", "--no-seats"], ["--socket", "", "status"], ["sync"],
            [], ["completion", "tcsh"], ["auth", "logout"],
        ])
    func usage(arguments: [String]) async throws {
        let run = try await jirausagectl(arguments)
        #expect(run.status == .usage)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Usage: jirausagectl"))
        let quiet = try await jirausagectl(arguments + ["--json"])
        #expect(quiet.status == .usage)
        #expect(quiet.output.isEmpty)
        let error = try JSON(parsing: Array(quiet.errors.utf8))
        #expect(error["data"]?["kind"] == "usage")
    }

    @Test("Global options stand before the command, after it, or after the group's name")
    func places() async throws {
        let report = SyncReport(sites: [])
        for arguments in [
            ["--json", "sync", "status"], ["sync", "--json", "status"], ["sync", "status", "--json"],
        ] {
            let run = try await jirausagectl(arguments[0], arguments[1], arguments[2]) { _ in report.json }
            #expect(run.output == "{\"sites\":[]}\n")
        }
        let run = try await jirausagectl("--socket", "/nowhere/s", "status") { _ in nil }
        #expect(run.status == .unreachable)
    }

    @Test("--version and --help are answered without a daemon")
    func help() async throws {
        let version = try await jirausagectl(["--version"])
        #expect(version.output == "jirausagectl \(programVersion)\n")
        #expect(version.status == .done)
        let help = try await jirausagectl(["users", "--help"])
        #expect(help.status == .done)
        #expect(help.output.contains("--inactive <days>"))
        for shell in ["bash", "zsh", "fish"] {
            let completion = try await jirausagectl(["completion", shell])
            #expect(completion.status == .done)
            #expect(completion.output.contains("licences"))
        }
    }

    @Test("The options of users become the parameters of user.list")
    func parameters() async throws {
        let run = try await jirausagectl(
            "users", "--inactive", "60d", "--role", "r", "--group", "g", "--as-of", "2026-03-01", "--sort", "oldest",
            "--site", "s", "--limit", "7", "--json"
        ) { request in
            ["rows": [.object([.init("method", .string(request.method))] + request.params)], "next": nil]
        }
        #expect(
            run.output == #"{"rows":[{"method":"user.list","verdict":"inactive","thresholdDays":60,"role":"r","#
                + #""group":"g","asOf":"2026-03-01T00:00:00.000Z","sort":"oldest","limit":7,"site":"s"}],"next":null}"#
                + "\n")
    }

    @Test(
        "Seats, and their absence, can be asked for under both of their names",
        arguments: [
            ("--seats", "true"), ("--seat", "true"), ("--no-seats", "false"), ("--no-seat", "false"),
        ])
    func seats(option: String, value: String) async throws {
        let run = try await jirausagectl("users", option, "--as-of", "2026-03-01", "--json") { request in
            ["rows": [.object(request.params)], "next": nil]
        }
        #expect(run.output.hasPrefix(#"{"rows":[{"seat":\#(value),"asOf":"2026-03-01T00:00:00.000Z""#))
    }

    @Test("Lists are read page by page, up to the limit", arguments: [(nil, 7), (3, 3), (4, 4), (100, 7)])
    func paging(limit: Int?, count: Int) async throws {
        let arguments =
            limit.map { ["users", "--ndjson", "--limit", "\($0)"] } ?? ["users", "--ndjson", "--sort", "name"]
        let run = try await jirausagectl(
            arguments[0], arguments[1], arguments[safe: 2], arguments[safe: 3]
        ) { request in
            let params = JSON.object(request.params)
            let start = Int(params["after"]?.string ?? "0") ?? 0
            let end = min(start + 2, 7)
            return [
                "rows": .array((start..<end).map { .integer(Int64($0)) }), "next": end < 7 ? .string("\(end)") : nil,
            ]
        }
        #expect(run.output == (0..<count).map { "\($0)\n" }.joined())
    }

    @Test("call prints the reply as it came, and its status is that of the error in it")
    func call() async throws {
        let good = try await jirausagectl("call", "some.method", #"{"a":[1,2.50]}"#) { .object($0.params) }
        #expect(good.output == #"{"jsonrpc":"2.0","id":1,"result":{"a":[1,2.50]}}"# + "\n")
        #expect(good.status == .done)
        let bad = try await jirausagectl("call", "some.method") { _ throws(ControlError) in
            throw ControlError(.storage, "disk full")
        }
        #expect(bad.output.contains("1040"))
        #expect(bad.status == .storage)
        let malformed = try await jirausagectl(["call", "some.method", "[1]"])
        #expect(malformed.status == .data)
    }
}

extension [String] {
    fileprivate subscript(safe index: Int) -> String { self[index] }
}

@Suite("Failures", .timeLimit(.minutes(5)))
struct FailureTests {
    @Test(
        "Every kind of error has its exit status, a message on standard error, and nothing on standard output",
        arguments: [
            (.notFound, 1), (.invalidParams, 64), (.ambiguous, 65), (.severalSites, 65), (.badRedirect, 65),
            (.internalError, 70), (.storage, 74), (.upstreamUnavailable, 75), (.rateLimited, 75),
            (.shuttingDown, 75), (.deadline, 75), (.tooManyConnections, 75), (.parseError, 76),
            (.invalidRequest, 76), (.methodNotFound, 76), (.notPermitted, 77), (.notConnected, 78),
            (.reauthorise, 78), (.vaultLocked, 78), (.badConfiguration, 78),
        ] as [(ControlError.Kind, Int32)])
    func kinds(kind: ControlError.Kind, status: Int32) async throws {
        let error = ControlError(kind, "what failed", hint: "what to do")
        let run = try await jirausagectl("user", "ann") { _ throws(ControlError) in throw error }
        #expect(run.status.rawValue == status)
        #expect(run.output.isEmpty)
        #expect(run.errors == "jirausagectl: what failed\nwhat to do\n")
        let quiet = try await jirausagectl("user", "ann", "--json") { _ throws(ControlError) in throw error }
        #expect(quiet.status.rawValue == status)
        #expect(quiet.output.isEmpty)
        #expect(quiet.errors == error.json.text + "\n")
    }

    @Test("A daemon that is not running is said to be, with how to start it")
    func notRunning() async throws {
        let run = try await jirausagectl(["status", "--socket", "/nowhere/s"])
        #expect(run.status == .unreachable)
        #expect(
            run.errors == """
                jirausagectl: jira-usaged is not running (no socket at /nowhere/s)
                Start it, and see why not where that fails: systemctl start jira-usaged; journalctl -u jira-usaged -n 20

                """)
        let quiet = try await jirausagectl(["status", "--json"], variables: ["JIRA_USAGED_SOCKET": "/nowhere/s"])
        #expect(
            quiet.errors == #"{"code":null,"message":"jira-usaged is not running (no socket at /nowhere/s)","#
                + #""data":{"kind":"daemonNotRunning","retryable":false,"hint":"Start it, and see why not where that fails: "#
                + #"systemctl start jira-usaged; journalctl -u jira-usaged -n 20"}}"#
                + "\n")
    }

    @Test("An answer of another form is a mismatch")
    func mismatch() async throws {
        let run = try await jirausagectl("licences") { _ in ["asOf": "2026-11-23"] }
        #expect(run.status == .mismatch)
        #expect(run.errors.contains("thresholdDays is missing; it must be a whole number"))
    }

    @Test("A name that several people have lists them and exits with 65")
    func ambiguousName() async throws {
        let error = ControlError(
            .ambiguous, "2 people are called Ann", hint: "Name one by account id.",
            choices: [
                .init(site: "c1", name: "Ann", url: nil, accountId: "a1"),
                .init(site: "c1", name: "Ann", url: nil, accountId: "a2"),
            ])
        let run = try await jirausagectl("user", "Ann") { _ throws(ControlError) in throw error }
        #expect(run.status == .data)
        #expect(
            run.errors == """
                jirausagectl: 2 people are called Ann
                  Ann  a1  c1
                  Ann  a2  c1
                Name one by account id.
                  jirausagectl --timeout 2m user a1
                  jirausagectl --timeout 2m user a2

                """)
    }

    @Test("Somebody who is known on several sites is shown for each")
    func severalSites() async throws {
        let user = try ann()
        let run = try await jirausagectl("user", "Ann", "--json") { request throws(ControlError) in
            guard let site = JSON.object(request.params)["site"] else {
                throw ControlError(
                    .ambiguous, "known on 2 sites",
                    choices: [.init(site: "c1", name: "One"), .init(site: "c2", name: "Two")])
            }
            return ["site": site]
        }
        #expect(run.output == #"{"rows":[{"site":"c1"},{"site":"c2"}],"next":null}"# + "\n")
        let people = try await jirausagectl("user", "Ann") { request throws(ControlError) in
            guard JSON.object(request.params)["site"] != nil else {
                throw ControlError(
                    .ambiguous, "known on 2 sites",
                    choices: [.init(site: "c1", name: "One"), .init(site: "c2", name: "Two")])
            }
            return user.json
        }
        #expect(people.output.hasPrefix("On One\nAnn Müller\n"))
        #expect(people.output.contains("\nOn Two\nAnn Müller\n"))
    }

    @Test("Consent to several sites lists them on standard error, exits with 65 and prints nothing")
    func consentToSeveralSites() async throws {
        let run = try await jirausagectl("auth", "complete", "http://127.0.0.1/cb?code=1") { _ throws(ControlError) in
            throw ControlError(
                .severalSites, "the consent covers 2 sites", hint: "Name one with --site.",
                choices: [
                    .init(site: "c1", name: "One", url: "https://one.atlassian.net"),
                    .init(site: "c2", name: "Two", url: "https://two.atlassian.net"),
                ])
        }
        #expect(run.status == .data)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("  Two  https://two.atlassian.net  c2\n"))
        #expect(
            run.errors.hasSuffix("  jirausagectl --timeout 2m auth complete - --site 'https://two.atlassian.net'\n"))
        #expect(!run.errors.contains("code=1"))
    }

    @Test("What is no URL is not sent to the daemon")
    func noURL() async throws {
        let run = try await jirausagectl(["auth", "complete", "code=1", "--socket", "/nowhere/s"])
        #expect(run.status == .data)
    }
}
