import JiraCloud
import UsageModel
import UsageStore

/// One thing that a reconcile asks of Jira and looks up in the store.
enum ReconcileStep: Hashable, Sendable {
    /// All projects, and what is known of them: issues count from that `updated` on.
    case readProjects(updatedFrom: Instant)
    /// Whether projects may still be browsed.
    case confirm
    /// How many issues Jira shows of all projects.
    case countAll(jql: String)
    /// How many issues Jira shows of a project.
    case count(ProjectRow, jql: String)
    /// Which of the issues that changed lately are not known as the project's.
    case recent(ProjectRow, jql: String, limit: Int)
    /// A page of the ids of a project's issues; what is new among them is read.
    case census(ProjectRow, ProjectCheck.Census, jql: String, limit: Int)
    /// Asks for issues that the census did not show, by their ids; those that are not shown then are missed.
    case settle(UnshownQuery, after: IssueID, limit: Int)

    /// The most that it costs.
    var price: RequestPrice {
        switch self {
        case .readProjects: .projects()
        case .confirm: .permissions(1)
        case .countAll, .count: .count
        case .recent(_, _, let limit): .searchIssueIDs(limit: limit)
        case .census(_, _, _, let limit): .searchIssueIDs(limit: limit) + .issuesWithComments(limit)
        case .settle(_, _, let limit): .issues(limit) + .permissions(1)
        }
    }
}

/// What came of it.
enum ReconcileAnswer: Sendable {
    case projects([ProjectRow], StoredProjects)
    case permission(isHeld: Bool)
    case count(Int)
    case recent(unknown: Int, isWhole: Bool)
    case census(IssueReading, next: String?)
    /// Jira no longer takes the page token.
    case pageTokenRefused
    /// `end` is the last issue asked for; `nil` where there are no more.
    case settled(IssueReading, end: IssueID?)
}
