import ControlProtocol
import Foundation
import TestSupport
import Testing

@testable import UsageCommands

@Suite("Completion in a shell", .timeLimit(.minutes(5)))
struct CompletionTests {
    // MARK: - Values

    /// What is offered where the daemon has all the time in the world.
    private func words(
        _ kind: @escaping @Sendable (Session) throws(CommandFailure) -> [String],
        answer: @escaping @Sendable (ControlRequest) -> JSON
    ) async throws -> [String] {
        try await withDaemon({ request, conversation in
            conversation.answer(request, answer(request))
        }) { path in
            try await onThread {
                let session = Session(
                    settings: Settings(timeout: .seconds(120)), socket: path, variables: [:], console: Console(),
                    restartPatience: .zero)
                return try kind(session)
            }
        }
    }

    @Test("Sites, groups, roles and methods are those that the daemon knows")
    func known() async throws {
        let report = try status()
        #expect(
            try await words(ValueCompletion.knownSites) { _ in report.json } == ["https://example.atlassian.net"])
        let groups = try await words(ValueCompletion.knownGroups) { _ in
            let rows: [JSON] = [["groups": [["name": "b"], ["name": "a"]]], ["groups": [["name": "a"]]]]
            return ["rows": .array(rows), "next": nil]
        }
        #expect(groups == ["a", "b"])
        let methods = try await words(ValueCompletion.knownMethods) { request in
            #expect(request.method == "rpc.discover")
            return OpenRPC.document(version: "1")
        }
        #expect(methods.contains("user.list"))
    }

    @Test("Nothing is offered, and nothing said, where the daemon does not answer")
    func silence() async throws {
        let run = try await jirausagectl([
            "---completion", "users", "--", "--role", "3", "0", "jirausagectl", "--socket", "/nowhere/s", "users",
            "--role", "",
        ])
        // To zsh the library says that there is nothing with a space, and which shell asks it keeps for the whole process.
        #expect(run.output.filter { !$0.isWhitespace }.isEmpty)
        #expect(run.errors.isEmpty)
        #expect(run.status == .done)
    }

    // MARK: - Scripts

    /// Runs a shell with the completion script, and a program in the client's place that offers two roles.
    private func inShell(
        _ shell: String, _ words: @Sendable (_ script: String) -> [String]
    ) async throws -> TestSupport.Outcome? {
        guard let path = ["/bin/", "/usr/bin/"].map({ $0 + shell }).first(where: { access($0, X_OK) == 0 }) else {
            return nil
        }
        let script = try await jirausagectl(["completion", shell]).output
        return try await withTemporaryDirectory { directory in
            let file = directory + "/script"
            try Data(script.utf8).write(to: URL(fileURLWithPath: file))
            // By a process of its own: a program that this one has open, and so any child that another test starts just then,
            // cannot be run (ETXTBSY, execve(2)).
            let making = #"printf '#!/bin/sh\nprintf "jira-software\\njira-servicedesk\\n"\n' > "$0" && chmod 755 "$0""#
            let made = try await runToEnd(
                "/bin/sh", ["-c", making, directory + "/jirausagectl"], environment: [:], directory: directory)
            try #require(made.exitCode == 0, "\(made.errors)")
            let ending = try await runToEnd(
                path, words(file),
                environment: ["PATH": directory + ":/usr/bin:/bin", "HOME": directory, "LC_ALL": "C.UTF-8"],
                directory: directory)
            // Without a person at it fish 3 complains that it has no command line to look at.
            #expect(ending.errors.isEmpty || shell == "fish")
            #expect(ending.exitCode == 0)
            return ending
        }
    }

    @Test("bash completes commands, options, words that are known beforehand, and words of the daemon")
    func bash() async throws {
        for (line, words) in [
            ("us", ["user", "users"]), ("users --verd", ["--verdict"]), ("users --verdict in", ["inactive"]),
            ("users --sort ", ["name", "oldest", "newest"]),
            ("users --role jira-s", ["jira-software", "jira-servicedesk"]),
            ("--color a", ["auto", "always"]), ("completion f", ["fish"]),
        ] {
            let ending = try await inShell("bash") { script in
                let drive = """
                    . "$1"
                    COMP_LINE="jirausagectl $2"
                    COMP_POINT=${#COMP_LINE}
                    read -r -a COMP_WORDS <<< "$COMP_LINE"
                    [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
                    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                    _jirausagectl jirausagectl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                    printf '%s\\n' "${COMPREPLY[@]}"
                    """
                return ["--norc", "-c", drive, "bash", script, line]
            }
            if let ending {
                let offered = ending.output.split(separator: "\n").map(String.init)
                #expect(Set(offered) == Set(words), "\(line)")
            }
        }
    }

    @Test("fish completes the same")
    func fish() async throws {
        for (line, words) in [
            ("users --verdict in", ["inactive"]), ("users --role jira-s", ["jira-software", "jira-servicedesk"]),
            ("completion f", ["fish"]),
        ] {
            let ending = try await inShell("fish") { script in
                ["--no-config", "-c", "source $argv[1]; complete -C \"jirausagectl $argv[2]\"", script, line]
            }
            if let ending {
                let offered = ending.output.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
                #expect(Set(offered) == Set(words), "\(line): \(ending.errors)")
            }
        }
    }

    @Test("zsh reads its script, which asks the program for what it does not know itself")
    func zsh() async throws {
        _ = try await inShell("zsh") { script in ["-f", "-n", script] }
        let script = try await jirausagectl(["completion", "zsh"]).output
        #expect(script.contains("'active' 'inactive' 'neverActive' 'unknown'"))
        #expect(script.contains("---completion users -- --role"))
    }
}
