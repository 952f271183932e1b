import HTTPTypes

/// A path the simulator serves, and what it answers there.
struct Endpoint: Sendable {
    let method: HTTPRequest.Method
    /// Open parts stand in braces.
    let template: String
    let handler: Handler
    private let parts: [Part]

    enum Handler: Sendable {
        /// Served by the origin itself.
        case origin(@Sendable (Call, JiraSimulator) throws(Refusal) -> Reply)
        /// A resource of one site, which the gateway guards.
        case site(Access, burst: Int, @Sendable (SiteCall) throws(Refusal) -> Reply)
    }

    /// What a token needs for a resource of a site.
    enum Access: Sendable, Equatable {
        case anyToken
        case scope(OAuthScope)
        /// Not open to any of the scopes that the application may have.
        case closed
    }

    private enum Part: Sendable {
        case fixed(Substring)
        case open(String)
    }

    init(_ method: HTTPRequest.Method, _ template: String, _ handler: Handler) {
        self.method = method
        self.template = template
        self.handler = handler
        parts = template.split(separator: "/").map { part in
            part.hasPrefix("{") ? .open(String(part.dropFirst().dropLast())) : .fixed(part)
        }
    }

    /// The values of the template's open parts; `nil` if the path is another.
    func parameters(of path: [Substring]) -> [String: String]? {
        guard path.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, text) in zip(parts, path) {
            switch part {
            case .fixed(let name): if name != text { return nil }
            case .open(let name): parameters[name] = PercentEncoding.decoded(text)
            }
        }
        return parameters
    }
}

extension Endpoint {
    static let siteRoot = "/ex/jira/{cloudId}/rest/api/3"

    /// A GET of one site's REST API. Burst: requests a second that Jira allows
    /// (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/).
    static func get(
        _ template: String, _ access: Access, burst: Int = 100,
        _ respond: @escaping @Sendable (SiteCall) throws(Refusal) -> Reply
    ) -> Endpoint {
        Endpoint(.get, siteRoot + template, .site(access, burst: burst, respond))
    }

    static func post(
        _ template: String, _ access: Access, burst: Int = 100,
        _ respond: @escaping @Sendable (SiteCall) throws(Refusal) -> Reply
    ) -> Endpoint {
        Endpoint(.post, siteRoot + template, .site(access, burst: burst, respond))
    }

    /// What exists in Jira but is closed to the application's scopes.
    static func closed(_ template: String) -> Endpoint {
        get(template, .closed) { _ throws(Refusal) in throw .wrongScope }
    }
}

/// A request for a resource of a site that has passed the gateway.
struct SiteCall: Sendable {
    let call: Call
    let site: HostedSite
    /// The site as it stands.
    let snapshot: SiteSnapshot
    /// The site as the search index knows it, which may lag.
    let index: SiteSnapshot
    let now: Moment
    let callerZone: Zone
    let permissions: Permissions
    let configuration: SimulatorConfiguration
    /// How many groups `GET /user?expand=groups` lists.
    let groupItemLimit: Int?
    let basis: AnswerMemo.Basis

    var identity: SiteIdentity { site.data.identity }
    var people: People { snapshot.people }

    var dates: JQLDates { JQLDates(zone: callerZone, now: now) }

    /// The issue that the path names.
    func issue() throws(Refusal) -> Issue {
        guard let name = call.parameters["issueIdOrKey"], let position = visiblePosition(of: name) else {
            throw .jira(404, "Issue does not exist or you do not have permission to see it.")
        }
        return snapshot.issue(at: position)
    }

    func visiblePosition(of idOrKey: String) -> Int? {
        guard let position = snapshot.position(of: idOrKey), snapshot.isVisible(at: position) else {
            return nil
        }
        return position
    }

    /// For resources that need the global permission to browse users and groups.
    func requireBrowsingUsers() throws(Refusal) {
        guard permissions.browseUsers else {
            throw .jira(403, "You do not have permission to browse users and groups.")
        }
    }
}

/// What the account that consented may do on its sites.
package struct Permissions: Sendable, Equatable {
    /// `USER_PICKER`, “Browse users and groups”.
    package var browseUsers = true
    /// `BROWSE_PROJECTS`, in any project.
    package var browseProjects = true

    package init() {}
}
