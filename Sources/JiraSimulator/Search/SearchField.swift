/// The fields of JQL that the simulator knows.
enum SearchField: Sendable {
    case project, issue, created, updated, creator, reporter, assignee, status, type, priority, summary
    case worklogAuthor, worklogDate

    init?(name: String) {
        switch name.lowercased() {
        case "project": self = .project
        case "key", "issuekey", "id", "issue": self = .issue
        case "created", "createddate": self = .created
        case "updated", "updateddate": self = .updated
        case "creator": self = .creator
        case "reporter": self = .reporter
        case "assignee": self = .assignee
        case "status": self = .status
        case "issuetype", "type": self = .type
        case "priority": self = .priority
        case "summary": self = .summary
        case "worklogauthor": self = .worklogAuthor
        case "worklogdate": self = .worklogDate
        default: return nil
        }
    }
}

/// One term of the order of found issues.
struct SearchSort: Sendable {
    enum Key: Sendable {
        /// By number within the project, projects by their keys.
        case key
        case id, project, created, updated, creator, reporter, assignee, status, type, priority, summary
    }

    let key: Key
    let isDescending: Bool

    init(_ sort: JQLSort) throws(JQLError) {
        isDescending = sort.isDescending
        guard let field = SearchField(name: sort.field) else { throw .unknownField(sort.field) }
        switch field {
        case .issue: key = sort.field.lowercased() == "id" ? .id : .key
        case .project: key = .project
        case .created: key = .created
        case .updated: key = .updated
        case .creator: key = .creator
        case .reporter: key = .reporter
        case .assignee: key = .assignee
        case .status: key = .status
        case .type: key = .type
        case .priority: key = .priority
        case .summary: key = .summary
        case .worklogAuthor, .worklogDate:
            throw JQLError(message: "Field '\(sort.field)' does not support sorting.")
        }
    }

    /// Jira's order where the query names none: the newest first.
    static let byDefault = SearchSort(key: .id, isDescending: true)

    private init(key: Key, isDescending: Bool) {
        self.key = key
        self.isDescending = isDescending
    }
}
