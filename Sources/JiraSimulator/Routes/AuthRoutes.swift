import FoundationEssentials
import HTTPTypes

/// What auth.atlassian.com serves, and the list of sites
/// (https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/).
enum AuthRoutes {
    static let endpoints: [Endpoint] = [
        Endpoint(.get, "/authorize", .origin(authorize)),
        Endpoint(.post, "/oauth/token", .origin(token)),
        Endpoint(.get, "/oauth/token/accessible-resources", .origin(accessibleResources)),
    ]

    /// Consents by itself. What is wrong with the request is told on a page, as redirecting would trust it.
    private static func authorize(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        func required(_ name: String) throws(Refusal) -> String {
            guard let value = call.first(name), !value.isEmpty else {
                throw .oauth(.invalidRequest("The parameter \(name) is required."))
            }
            return value
        }
        func require(_ name: String, _ value: String) throws(Refusal) {
            guard try required(name) == value else {
                throw .oauth(.invalidRequest("The parameter \(name) must be \(value)."))
            }
        }
        let client = simulator.client
        try require("audience", "api.atlassian.com")
        guard try required("client_id") == client.id else {
            throw .oauth(.invalidRequest("The client_id is unknown."))
        }
        guard try required("redirect_uri") == client.redirectURI else {
            throw .oauth(.invalidRequest("The redirect_uri is not the registered callback URL."))
        }
        try require("response_type", "code")
        try require("prompt", "consent")
        let state = try required("state")
        var scopes: [OAuthScope] = []
        for name in try required("scope").split(separator: " ") {
            guard let scope = OAuthScope(rawValue: String(name)) else {
                throw .oauth(.invalidRequest("The scope \(name) is not configured for this application."))
            }
            scopes.append(scope)
        }
        let answer =
            simulator.consent(to: scopes, state: state).map { "code=\($0)" }
            ?? "error=access_denied&error_description=User%20did%20not%20authorize%20the%20request"
        let location = "\(client.redirectURI)?\(answer)&state=\(PercentEncoding.encoded(state))"
        return Reply(status: 302, body: "", headers: [("Location", location)])
    }

    private struct TokenRequest: Decodable {
        var grant_type: String?
        var client_id: String?
        var client_secret: String?
        var code: String?
        var redirect_uri: String?
        var refresh_token: String?
    }

    private static func token(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let request: TokenRequest
        do {
            request = try JSONDecoder().decode(TokenRequest.self, from: call.body)
        } catch {
            throw .oauth(.invalidRequest("The body must be JSON."))
        }
        let client = simulator.client
        do throws(OAuthRefusal) {
            guard request.client_id == client.id, request.client_secret == client.secret else {
                throw .accessDenied
            }
            let answer: TokenAnswer
            switch request.grant_type {
            case "authorization_code":
                guard let code = request.code, request.redirect_uri == client.redirectURI else {
                    throw .invalidCode
                }
                answer = try simulator.exchange(code)
            case "refresh_token":
                guard let token = request.refresh_token else {
                    throw .invalidRequest("The parameter refresh_token is required.")
                }
                answer = try simulator.refresh(token)
            default: throw .unsupportedGrantType
            }
            return reply(answer)
        } catch {
            throw .oauth(error)
        }
    }

    private static func reply(_ answer: TokenAnswer) -> Reply {
        .object { json in
            json.member("access_token", answer.accessToken)
            json.member("expires_in", answer.expiresInSeconds)
            json.member("token_type", "Bearer")
            if let token = answer.refreshToken { json.member("refresh_token", token) }
            json.member("scope", answer.scopes.map(\.rawValue).joined(separator: " "))
        }
    }

    private static func accessibleResources(_ call: Call, _ simulator: JiraSimulator) throws(Refusal) -> Reply {
        let scopes = try simulator.scopes(of: call)
        let ofJira = scopes.filter { $0 == .readJiraUser || $0 == .readJiraWork }
        return .array { json in
            guard !ofJira.isEmpty else { return }
            for site in simulator.sites where !simulator.isWithheld(site.data.identity.cloudID) {
                resource(site.data.identity, ofJira.map(\.rawValue), &json)
                if simulator.configuration.listsOtherProducts {
                    resource(site.data.identity, ["read:confluence-content.all"], &json)
                }
            }
        }
    }

    private static func resource(_ identity: SiteIdentity, _ scopes: [String], _ json: inout JSONText) {
        json.object { json in
            json.member("id", identity.cloudID)
            json.member("url", identity.url)
            json.member("name", identity.name)
            json.array("scopes") { json in
                for scope in scopes { json.value(scope) }
            }
            json.member("avatarUrl", "https://site-admin-avatar-cdn.example/avatars/240/site.png")
        }
    }
}
