import JiraCloud
import UsageModel
import UsageStore

// What Jira's answers tell, as activities. An author who is missing is nobody, and nobody's activity is not kept.

extension Activity {
    /// The creation of an issue, which no history tells. Whose it is, is the `creator`: anybody may set the `reporter`.
    static func creation(of issue: IssueSummary) -> Activity? {
        issue.creator.map { creator in
            Activity(
                source: .init(kind: .created, id: issue.id.rawValue), account: creator, issue: issue.id,
                at: issue.created)
        }
    }

    /// A history counts once for each kind that its items make. Time tracking beside a worklog belongs to the
    /// worklog; alone it is an edit like any other.
    static func told(by history: History) -> [Activity] {
        guard let author = history.author else { return [] }
        let hasWorklog = history.items.contains { if case .worklog = $0 { true } else { false } }
        let sources = Set(
            history.items.compactMap { item -> Source? in
                switch item {
                case .status: Source(kind: .transitioned, id: history.id)
                case .attachment: Source(kind: .attached, id: history.id)
                case .worklog(let worklog): .worklogHistory(worklog ?? history.id, at: history.at)
                case .timeTracking: hasWorklog ? nil : Source(kind: .edited, id: history.id)
                case .other: Source(kind: .edited, id: history.id)
                }
            })
        return sources.map { Activity(source: $0, account: author, issue: history.issue, at: history.at) }
    }

    /// A comment counts when it was written, for its author, and once more when it was last edited, for the editor.
    static func told(by comment: Comment, on issue: IssueID) -> [Activity] {
        var activities: [Activity] = []
        if let author = comment.author {
            activities.append(
                Activity(
                    source: .init(kind: .commented, id: comment.id), account: author, issue: issue,
                    at: comment.created))
        }
        if comment.updated != comment.created, let editor = comment.updateAuthor {
            activities.append(
                Activity(
                    source: .init(kind: .commented, id: comment.id, ordinal: 1), account: editor,
                    issue: issue,
                    at: comment.updated))
        }
        return activities
    }
}

extension WorklogReading {
    /// A worklog counts when it was logged and when it was last edited; `started` is what its author typed, and says
    /// nothing about when they did.
    init(_ worklog: Worklog) {
        var events: [Event] = []
        if let author = worklog.author { events.append(Event(account: author, at: worklog.created)) }
        if worklog.updated != worklog.created, let editor = worklog.updateAuthor {
            events.append(Event(account: editor, at: worklog.updated))
        }
        self.init(worklog: worklog.id, issue: worklog.issue, events: events)
    }
}
