/// Writes issues and what hangs on them as Jira's REST API does.
struct IssueWriter {
    let site: SiteSnapshot
    private let people: PersonWriter
    private let zone: Zone
    private let gateway: String

    /// How many parts of an issue an answer holds at most.
    struct Caps {
        let histories: Int
        let comments: Int
        let worklogs: Int

        /// Search and bulk fetch.
        static let embedded = Caps(histories: 40, comments: 20, worklogs: 20)
        /// `GET /issue/{idOrKey}`.
        static let single = Caps(histories: 100, comments: 100, worklogs: 20)
    }

    init(_ site: SiteSnapshot) {
        self.site = site
        people = PersonWriter(people: site.people, identity: site.data.identity)
        zone = site.data.identity.zone
        gateway = site.data.identity.gateway
    }

    func text(_ moment: Moment) -> String { moment.restText(in: zone) }

    // MARK: - Issues

    /// An issue with the fields of `selection`. With nothing but the id asked for, that is all there is.
    func issue(
        _ issue: Issue, _ selection: FieldSelection, expandingChangelog: Bool, caps: Caps, _ json: inout JSONText
    ) {
        if selection.isIDOnly, !expandingChangelog { return json.member("id", String(issue.id)) }
        json.member("expand", "renderedFields,names,schema,operations,editmeta,changelog")
        json.member("id", String(issue.id))
        json.member("self", "\(gateway)/issue/\(issue.id)")
        json.member("key", issue.key)
        if expandingChangelog {
            json.object("changelog") { json in
                let newest = issue.histories.suffix(caps.histories).reversed()
                json.member("startAt", 0)
                json.member("maxResults", newest.count)
                json.member("total", issue.histories.count)
                json.array("histories") { json in
                    for history in newest { json.object { self.history(history, &$0) } }
                }
            }
        }
        let names = selection.names
        if !names.isEmpty {
            json.object("fields") { json in
                for name in names { field(name, of: issue, caps, &json) }
            }
        }
    }

    private func field(_ name: IssueField, of issue: Issue, _ caps: Caps, _ json: inout JSONText) {
        switch name {
        case .summary: json.member("summary", issue.summary)
        case .status: named("status", issue.status, &json)
        case .issuetype: named("issuetype", issue.type, &json)
        case .priority: named("priority", issue.priority, &json)
        case .resolution: named("resolution", issue.resolution, &json)
        case .resolutiondate: json.member(nullable: "resolutiondate", issue.resolved.map(text))
        case .project: json.object("project") { project(site.projects[issue.project], &$0) }
        case .creator: people.field("creator", issue.creator, &json)
        case .reporter: people.field("reporter", issue.reporter, &json)
        case .assignee: people.field("assignee", issue.assignee, &json)
        case .created: json.member("created", text(issue.created))
        case .updated: json.member("updated", text(issue.updated))
        case .timespent: seconds("timespent", issue.secondsSpent, &json)
        case .timeestimate: seconds("timeestimate", issue.secondsEstimated, &json)
        case .comment:
            json.object("comment") { json in
                json.member("self", "\(gateway)/issue/\(issue.id)/comment")
                comments(issue.comments.suffix(caps.comments), start: 0, limit: caps.comments, of: issue, &json)
            }
        case .worklog:
            json.object("worklog") { json in
                worklogs(issue.worklogs.prefix(caps.worklogs), start: 0, limit: caps.worklogs, of: issue, &json)
            }
        case .attachment:
            json.array("attachment") { json in
                for file in issue.attachments { json.object { attachment(file, &$0) } }
            }
        }
    }

    private func named(_ name: String, _ value: Named?, _ json: inout JSONText) {
        guard let value else { return json.null(name) }
        json.object(name) { json in
            json.member("id", value.id)
            json.member("name", value.name)
        }
    }

    private func seconds(_ name: String, _ value: Int?, _ json: inout JSONText) {
        guard let value else { return json.null(name) }
        json.member(name, value)
    }

    func project(_ project: Project, _ json: inout JSONText) {
        json.member("self", "\(gateway)/project/\(project.id)")
        json.member("id", String(project.id))
        json.member("key", project.key)
        json.member("name", project.name)
        json.member("projectTypeKey", project.typeKey)
        json.member("simplified", false)
    }

    // MARK: - Changelog

    /// - Parameter epoch: `created` as milliseconds, as in changelog/bulkfetch, instead of text.
    func history(_ history: History, epoch: Bool = false, _ json: inout JSONText) {
        json.member("id", String(history.id))
        people.author("author", history.author, &json)
        if epoch {
            json.member("created", history.created.milliseconds)
        } else {
            json.member("created", text(history.created))
        }
        json.array("items") { json in
            for item in history.items {
                json.object { json in
                    json.member("field", item.field)
                    json.member("fieldtype", item.fieldType)
                    if let id = item.fieldID { json.member("fieldId", id) }
                    json.member(nullable: "from", item.from)
                    json.member(nullable: "fromString", item.fromText)
                    json.member(nullable: "to", item.to)
                    json.member(nullable: "toString", item.toText)
                }
            }
        }
    }

    // MARK: - Comments, worklogs, attachments

    func comments(_ rows: some Sequence<Comment>, start: Int, limit: Int, of issue: Issue, _ json: inout JSONText) {
        json.member("startAt", start)
        json.member("maxResults", limit)
        json.member("total", issue.comments.count)
        json.array("comments") { json in
            for comment in rows { json.object { self.comment(comment, of: issue, &$0) } }
        }
    }

    func comment(_ comment: Comment, of issue: Issue, _ json: inout JSONText) {
        json.member("self", "\(gateway)/issue/\(issue.id)/comment/\(comment.id)")
        json.member("id", String(comment.id))
        people.author("author", comment.author, &json)
        document("body", comment.text, &json)
        people.author("updateAuthor", comment.updateAuthor, &json)
        json.member("created", text(comment.created))
        json.member("updated", text(comment.updated))
        json.member("jsdPublic", comment.isPublic)
    }

    /// Text in Atlassian's document format.
    private func document(_ name: String, _ text: String, _ json: inout JSONText) {
        json.object(name) { json in
            json.member("type", "doc")
            json.member("version", 1)
            json.array("content") { json in
                guard !text.isEmpty else { return }
                json.object { json in
                    json.member("type", "paragraph")
                    json.array("content") { json in
                        json.object { json in
                            json.member("type", "text")
                            json.member("text", text)
                        }
                    }
                }
            }
        }
    }

    func worklogs(_ rows: some Sequence<Worklog>, start: Int, limit: Int, of issue: Issue, _ json: inout JSONText) {
        json.member("startAt", start)
        json.member("maxResults", limit)
        json.member("total", issue.worklogs.count)
        json.array("worklogs") { json in
            for worklog in rows { json.object { self.worklog(worklog, &$0) } }
        }
    }

    func worklog(_ worklog: Worklog, _ json: inout JSONText) {
        json.member("self", "\(gateway)/issue/\(worklog.issueID)/worklog/\(worklog.id)")
        people.author("author", worklog.author, &json)
        people.author("updateAuthor", worklog.updateAuthor, &json)
        json.member("created", text(worklog.created))
        json.member("updated", text(worklog.updated))
        json.member("started", text(worklog.started))
        json.member("timeSpent", "\(worklog.secondsSpent / 60)m")
        json.member("timeSpentSeconds", worklog.secondsSpent)
        json.member("id", String(worklog.id))
        json.member("issueId", String(worklog.issueID))
    }

    func attachment(_ file: Attachment, _ json: inout JSONText) {
        json.member("self", "\(gateway)/attachment/\(file.id)")
        json.member("id", String(file.id))
        json.member("filename", file.name)
        people.author("author", file.author, &json)
        json.member("created", text(file.created))
        json.member("size", file.size)
        json.member("mimeType", "application/octet-stream")
        json.member("content", "\(gateway)/attachment/content/\(file.id)")
    }
}
