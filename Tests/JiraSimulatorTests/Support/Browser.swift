import AsyncHTTPClient
import Foundation
import JiraSimulator
import NIOCore
import NIOHTTP1

/// Asks a simulator over HTTP.
struct Browser {
    let running: RunningSimulator
    /// The bearer token of requests to Jira.
    var token: String
    var cloudID: String

    var simulator: JiraSimulator { running.simulator }

    init(_ running: RunningSimulator) {
        self.running = running
        token = running.simulator.accessToken()
        cloudID = running.simulator.cloudIDs[0]
    }

    struct Answer {
        let status: Int
        private let headers: HTTPHeaders
        let text: String

        fileprivate init(status: Int, headers: HTTPHeaders, text: String) {
            self.status = status
            self.headers = headers
            self.text = text
        }

        func header(_ name: String) -> String? {
            headers.first(name: name)
        }

        var json: JSON {
            get throws { try JSON(text: text) }
        }
    }

    /// A request to a path of the origin: a POST if there is a body.
    func send(
        _ path: String, body: String? = nil, bearer: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: running.baseURL + path)
        request.method = body == nil ? .GET : .POST
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await Self.client.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }

    /// Follows no redirect: where consent leads is what tests look at.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// A request to the site's REST API.
    func get(_ path: String) async throws -> Answer {
        try await send("/ex/jira/\(cloudID)/rest/api/3\(path)", bearer: token)
    }

    func post(_ path: String, _ body: String) async throws -> Answer {
        try await send("/ex/jira/\(cloudID)/rest/api/3\(path)", body: body, bearer: token)
    }

    func control(_ path: String, _ body: String = "{}") async throws -> Answer {
        try await send("/_sim/\(path)", body: body)
    }

    // MARK: - Searching

    /// All issues that a query finds, page by page.
    func search(_ jql: String, fields: [String] = ["id"], pageSize: Int = 5000) async throws -> [JSON] {
        var found: [JSON] = []
        var token: String?
        repeat {
            let page = try await search(page: jql, fields: fields, pageSize: pageSize, token: token)
            found += page["issues"].array
            token = page["nextPageToken"].string
        } while token != nil
        return found
    }

    func search(
        page jql: String, fields: [String] = ["id"], pageSize: Int = 5000, token: String? = nil
    ) async throws -> JSON {
        let answer = try await searchAnswer(jql, fields: fields, pageSize: pageSize, token: token)
        guard answer.status == 200 else { throw Unexpected(answer: answer) }
        return try answer.json
    }

    func searchAnswer(
        _ jql: String, fields: [String] = ["id"], pageSize: Int = 5000, token: String? = nil
    ) async throws -> Answer {
        let body = SearchBody(jql: jql, fields: fields, maxResults: pageSize, nextPageToken: token)
        return try await post("/search/jql", String(decoding: JSONEncoder().encode(body), as: UTF8.self))
    }

    func ids(_ jql: String, pageSize: Int = 5000) async throws -> [String] {
        try await search(jql, pageSize: pageSize).compactMap { $0["id"].string }
    }

    func count(_ jql: String) async throws -> Int64? {
        let body = String(decoding: try JSONEncoder().encode(["jql": jql]), as: UTF8.self)
        return try await post("/search/approximate-count", body).json["count"].int
    }

    private struct SearchBody: Encodable {
        let jql: String
        let fields: [String]
        let maxResults: Int
        let nextPageToken: String?
    }

    struct Unexpected: Error {
        let answer: Answer
    }

    // MARK: - Signing in

    static let scopes = "offline_access read:jira-user read:jira-work report:personal-data"

    /// The query of a right request for consent; `changes` replaces parameters, or takes them away.
    func authorizeQuery(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String?] = [
            "audience": "api.atlassian.com", "client_id": simulator.client.id, "scope": Self.scopes, "state": "s t",
            "redirect_uri": simulator.client.redirectURI, "response_type": "code", "prompt": "consent",
        ]
        parameters.merge(changes) { $1 }
        var components = URLComponents()
        components.queryItems = parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { URLQueryItem(name: name, value: $0) }
        }
        return components.percentEncodedQuery ?? ""
    }

    /// Consents and returns the code.
    func code(_ changes: [String: String?] = [:]) async throws -> String {
        let answer = try await send("/authorize?\(authorizeQuery(changes))")
        guard answer.status == 302, let location = answer.header("Location"),
            let code = URLComponents(string: location)?.queryItems?.first(where: { $0.name == "code" })?.value
        else { throw Unexpected(answer: answer) }
        return code
    }

    /// Asks the token endpoint; `members` replaces those of the client, or takes them away.
    func token(_ members: [String: String?]) async throws -> Answer {
        var body: [String: String?] = [
            "client_id": simulator.client.id, "client_secret": simulator.client.secret,
            "redirect_uri": simulator.client.redirectURI,
        ]
        body.merge(members) { $1 }
        let encoded = try JSONEncoder().encode(body.compactMapValues { $0 })
        return try await send("/oauth/token", body: String(decoding: encoded, as: UTF8.self))
    }

    func exchange(_ code: String) async throws -> JSON {
        try await token(["grant_type": "authorization_code", "code": code]).json
    }

    func refresh(_ token: String?) async throws -> Answer {
        try await self.token(["grant_type": "refresh_token", "refresh_token": token])
    }
}

/// An instant of a frozen clock: a Tuesday noon in summer.
let noon = Moment(milliseconds: 1_786_449_600_000)

/// Serves a small site with a clock that stands still.
func withBrowser<Result: Sendable>(
    users: Int = 30, issues: Int = 120, seed: UInt64 = 1, at moment: Moment = noon,
    configure: (inout SimulatorConfiguration) -> Void = { _ in },
    _ body: (Browser) async throws -> Result
) async throws -> Result {
    var configuration = SimulatorConfiguration(users: users, issues: issues, seed: seed, time: .frozen(at: moment))
    configure(&configuration)
    return try await withJiraSimulator(configuration) { try await body(Browser($0)) }
}
