/// Users (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/).
enum PeopleRoutes {
    static let endpoints: [Endpoint] = [
        .get("/myself", .scope(.readJiraUser), myself),
        .get("/users", .scope(.readJiraUser), allUsers),
        .get("/users/search", .scope(.readJiraUser), allUsers),
        .get("/user", .scope(.readJiraUser), burst: 150, user),
        .get("/user/bulk", .scope(.readJiraUser), bulk),
        .get("/user/search", .scope(.readJiraUser), search),
        .get("/user/groups", .scope(.readJiraUser), groups),
        .closed("/user/email"),
        .closed("/user/email/bulk"),
    ]

    private static func writer(_ call: SiteCall) -> PersonWriter {
        PersonWriter(people: call.people, identity: call.identity, groupItemLimit: call.groupItemLimit)
    }

    private static func myself(_ call: SiteCall) -> Reply {
        let parts = Set(call.call.list("expand"))
        return .object { json in
            writer(call).details(call.people.caller, expanding: parts, &json)
        }
        .costing(identities: 1)
    }

    /// Everybody: enabled, deactivated and deleted, people, apps and customers.
    private static func allUsers(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let page = try PageRequest(call.call, default: 50, cap: 1000)
        let rows = page.rows(of: call.people.listed)
        let writer = writer(call)
        return .array { json in
            for index in rows { json.object { writer.user(index, &$0) } }
        }
        .costing(identities: rows.count)
    }

    private static func user(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let index = try listed(call, or: "Specified user does not exist or you do not have required permissions")
        let parts = Set(call.call.list("expand"))
        return .object { json in
            writer(call).details(index, expanding: parts, &json)
        }
        .costing(identities: 1)
    }

    private static func listed(_ call: SiteCall, or message: String) throws(Refusal) -> PersonIndex {
        guard let account = call.call.first("accountId"), !account.isEmpty else {
            throw .jira(400, "The query parameter 'accountId' is missing.")
        }
        guard let index = call.people.listedIndex(of: account) else { throw .jira(404, message) }
        return index
    }

    private static func bulk(_ call: SiteCall) throws(Refusal) -> Reply {
        let asked = call.call.all("accountId")
        guard !asked.isEmpty else { throw .jira(400, "The query parameter 'accountId' is missing.") }
        let page = try PageRequest(call.call, default: 10, cap: 200)
        let known = asked.compactMap { call.people.listedIndex(of: $0) }
        let rows = page.rows(of: known)
        let writer = writer(call)
        return .object { json in
            json.member("self", "\(call.identity.gateway)/user/bulk")
            page.bean(&json, total: known.count)
            json.array("values") { json in
                for index in rows { json.object { writer.user(index, &$0) } }
            }
        }
        .costing(identities: rows.count)
    }

    /// Enabled accounts by name or e-mail, or one by its id; only among the first thousand that match.
    private static func search(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let query = call.call.first("query")
        let account = call.call.first("accountId")
        guard (query == nil) != (account == nil) else {
            throw .jira(400, "Exactly one of the query parameters 'query' and 'accountId' must be given.")
        }
        let page = try PageRequest(call.call, default: 50, cap: 1000)
        let words = (query ?? "").lowercased()
        let found = call.people.listed.lazy.filter { index in
            let person = call.people[index]
            guard person.isEnabled else { return false }
            if let account { return person.accountID == account }
            return person.displayName.lowercased().contains(words)
                || (person.email ?? "").lowercased().contains(words)
        }
        let rows = Array(page.rows(of: Array(found.prefix(1000))))
        let writer = writer(call)
        return .array { json in
            for index in rows { json.object { writer.user(index, &$0) } }
        }
        .costing(identities: rows.count)
    }

    private static func groups(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let index = try listed(call, or: "Specified user does not exist or you do not have required permissions")
        let groups = call.people[index].groups
        return .array { json in
            for group in groups { json.object { writer(call).group(call.people.groups[group], &$0) } }
        }
        .costing(identities: groups.count)
    }
}
