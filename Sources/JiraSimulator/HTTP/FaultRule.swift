/// Something that shall go wrong.
///
/// As JSON, for `POST /_sim/faults`, which takes a list of such objects and puts them in place of those before; an empty
/// list clears all:
///
///     [{"route": "/search/jql", "method": "POST", "skip": 2, "times": 1, "status": 503, "retryAfter": 2}]
///
/// Which requests: `route` (a template or its end or beginning, or the beginning of a path; all, if absent), `method`,
/// after `skip` matches, `times` times (for ever, if absent). The first rule that fits is taken.
///
/// What happens, together if sensible: `status` with `body`, `headers`, `retryAfter` (seconds) and `reason` (such as
/// `jira-burst-based` or `jira-quota-global-based`; the latter brings the headers of an exhausted quota);
/// `delayMilliseconds` before the answer; `cutAfterBytes` of the body, then the connection closes;
/// `stallMilliseconds` in the middle of the body; `dripBytes` at a time with `dripMilliseconds` between;
/// `malformed` JSON.
///
/// Members without a request: `"revokeTokens": true` (all tokens and grants), `"revokeAccessTokens": true`,
/// `"revokeRefreshTokens": true`, done at once; and, as long as the list is in force, `"withhold": "USER_PICKER"` or
/// `"BROWSE_PROJECTS"`, `"indexLagSeconds": 600`, `"commentEditsDoNotBump": true`, `"denyConsent": true`,
/// `"withholdSite": "CLOUD-ID"` (the grant does not open that site any more),
/// `"groupItems": 20` (`GET /user?expand=groups` lists no more groups than that, whatever `size` says).
package struct FaultRule: Sendable, Decodable {
    package var route: String?
    package var method: String?
    package var skip: Int?
    package var times: Int?

    package var status: Int?
    package var body: String?
    package var headers: [String: String]?
    package var retryAfter: Int?
    package var reason: String?
    package var delayMilliseconds: Int?
    package var cutAfterBytes: Int?
    package var stallMilliseconds: Int?
    package var dripBytes: Int?
    package var dripMilliseconds: Int?
    package var malformed: Bool?

    package var revokeTokens: Bool?
    package var revokeAccessTokens: Bool?
    package var revokeRefreshTokens: Bool?
    package var withhold: String?
    package var withholdSite: String?
    package var indexLagSeconds: Int?
    package var commentEditsDoNotBump: Bool?
    package var denyConsent: Bool?
    package var groupItems: Int?

    package init() {}

    /// A rule that spoils the answers of a route.
    package init(route: String, method: String? = nil, skip: Int? = nil, times: Int? = nil, status: Int? = nil) {
        self.route = route
        self.method = method
        self.skip = skip
        self.times = times
        self.status = status
    }

    var spoilsAnswers: Bool {
        status != nil || delayMilliseconds != nil || cutAfterBytes != nil || stallMilliseconds != nil
            || dripMilliseconds != nil || malformed == true
    }

    /// What is wrong with the rule; `nil` if nothing is.
    var problem: String? {
        if let withhold, !["USER_PICKER", "BROWSE_PROJECTS"].contains(withhold) {
            return "The permission “\(withhold)” cannot be withheld; USER_PICKER and BROWSE_PROJECTS can."
        }
        if let groupItems, groupItems < 0 { return "groupItems must not be negative." }
        if let status, !(200...599).contains(status) { return "\(status) is no status." }
        let does = [
            spoilsAnswers, revokeTokens == true, revokeAccessTokens == true, revokeRefreshTokens == true,
            withhold != nil, withholdSite != nil, indexLagSeconds != nil, commentEditsDoNotBump == true,
            denyConsent == true,
            groupItems != nil,
        ]
        return does.contains(true) ? nil : "A rule does nothing; see jira-sim --help for what it can do."
    }

    func matches(method: String, template: String, path: String) -> Bool {
        if let wanted = self.method, wanted.uppercased() != method { return false }
        guard let route else { return true }
        return template.hasSuffix(route) || template.hasPrefix(route) || path.hasPrefix(route)
    }
}

/// The rules in force, and how often each has been met.
struct FaultScript: Sendable {
    private(set) var rules: [FaultRule] = []
    private var met: [Int] = []

    init(_ rules: [FaultRule] = []) {
        self.rules = rules
        met = Array(repeating: 0, count: rules.count)
    }

    /// The rule that spoils the answer to a request, if any; counts the request for every rule that it fits.
    mutating func take(method: String, template: String, path: String) -> FaultRule? {
        var taken: FaultRule?
        for (index, rule) in rules.enumerated() where rule.spoilsAnswers {
            guard rule.matches(method: method, template: template, path: path) else { continue }
            let before = met[index]
            let first = rule.skip ?? 0
            guard taken == nil || before < first else { continue }
            met[index] += 1
            guard before >= first, rule.times.map({ before < first + $0 }) ?? true else { continue }
            taken = rule
        }
        return taken
    }

    var permissions: Permissions {
        var permissions = Permissions()
        permissions.browseUsers = !rules.contains { $0.withhold == "USER_PICKER" }
        permissions.browseProjects = !rules.contains { $0.withhold == "BROWSE_PROJECTS" }
        return permissions
    }

    var withheldSites: [String] { rules.compactMap(\.withholdSite) }
    var indexLagSeconds: Int? { rules.compactMap(\.indexLagSeconds).max() }
    var groupItemLimit: Int? { rules.compactMap(\.groupItems).min() }
    var commentEditsBump: Bool { !rules.contains { $0.commentEditsDoNotBump == true } }
    var consents: Bool { !rules.contains { $0.denyConsent == true } }
}

extension FaultRule {
    /// The answer that takes the place of the right one; `nil` if the rule spoils only how it is sent.
    func reply(now: Moment) -> Reply? {
        guard let status else { return nil }
        var reply: Reply
        if status == 429 {
            reply = RateLimits.tooMany([]).reply
        } else if status == 401 {
            reply = Refusal.unauthorized.reply
        } else if status >= 500 {
            reply = Reply(status: status, body: "<html><body>upstream error</body></html>")
            reply.headers.append(("Content-Type", "text/html"))
        } else {
            reply = Refusal.jira(status, "This was scripted.").reply
        }
        if let body { reply.body = body }
        if let retryAfter { reply.headers.append(("Retry-After", "\(retryAfter)")) }
        if let reason {
            reply.headers.append(("RateLimit-Reason", reason))
            if reason.hasPrefix("jira-quota") {
                reply.headers.append(("X-RateLimit-Remaining", "0"))
                reply.headers.append(("X-RateLimit-Reset", now.startOfHour.advanced(bySeconds: 3600).rfc3339))
            }
        }
        for (name, value) in (headers ?? [:]).sorted(by: { $0.key < $1.key }) { reply.headers.append((name, value)) }
        return reply
    }
}
