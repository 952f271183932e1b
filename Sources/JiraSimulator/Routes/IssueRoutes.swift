/// Issues by id or key (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/).
enum IssueRoutes {
    static let endpoints: [Endpoint] = [
        .post("/issue/bulkfetch", .scope(.readJiraWork), bulkFetch),
        .get("/issue/{issueIdOrKey}", .scope(.readJiraWork), burst: 150, issue),
        .get("/attachment/{id}", .scope(.readJiraWork), attachment),
    ]

    private struct BulkRequest: Decodable {
        var issueIdsOrKeys: [LenientID]
        var fields: [String]?
        var expand: [String]?
        var properties: [String]?
    }

    /// What cannot be found or seen is left out in silence.
    private static func bulkFetch(_ call: SiteCall) throws(Refusal) -> Reply {
        let request = try call.call.decoded(BulkRequest.self)
        guard !request.issueIdsOrKeys.isEmpty else { throw .jira(400, "issueIdsOrKeys must not be empty.") }
        let fields = request.fields ?? []
        let expand = request.expand ?? []
        let selection = FieldSelection(fields, standard: ["*navigable"])
        let takesThousand =
            call.configuration.bulkFetchTakesThousand && takesThousand(fields, selection, expand)
        let limit = takesThousand ? 1000 : 100
        guard request.issueIdsOrKeys.count <= limit else {
            throw .jira(400, "At most \(limit) issues can be fetched in one request with these fields.")
        }
        let positions = Set(request.issueIdsOrKeys.compactMap { call.visiblePosition(of: $0.text) }).sorted()
        let writer = IssueWriter(call.snapshot)
        return .object { json in
            json.member("expand", "renderedFields,names,schema,operations,editmeta,changelog")
            json.array("issues") { json in
                for position in positions {
                    json.object { json in
                        writer.issue(
                            call.snapshot.issue(at: position), selection,
                            expandingChangelog: expand.contains("changelog"), caps: .embedded, &json)
                    }
                }
            }
            json.array("issueErrors") { _ in }
        }
        .costing(rows: positions.count)
    }

    private static let heavyExpansions: Set<String> = [
        "changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations",
    ]

    private static func takesThousand(_ fields: [String], _ selection: FieldSelection, _ expand: [String]) -> Bool {
        !fields.isEmpty && selection.askedCount <= 100 && !selection.hasWildcard
            && !selection.names.contains { $0.isMultivalued } && heavyExpansions.isDisjoint(with: expand)
    }

    private static func issue(_ call: SiteCall) throws(Refusal) -> Reply {
        let issue = try call.issue()
        let selection = FieldSelection(call.call.list("fields"), standard: ["*all"])
        let expandsChangelog = call.call.list("expand").contains("changelog")
        return .object { json in
            IssueWriter(call.snapshot)
                .issue(issue, selection, expandingChangelog: expandsChangelog, caps: .single, &json)
        }
        .costing(rows: 1)
    }

    private static func attachment(_ call: SiteCall) throws(Refusal) -> Reply {
        let id = call.call.parameters["id"].flatMap { Int64($0) } ?? -1
        let position = call.snapshot.position(holdingAttachment: id)
        let issue = position.map { call.snapshot.issue(at: $0) }
        guard let issue, call.snapshot.isVisible(issue),
            let file = issue.attachments.first(where: { $0.id == id })
        else { throw .jira(404, "The attachment with id '\(id)' does not exist") }
        return .object { IssueWriter(call.snapshot).attachment(file, &$0) }.costing(rows: 1)
    }
}
