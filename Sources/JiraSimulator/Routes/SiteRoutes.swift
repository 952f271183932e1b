/// What a site says of itself, its projects and the caller's permissions.
enum SiteRoutes {
    static let endpoints: [Endpoint] =
        [
            .get("/serverInfo", .anyToken, serverInfo),
            .get("/configuration", .scope(.readJiraUser), configuration),
            .get("/mypermissions", .scope(.readJiraWork), myPermissions),
            .post("/permissions/check", .anyToken) { _ in
                .object { json in
                    json.array("globalPermissions") { _ in }
                    json.array("projectPermissions") { _ in }
                }
            },
            .get("/project/search", .scope(.readJiraWork), projects),
        ]
        + [
            "/permissions", "/applicationrole", "/applicationrole/{key}", "/instance/license", "/events",
            "/auditing/record", "/license/approximateLicenseCount",
            "/license/approximateLicenseCount/product/{applicationKey}",
        ].map(Endpoint.closed)

    private static func serverInfo(_ call: SiteCall) -> Reply {
        .object { json in
            json.member("baseUrl", call.identity.url)
            json.member("displayUrl", call.identity.url)
            json.member("version", "1001.0.0-SNAPSHOT")
            json.array("versionNumbers") { json in
                for number: Int64 in [1001, 0, 0] { json.value(number) }
            }
            json.member("deploymentType", "Cloud")
            json.member("buildNumber", 100_300)
            json.member("buildDate", "2026-11-02T10:00:00.000+0000")
            json.member("serverTime", call.now.restText(in: call.identity.zone))
            json.member("scmInfo", "0000000000000000000000000000000000000000")
            json.member("serverTitle", "Jira")
            json.member("serverTimeZone", call.identity.zone.identifier)
        }
    }

    private static func configuration(_ call: SiteCall) -> Reply {
        .object { json in
            json.member("votingEnabled", true)
            json.member("watchingEnabled", true)
            json.member("unassignedIssuesAllowed", true)
            json.member("subTasksEnabled", true)
            json.member("issueLinkingEnabled", true)
            json.member("timeTrackingEnabled", call.configuration.timeTracking)
            json.member("attachmentsEnabled", true)
            json.object("timeTrackingConfiguration") { json in
                json.member("workingHoursPerDay", 8)
                json.member("workingDaysPerWeek", 5)
                json.member("timeFormat", "pretty")
                json.member("defaultUnit", "minute")
            }
        }
    }

    private static func myPermissions(_ call: SiteCall) throws(Refusal) -> Reply {
        let asked = call.call.list("permissions")
        guard !asked.isEmpty else { throw .jira(400, "The query parameter 'permissions' is missing.") }
        var known: [KnownPermission] = []
        for key in asked {
            guard let permission = KnownPermission(rawValue: key) else {
                throw .jira(400, "Unrecognized permission: \(key)")
            }
            known.append(permission)
        }
        return .object { json in
            json.object("permissions") { json in
                for permission in known {
                    json.object(permission.rawValue) { json in
                        json.member("id", permission.id)
                        json.member("key", permission.rawValue)
                        json.member("name", permission.name)
                        json.member("type", permission.isGlobal ? "GLOBAL" : "PROJECT")
                        json.member("description", permission.name)
                        json.member("havePermission", permission.isHeld(call.permissions))
                    }
                }
            }
        }
        .costing(identities: known.count)
    }

    private static func projects(_ call: SiteCall) throws(Refusal) -> Reply {
        let page = try PageRequest(call.call, default: 50, cap: 100)
        let snapshot = call.snapshot
        let visible = snapshot.projects.indices.filter { snapshot.visibleProjects.contains($0) }
            .sorted { snapshot.projects[$0].key < snapshot.projects[$1].key }
        let rows = page.rows(of: visible)
        let expandsInsight = call.call.list("expand").contains("insight")
        let writer = IssueWriter(snapshot)
        return .object { json in
            json.member("self", "\(call.identity.gateway)/project/search")
            if page.start + page.limit < visible.count {
                json.member(
                    "nextPage",
                    "\(call.identity.url)/rest/api/3/project/search?startAt=\(page.start + page.limit)"
                        + "&maxResults=\(page.limit)")
            }
            page.bean(&json, total: visible.count)
            json.array("values") { json in
                for project in rows {
                    json.object { json in
                        writer.project(snapshot.projects[project], &json)
                        guard expandsInsight else { return }
                        var newest = UpdatedWalk(snapshot, project: project, isDescending: true)
                        json.object("insight") { json in
                            json.member("totalIssueCount", newest.count())
                            if let last = newest.next()?.updated {
                                json.member("lastIssueUpdateTime", writer.text(last))
                            }
                        }
                    }
                }
            }
        }
        .costing(rows: rows.count)
    }
}

/// The permissions that `GET /mypermissions` can be asked for.
private enum KnownPermission: String {
    case browseProjects = "BROWSE_PROJECTS"
    case userPicker = "USER_PICKER"
    case administer = "ADMINISTER"
    case createIssues = "CREATE_ISSUES"
    case editIssues = "EDIT_ISSUES"
    case addComments = "ADD_COMMENTS"

    var id: String {
        switch self {
        case .browseProjects: "10"
        case .userPicker: "27"
        case .administer: "0"
        case .createIssues: "11"
        case .editIssues: "12"
        case .addComments: "15"
        }
    }

    var name: String {
        switch self {
        case .browseProjects: "Browse Projects"
        case .userPicker: "Browse users and groups"
        case .administer: "Administer Jira"
        case .createIssues: "Create Issues"
        case .editIssues: "Edit Issues"
        case .addComments: "Add Comments"
        }
    }

    var isGlobal: Bool { self == .userPicker || self == .administer }

    func isHeld(_ permissions: Permissions) -> Bool {
        switch self {
        case .browseProjects: permissions.browseProjects
        case .userPicker: permissions.browseUsers
        case .administer, .createIssues, .editIssues, .addComments: false
        }
    }
}
