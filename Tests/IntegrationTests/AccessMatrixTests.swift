import Foundation
import Glibc
import TestInstallation
import TestSupport
import Testing

@Suite("Who may call what", .enabled(if: geteuid() == 0, "takes root, to call as others"), .timeLimit(.minutes(5)))
struct AccessMatrixTests {
    @Test("every method is open to whom the contract says, by uid and groups, and to nobody else")
    func everyMethod() async throws {
        try await withDaemonOfNobody { installation in
            let stranger = AccessMatrixCaller(user: .stranger, membership: .none)
            let document = try await stranger.ask(
                [#"{"jsonrpc":"2.0","id":0,"method":"rpc.discover"}"#], at: installation.socketPath,
                directory: installation.directory)
            let methods = try AccessMatrixMethod.all(in: try #require(document.first))
            #expect(methods.count >= 20)
            for tier in [AccessMatrixMethod.Tier.anyone, .read, .admin] {
                #expect(methods.contains { $0.tier == tier })
            }
            let requests = try methods.enumerated().map { try $1.request(id: $0) }
            for caller in AccessMatrixCaller.all {
                let lines = try await caller.ask(
                    requests, at: installation.socketPath, directory: installation.directory)
                let answers = try lines.compactMap(Answer.init)
                #expect(answers.map(\.id).sorted() == Array(methods.indices), "\(caller): \(lines)")
                for answer in answers where methods.indices.contains(answer.id) {
                    expect(answer, of: methods[answer.id], to: caller)
                }
            }
        }
    }

    @Test("jirausagectl tells whoever may not by 77, with the group to join, and goes on for whoever may")
    func exitStatus() async throws {
        let reader = AccessMatrixCaller(user: .stranger, membership: .readSupplementary)
        let stranger = AccessMatrixCaller(user: .stranger, membership: .none)
        let administrator = AccessMatrixCaller(user: .stranger, membership: .adminPrimary)
        let refused: [(AccessMatrixCaller, [String], String)] = [
            (stranger, ["users"], "games"), (stranger, ["licences"], "games"), (stranger, ["auth", "status"], "games"),
            (stranger, ["sync", "run"], "operator"), (stranger, ["call", "user.list"], "games"),
            (reader, ["sync", "run"], "operator"), (reader, ["auth", "begin"], "operator"),
            (reader, ["vault", "rekey"], "operator"), (reader, ["auth", "logout", "c1"], "operator"),
        ]
        let open: [(AccessMatrixCaller, [String])] = [
            (stranger, ["status"]), (stranger, ["call", "ping"]), (reader, ["auth", "status"]),
            (reader, ["call", "privacy.status"]), (administrator, ["auth", "begin"]), (administrator, ["sync", "run"]),
        ]
        try await withDaemonOfNobody { installation in
            func run(_ caller: AccessMatrixCaller, _ arguments: [String]) async throws -> Outcome {
                let words = caller.command + [Program.client] + arguments
                return try await runToEnd(
                    words[0], Array(words.dropFirst()), environment: ["JIRA_USAGED_SOCKET": installation.socketPath],
                    directory: installation.directory)
            }
            for (caller, arguments, group) in refused {
                let outcome = try await run(caller, arguments)
                #expect(outcome.exitCode == 77, "\(caller): \(arguments): \(outcome)")
                let told = outcome.errors + outcome.output
                #expect(told.contains("-aG \(group) "), "\(caller): \(arguments): \(outcome)")
            }
            for (caller, arguments) in open {
                let outcome = try await run(caller, arguments)
                #expect(outcome.exitCode != 77, "\(caller): \(arguments): \(outcome)")
            }
        }
    }

    // MARK: -

    /// By the contract alone: root, the daemon's own user and the admin group everything, the read group what reads.
    private func mayCall(_ method: AccessMatrixMethod, _ caller: AccessMatrixCaller) -> Bool {
        switch (caller.user, caller.membership) {
        case (.root, _), (.daemon, _): true
        case (.stranger, .adminPrimary), (.stranger, .adminSupplementary), (.stranger, .readPrimaryAdminSupplementary):
            true
        case (.stranger, .readPrimary), (.stranger, .readSupplementary): method.tier <= .read
        case (.stranger, .none): method.tier == .anyone
        }
    }

    private func expect(_ answer: Answer, of method: AccessMatrixMethod, to caller: AccessMatrixCaller) {
        guard !mayCall(method, caller) else {
            #expect(answer.kind != "notPermitted", "\(caller) may call \(method.name)")
            // What is refused before it is known who asks would show nothing.
            #expect(answer.kind != "invalidParams" && answer.kind != "methodNotFound", "\(method.name): \(answer)")
            return
        }
        let group = method.tier == .read ? AccessMatrixCaller.readGroup : AccessMatrixCaller.adminGroup
        let what = "\(caller) may not call \(method.name): \(answer)"
        #expect(answer.kind == "notPermitted" && answer.code == 1010, "\(what)")
        #expect(answer.hint?.contains("-aG \(group.name) ") == true, "\(what)")
        #expect(answer.isRetryable == false, "\(what)")
    }

    private struct Answer {
        let id: Int
        let code: Int?
        let kind: String?
        let hint: String?
        let isRetryable: Bool?

        /// `nil` for a notification.
        init?(_ line: String) throws {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            if object["method"] != nil { return nil }
            let error = object["error"] as? [String: Any]
            let data = error?["data"] as? [String: Any]
            id = try #require(object["id"] as? Int, "\(line)")
            code = error?["code"] as? Int
            kind = data?["kind"] as? String
            hint = data?["hint"] as? String
            isRetryable = data?["retryable"] as? Bool
            try #require((object["result"] == nil) != (error == nil), "\(line)")
        }
    }

    /// A daemon of an ordinary user, whose groups the configuration names, with a socket that everybody reaches.
    private func withDaemonOfNobody(_ body: (Installation) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let installation = try Installation(directory: directory)
            let access = """
                [access]
                read_group = "\(AccessMatrixCaller.readGroup.name)"
                admin_group = "\(AccessMatrixCaller.adminGroup.name)"

                """
            try installation.write(
                installation.configuration(for: nil) + access, to: installation.configPath, mode: 0o644)
            let nobody = AccessMatrixCaller(user: .daemon, membership: .none)
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory) + ["."] {
                try #require(chown("\(directory)/\(path)", nobody.user.uid, 0) == 0)
            }
            try #require(chmod(directory, 0o711) == 0)
            // READY would go to a socket of root's, which nobody may not send to.
            let words = nobody.command + [Program.daemon, "--config", installation.configPath]
            let daemon = try ChildProcess(words[0], Array(words.dropFirst()), directory: directory)
            while daemon.isRunning, !daemon.errors.contains("Ready") { await Task.yield() }
            try #require(daemon.isRunning, "\(daemon.errors)")
            do {
                try await body(installation)
                #expect(await daemon.terminate() == 0, "\(daemon.errors)")
            } catch {
                await daemon.terminate()
                throw error
            }
        }
    }
}
