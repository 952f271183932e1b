import Foundation
import TestSupport

/// The programs that were built with this code, and lie beside the running one, be it a bundle of tests.
package enum Program {
    package static let daemon = path("jira-usaged")
    package static let client = path("jirausagectl")
    package static let simulator = path("jira-sim")

    private static func path(_ name: String) -> String {
        (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).deletingLastPathComponent()
            .appending(path: name).path
    }
}

/// A running `jira-sim`, from outside: what it printed, and its paths below `/_sim/`.
package struct Simulator: Sendable {
    package let baseURL: String
    package let clientID: String
    package let clientSecret: String
    let directory: String

    /// The same simulator, reached by a way round.
    package func reached(at baseURL: String) -> Simulator {
        Simulator(baseURL: baseURL, clientID: clientID, clientSecret: clientSecret, directory: directory)
    }

    private struct Greeting: Decodable {
        let baseUrl: String
        let clientId: String
        let clientSecret: String
    }

    package static func withSimulator<Value>(
        _ arguments: [String], directory: String, _ body: (Simulator) async throws -> Value
    ) async throws -> Value {
        try await withChildProcess(
            Program.simulator, ["--listen", "127.0.0.1:0"] + arguments, directory: directory
        ) { child in
            let greeting = try JSONDecoder().decode(Greeting.self, from: Data(await child.nextLine().utf8))
            let simulator = Simulator(
                baseURL: greeting.baseUrl, clientID: greeting.clientId, clientSecret: greeting.clientSecret,
                directory: directory)
            let value = try await body(simulator)
            try await simulator.searchForSecrets()
            return value
        }
    }

    package func oracle(asOf: String) async throws -> Oracle {
        try await decode(Oracle.self, from: ["\(baseURL)/_sim/oracle?thresholdDays=90&asOf=\(asOf)"])
    }

    package func statistics() async throws -> Statistics {
        try await decode(Statistics.self, from: ["\(baseURL)/_sim/stats"])
    }

    package func post(_ path: String, _ body: String) async throws {
        _ = try await curl(["-X", "POST", "-H", "Content-Type: application/json", "-d", body, baseURL + path])
    }

    /// Consents at `authorizationURL`, as a person would in a browser.
    ///
    /// - Returns: where the browser is sent.
    package func consent(_ authorizationURL: String) async throws -> String {
        try await curl(["-o", "/dev/null", "-w", "%{redirect_url}", authorizationURL])
    }

    func decode<Value: Decodable>(_ type: Value.Type, from arguments: [String]) async throws -> Value {
        try JSONDecoder().decode(type, from: Data(await curl(arguments).utf8))
    }

    private func curl(_ arguments: [String]) async throws -> String {
        let outcome = try await runToEnd("curl", ["-sS", "--fail"] + arguments, directory: directory)
        guard outcome.exitCode == 0 else { throw ChildProcess.Failure(description: outcome.errors) }
        return outcome.output
    }
}

/// What `GET /_sim/stats` answers.
package struct Statistics: Decodable, Sendable {
    package struct Row: Decodable, Sendable {
        package let route: String
        package let status: Int
        package let count: Int
    }

    package let requests: [Row]
    package let total: Int
    package let points: Int

    /// Requests since `earlier`, by route, the most frequent first.
    package func requests(since earlier: Statistics) -> [(route: String, count: Int)] {
        func sums(_ rows: [Row]) -> [String: Int] {
            Dictionary(rows.map { ($0.route, $0.count) }, uniquingKeysWith: +)
        }
        return sums(requests).merging(sums(earlier.requests), uniquingKeysWith: -).filter { $0.value > 0 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (route: $0.key, count: $0.value) }
    }
}
