/// Something with an id and a name: a status, an issue type, a priority, a resolution.
struct Named: Sendable, Equatable {
    let id: String
    let name: String
}

/// A project.
struct Project: Sendable {
    let id: Int64
    let key: String
    let name: String
    let typeKey: String
}

/// An issue with everything that happened to it.
struct Issue: Sendable {
    let id: Int64
    /// Position in the site's projects.
    var project: Int
    var key: String
    let creator: PersonIndex?
    var reporter: PersonIndex?
    var assignee: PersonIndex?
    let created: Moment
    /// What Jira calls `updated`; moved by most events, not by all.
    var updated: Moment
    var status: Named
    let type: Named
    let priority: Named
    var resolution: Named?
    var resolved: Moment?
    let summary: String
    var secondsSpent: Int?
    var secondsEstimated: Int?
    /// Oldest first.
    var histories: [History] = []
    var comments: [Comment] = []
    var worklogs: [Worklog] = []
    var attachments: [Attachment] = []

    /// Worklogs that were there once: id and the moment of deletion.
    var deletedWorklogs: [(id: Int64, at: Moment)] = []

    /// When the issue itself was deleted.
    var deleted: Moment?

    /// The number behind the project's key: 17 of `ABC-17`.
    var number: Int {
        key.split(separator: "-").last.flatMap { Int($0) } ?? 0
    }

    var outline: IssueOutline {
        IssueOutline(
            id: id, project: project, number: number, created: created, updated: updated, isDeleted: deleted != nil)
    }
}

/// One entry of an issue's changelog.
struct History: Sendable {
    let id: Int64
    /// `nil`: Jira tells no author, as with anonymous or system changes.
    let author: PersonIndex?
    let created: Moment
    let items: [ChangeItem]
}

/// One field's change within a history.
struct ChangeItem: Sendable {
    let field: String
    var fieldType = "jira"
    /// Absent for what is not a field proper: attachments, worklog ids, links.
    var fieldID: String?
    var from: String?
    var fromText: String?
    var to: String?
    var toText: String?
}

/// A comment on an issue.
struct Comment: Sendable {
    let id: Int64
    let author: PersonIndex?
    var updateAuthor: PersonIndex?
    let created: Moment
    var updated: Moment
    var text: String
    var isPublic = true
}

/// Time somebody logged.
struct Worklog: Sendable {
    let id: Int64
    let issueID: Int64
    let author: PersonIndex?
    var updateAuthor: PersonIndex?
    let created: Moment
    var updated: Moment
    /// When the work is said to have begun: typed by the user, no evidence of anything.
    let started: Moment
    var secondsSpent: Int
}

/// A file attached to an issue.
struct Attachment: Sendable {
    let id: Int64
    let name: String
    let author: PersonIndex?
    let created: Moment
    let size: Int
}
