/// Groups (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-groups/).
enum GroupRoutes {
    static let endpoints: [Endpoint] = [
        .get("/group/bulk", .scope(.readJiraUser), bulk),
        .get("/group", .scope(.readJiraUser), members),
        .get("/groups/picker", .scope(.readJiraUser), picker),
        .closed("/group/member"),
    ]

    private static func bulk(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let page = try PageRequest(call.call, default: 50, cap: 1000)
        let ids = Set(call.call.all("groupId"))
        let names = Set(call.call.all("groupName"))
        let access = call.call.first("accessType")
        let application = call.call.first("applicationKey")
        if let access, Group.Access(rawValue: access) == nil {
            throw .jira(400, "The accessType '\(access)' is not known.")
        }
        let found = call.people.groups.filter { group in
            (ids.isEmpty || ids.contains(group.id)) && (names.isEmpty || names.contains(group.name))
                && (access.map { $0 == group.access?.rawValue } ?? true)
                && (application.map { group.applicationKeys.contains($0) } ?? true)
        }
        let rows = page.rows(of: found)
        return .object { json in
            page.bean(&json, total: found.count)
            json.array("values") { json in
                for group in rows {
                    json.object { json in
                        json.member("name", group.name)
                        json.member("groupId", group.id)
                    }
                }
            }
        }
        .costing(identities: rows.count)
    }

    /// The deprecated resource with a group's members, 50 at a time: `expand=users[50:99]`.
    private static func members(_ call: SiteCall) throws(Refusal) -> Reply {
        try call.requireBrowsingUsers()
        let group = call.people.groups.firstIndex { group in
            group.id == call.call.first("groupId") || group.name == call.call.first("groupname")
        }
        guard let group else { throw .jira(404, "The group does not exist.") }
        let members = call.people.listed.filter {
            call.people[$0].isEnabled && call.people[$0].groups.contains(group)
        }
        let start = call.call.first("expand").flatMap(firstMember) ?? 0
        let rows = members.dropFirst(start).prefix(50)
        let writer = PersonWriter(people: call.people, identity: call.identity)
        return .object { json in
            writer.group(call.people.groups[group], &json)
            json.object("users") { json in
                json.member("size", members.count)
                json.member("max-results", 50)
                json.member("start-index", start)
                json.member("end-index", max(start, start + rows.count - 1))
                json.array("items") { json in
                    for index in rows { json.object { writer.user(index, &$0) } }
                }
            }
            json.member("expand", "users")
        }
        .costing(identities: 1 + rows.count)
    }

    /// 50 of `users[50:99]`.
    private static func firstMember(_ expand: String) -> Int? {
        guard let bracket = expand.firstIndex(of: "[") else { return nil }
        return Int(expand[bracket...].dropFirst().prefix { $0.isNumber })
    }

    private static func picker(_ call: SiteCall) throws(Refusal) -> Reply {
        let words = (call.call.first("query") ?? "").lowercased()
        let limit = min(try call.call.number("maxResults", default: 20), 20)
        let found = call.people.groups.filter { words.isEmpty || $0.name.lowercased().contains(words) }
        let rows = found.prefix(limit)
        return .object { json in
            json.member("header", "Showing \(rows.count) of \(found.count) matching groups")
            json.member("total", found.count)
            json.array("groups") { json in
                for group in rows {
                    json.object { json in
                        json.member("name", group.name)
                        json.member("groupId", group.id)
                        json.member("html", group.name)
                        json.array("labels") { _ in }
                    }
                }
            }
        }
        .costing(identities: rows.count)
    }
}
