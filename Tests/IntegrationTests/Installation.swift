import Foundation
import TestSupport

/// One daemon's configuration, keys and state in a scratch directory, and the programs run with them.
struct Installation {
    let directory: String
    var configPath: String { "\(directory)/config.toml" }
    var statePath: String { "\(directory)/state" }
    var socketPath: String { "\(directory)/control.sock" }
    var clientSecretPath: String { "\(directory)/client-secret" }
    var vaultKeyPath: String { "\(directory)/vault-key" }

    /// Writes what an administrator writes, with keys of their own and everything collected.
    init(directory: String, simulator: Simulator? = nil) throws {
        self.directory = directory
        let files = FileManager.default
        try files.createDirectory(
            atPath: statePath, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try write(configuration(for: simulator), to: configPath, mode: 0o644)
        try write(simulator?.clientSecret ?? "secret", to: clientSecretPath, mode: 0o600)
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try write(key + "\n", to: vaultKeyPath, mode: 0o600)
    }

    func configuration(for simulator: Simulator?) -> String {
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

    func write(_ text: String, to path: String, mode: Int) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    // MARK: - The daemon

    /// Swift's backtracer takes half a minute, and the daemon's unit switches it off too.
    static let environment = ["SWIFT_BACKTRACE": "enable=no"]

    /// Runs `body` while the daemon is up and ready.
    ///
    /// - Parameter command: what starts it, where that is not the daemon itself; it has to pass `NOTIFY_SOCKET` on.
    func withDaemon<Value>(
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

    /// Runs the daemon where it is expected to end by itself; one that gets ready all the same is ended.
    func refusedDaemon() async throws -> Outcome {
        let manager = try ServiceManager(directory: directory)
        let environment = Self.environment.merging(["NOTIFY_SOCKET": manager.path]) { $1 }
        let daemon = try ChildProcess(
            Program.daemon, ["--config", configPath], environment: environment, directory: directory)
        if await manager.becomesReady(daemon) { daemon.signal(SIGTERM) }
        let output = await daemon.restOfOutput()
        return Outcome(exitCode: await daemon.exitCode(), output: output, errors: daemon.errors)
    }

    // MARK: - The client

    func client(_ arguments: String...) async throws -> Outcome {
        try await runToEnd(
            Program.client, arguments, environment: ["JIRA_USAGED_SOCKET": socketPath], directory: directory)
    }

    /// What a command prints with `--json`; fails unless it exits with one of `codes`.
    func ask<Value: Decodable>(
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

    func status() async throws -> Status {
        try await ask(Status.self, "status", exiting: [0, 1])
    }

    /// The whole dance: ask for the URL, consent there, bring the answer back.
    func connect(to simulator: Simulator) async throws {
        let invitation = try await ask(Invitation.self, "auth", "begin")
        let redirected = try await simulator.consent(invitation.authorizationUrl)
        _ = try await ask(Completion.self, "auth", "complete", redirected)
    }

    func sync() async throws {
        let outcome = try await client("sync", "run", "--wait")
        guard outcome.exitCode == 0 else {
            throw ChildProcess.Failure(description: "sync run --wait: exit \(outcome.exitCode): \(outcome.errors)")
        }
    }

    /// Every user, page by page, by account id.
    func users(asOf: String) async throws -> [String: User] {
        var users: [String: User] = [:]
        var after: String?
        repeat {
            let place = after.map { #","after":"\#($0)""# } ?? ""
            let outcome = try await client("call", "user.list", #"{"thresholdDays":90,"asOf":"\#(asOf)"\#(place)}"#)
            let reply = try JSONDecoder().decode(Reply<UserPage>.self, from: Data(outcome.output.utf8))
            guard let page = reply.result else {
                throw ChildProcess.Failure(description: "user.list: \(outcome.output)\(outcome.errors)")
            }
            users.merge(page.rows.map { ($0.accountId, $0) }) { first, _ in first }
            after = page.next
        } while after != nil
        return users
    }

    func licences(asOf: String) async throws -> LicenceSummary {
        try await ask(LicenceSummary.self, "licences", "--threshold", "90d", "--as-of", asOf)
    }
}
