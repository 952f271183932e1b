import HTTPTypes

/// Leads a request to its endpoint and the answer back: faults, the gateway's checks, limits, counting.
struct RequestPipeline: Sendable {
    let simulator: JiraSimulator
    private let endpoints: [Endpoint] =
        AuthRoutes.endpoints + PersonalDataRoutes.endpoints + PeopleRoutes.endpoints + GroupRoutes.endpoints
        + SearchRoutes.endpoints + IssueRoutes.endpoints + ChangelogRoutes.endpoints + CommentRoutes.endpoints
        + WorklogRoutes.endpoints + SiteRoutes.endpoints + SimulatorRoutes.endpoints + HappeningRoutes.endpoints

    init(_ simulator: JiraSimulator) {
        self.simulator = simulator
    }

    /// An answer, and how it is to be spoilt on its way.
    struct Outcome {
        var reply: Reply
        let fault: FaultRule?
    }

    /// A request whose endpoint is known.
    struct Match {
        let endpoint: Endpoint
        let call: Call

        var route: String { "\(call.method.rawValue) \(endpoint.template)" }
    }

    func match(_ call: Call) -> Match? {
        let parts = call.path.split(separator: "/")
        for endpoint in endpoints where endpoint.method == call.method {
            guard let parameters = endpoint.parameters(of: parts) else { continue }
            var call = call
            call.parameters = parameters
            return Match(endpoint: endpoint, call: call)
        }
        return nil
    }

    func fault(for call: Call, _ match: Match?) -> FaultRule? {
        guard !call.path.hasPrefix(SimulatorRoutes.prefix) else { return nil }
        return simulator.takeFault(
            method: call.method.rawValue, template: match?.endpoint.template ?? call.path, path: call.path)
    }

    /// The answer; `fault` may put another in its place.
    func answer(_ call: Call, _ match: Match?, fault: FaultRule?) -> Reply {
        var points = 0
        var reply: Reply
        do throws(Refusal) {
            if let scripted = fault?.reply(now: simulator.now) {
                reply = scripted
            } else if let match {
                reply = try respond(match, &points)
            } else {
                throw Refusal.jira(404, "No resource is known at this path.")
            }
        } catch {
            reply = error.reply
        }
        if fault?.malformed == true { reply.body = String(reply.body.dropLast(max(reply.body.count / 3, 1))) + "\"" }
        if !call.path.hasPrefix(SimulatorRoutes.prefix) {
            let route = match?.route ?? "\(call.method.rawValue) unknown"
            simulator.record(route: route, status: reply.status, points: points, bytes: reply.body.utf8.count)
        }
        return reply
    }

    private func respond(_ match: Match, _ points: inout Int) throws(Refusal) -> Reply {
        switch match.endpoint.handler {
        case .origin(let respond): return try respond(match.call, simulator)
        case .site(let access, let burst, let respond):
            let call = try admit(match, access, burst: burst)
            do throws(Refusal) {
                let reply = try simulator.remembered(call, respond)
                points = 1 + reply.extraPoints
                return headed(reply, call, points, match.route, burst)
            } catch {
                // A refused request costs its base point too.
                points = 1
                throw Refusal(reply: headed(error.reply, call, points, match.route, burst))
            }
        }
    }

    /// What the gateway checks before a request reaches Jira: token, site, scope, limits.
    private func admit(_ match: Match, _ access: Endpoint.Access, burst: Int) throws(Refusal) -> SiteCall {
        let scopes = try simulator.scopes(of: match.call)
        guard let cloudID = match.call.parameters["cloudId"], let site = simulator.site(cloudID),
            !simulator.isWithheld(cloudID)
        else {
            throw .gateway(404, "No site with this cloud id is within the grant.")
        }
        switch access {
        case .anyToken: break
        case .scope(let scope): guard scopes.contains(scope) else { throw .wrongScope }
        case .closed: throw .wrongScope
        }
        return try simulator.admit(match.call, to: site, route: match.route, rate: burst)
    }

    private func headed(_ reply: Reply, _ call: SiteCall, _ points: Int, _ route: String, _ burst: Int) -> Reply {
        var reply = reply
        reply.headers += simulator.spend(points, route: route, rate: burst)
        let trace = "\(call.now.milliseconds)"
        reply.headers += [
            ("X-AAccountId", call.people[call.people.caller].accountID), ("Atl-Traceid", trace),
            ("Atl-Request-Id", trace), ("X-Arequestid", trace),
        ]
        return reply
    }
}
