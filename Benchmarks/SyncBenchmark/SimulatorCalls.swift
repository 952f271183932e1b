import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestInstallation

/// What is asked of a simulator so often that it needs a client of its own.
struct SimulatorCalls: Sendable {
    private let baseURL: String

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    init(_ simulator: Simulator) {
        baseURL = simulator.baseURL
    }

    /// A bearer token with all scopes, good for an hour by the simulator's clock.
    func token() async throws -> String {
        struct Answer: Decodable { let accessToken: String }
        return try await ask(Answer.self, .POST, "/_sim/token").accessToken
    }

    func advanceClock(by duration: Duration) async throws {
        struct Answer: Decodable { let now: String }
        _ = try await ask(
            Answer.self, .POST, "/_sim/clock", body: #"{"advanceSeconds":\#(duration / .seconds(1))}"#)
    }

    /// The first site of the consent.
    func cloudID(token: String) async throws -> String {
        struct Site: Decodable { let id: String }
        let sites = try await ask([Site].self, .GET, "/oauth/token/accessible-resources", token: token)
        guard let site = sites.first else { throw Refused(description: "the simulator has no site") }
        return site.id
    }

    func callerAccountID(cloudID: String, token: String) async throws -> String {
        struct Account: Decodable { let accountId: String }
        return try await ask(Account.self, .GET, "/ex/jira/\(cloudID)/rest/api/3/myself", token: token).accountId
    }

    private func ask<Value: Decodable>(
        _ type: Value.Type, _ method: HTTPMethod, _ path: String, body: String? = nil, token: String? = nil
    ) async throws -> Value {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, deadline: .now() + .minutes(10))
        let answer = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else {
            throw Refused(description: "\(path): \(response.status.code) \(String(buffer: answer))")
        }
        return try JSONDecoder().decode(type, from: Data(answer.readableBytesView))
    }
}

/// Access tokens as they are needed: another one where the last was refused.
actor Tokens {
    private let calls: SimulatorCalls
    private var current: String?

    init(_ calls: SimulatorCalls) {
        self.calls = calls
    }

    /// - Parameter rejected: a token that is not good any more.
    func token(rejected: String? = nil) async throws -> String {
        if let current, current != rejected { return current }
        let token = try await calls.token()
        current = token
        return token
    }

    /// Forgets the token, because time has passed.
    func expire() {
        current = nil
    }
}
