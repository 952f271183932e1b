import Foundation
package import TestSupport

/// One daemon's configuration, keys and state in a scratch directory, and the programs run with them.
package struct Installation {
    package let directory: String
    package var configPath: String { "\(directory)/config.toml" }
    package var statePath: String { "\(directory)/state" }
    package var socketPath: String { "\(directory)/control.sock" }
    package var clientSecretPath: String { "\(directory)/client-secret" }
    package var vaultKeyPath: String { "\(directory)/vault-key" }

    /// Writes what an administrator writes, with keys of their own and everything collected.
    ///
    /// - Parameter syncSettings: further lines of the table `[sync]`.
    package init(directory: String, simulator: Simulator? = nil, syncSettings: [String] = []) throws {
        self.directory = directory
        let files = FileManager.default
        try files.createDirectory(
            atPath: statePath, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let lines = syncSettings.map { $0 + "\n" }.joined()
        try write(configuration(for: simulator) + lines, to: configPath, mode: 0o644)
        try write(simulator?.clientSecret ?? "secret", to: clientSecretPath, mode: 0o600)
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try write(key + "\n", to: vaultKeyPath, mode: 0o600)
    }

    package func configuration(for simulator: Simulator?) -> String {
        let base = simulator?.baseURL ?? "http://127.0.0.1:9"
        return """
            state_directory = "\(statePath)"
            control_socket = "\(socketPath)"
            [oauth]
            client_id = "\(simulator?.clientID ?? "client")"
            client_secret_file = "\(clientSecretPath)"
            authorization_server = "\(base)"
            [api]
            base_url = "\(base)"
            [vault]
            key_file = "\(vaultKeyPath)"
            [sync]
            history = "all"

            """
    }

    package func write(_ text: String, to path: String, mode: Int) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    // MARK: - The daemon

    /// Swift's backtracer takes half a minute, and the daemon's unit switches it off too.
    package static let environment = ["SWIFT_BACKTRACE": "enable=no"]

    /// Runs `body` while the daemon is up and ready.
    ///
    /// - Parameter command: what starts it, where that is not the daemon itself; it has to pass `NOTIFY_SOCKET` on.
    package func withDaemon<Value>(
        command: [String]? = nil, _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        let manager = try ServiceManager(directory: directory)
        let environment = Self.environment.merging(["NOTIFY_SOCKET": manager.path]) { $1 }
        let words = command ?? [Program.daemon, "--config", configPath]
        return try await withChildProcess(
            words[0], Array(words.dropFirst()), environment: environment, directory: directory
        ) { daemon in
            guard await manager.becomesReady(daemon) else {
                throw ChildProcess.Failure(
                    description: "not ready (exit \(await daemon.exitCode())): \(daemon.errors)")
            }
            return try await body(daemon)
        }
    }

    /// Starts the daemon and waits for nothing: whoever calls ends it.
    package func startDaemon() throws -> ChildProcess {
        try ChildProcess(
            Program.daemon, ["--config", configPath], environment: Self.environment, directory: directory)
    }

    /// Runs the daemon where it is expected to end by itself; one that gets ready all the same is ended.
    package func refusedDaemon() async throws -> Outcome {
        let manager = try ServiceManager(directory: directory)
        let environment = Self.environment.merging(["NOTIFY_SOCKET": manager.path]) { $1 }
        let daemon = try ChildProcess(
            Program.daemon, ["--config", configPath], environment: environment, directory: directory)
        if await manager.becomesReady(daemon) { daemon.signal(SIGTERM) }
        let output = await daemon.restOfOutput()
        return Outcome(exitCode: await daemon.exitCode(), output: output, errors: daemon.errors)
    }

    // MARK: - The client

    package func client(_ arguments: String...) async throws -> Outcome {
        try await runToEnd(
            Program.client, arguments, environment: ["JIRA_USAGED_SOCKET": socketPath], directory: directory)
    }

    /// What a command prints with `--json`; fails unless it exits with one of `codes`.
    package func ask<Value: Decodable>(
        _ type: Value.Type, _ arguments: String..., exiting codes: Set<Int32> = [0]
    ) async throws -> Value {
        let outcome = try await runToEnd(
            Program.client, ["--json"] + arguments, environment: ["JIRA_USAGED_SOCKET": socketPath],
            directory: directory)
        guard codes.contains(outcome.exitCode) else {
            throw ChildProcess.Failure(
                description:
                    "jirausagectl \(arguments.joined(separator: " ")): exit \(outcome.exitCode): \(outcome.errors)")
        }
        return try JSONDecoder().decode(type, from: Data(outcome.output.utf8))
    }

    /// What a method of the socket answers.
    package func call<Value: Decodable>(
        _ type: Value.Type, _ method: String, _ parameters: String = "{}"
    ) async throws -> Value {
        let outcome = try await client("call", method, parameters)
        guard let reply = try? JSONDecoder().decode(Reply<Value>.self, from: Data(outcome.output.utf8)),
            let result = reply.result
        else { throw ChildProcess.Failure(description: "\(method): \(outcome.output)\(outcome.errors)") }
        return result
    }

    package func status() async throws -> Status {
        try await ask(Status.self, "status", exiting: [0, 1])
    }

    /// The whole dance: ask for the URL, consent there, bring the answer back.
    package func connect(to simulator: Simulator) async throws {
        let invitation = try await ask(Invitation.self, "auth", "begin")
        let redirected = try await simulator.consent(invitation.authorizationUrl)
        _ = try await ask(Completion.self, "auth", "complete", redirected)
    }

    package func sync() async throws {
        let outcome = try await client("sync", "run", "--wait")
        guard outcome.exitCode == 0 else {
            throw ChildProcess.Failure(description: "sync run --wait: exit \(outcome.exitCode): \(outcome.errors)")
        }
    }

    /// Every user, page by page, by account id.
    package func users(asOf: String) async throws -> [String: User] {
        var users: [String: User] = [:]
        var after: String?
        repeat {
            let place = after.map { #","after":"\#($0)""# } ?? ""
            let page = try await call(
                UserPage.self, "user.list", #"{"thresholdDays":90,"asOf":"\#(asOf)"\#(place)}"#)
            users.merge(page.rows.map { ($0.accountId, $0) }) { first, _ in first }
            after = page.next
        } while after != nil
        return users
    }

    package func licences(asOf: String) async throws -> LicenceSummary {
        try await ask(LicenceSummary.self, "licences", "--threshold", "90d", "--as-of", asOf)
    }
}
