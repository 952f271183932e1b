/// What a site was when the simulator started. What happens later lies in `SiteChanges`.
///
/// Issues are numbered from 0 in the order of their ids.
protocol SiteData: Sendable {
    var identity: SiteIdentity { get }
    var people: People { get }
    var projects: [Project] { get }
    var issueCount: Int { get }

    /// Whether the order of ids is that of creation, so that a range of `created` is a range of positions.
    var isInOrderOfCreation: Bool { get }

    /// An issue with all that happened to it; costs some microseconds.
    func issue(at position: Int) -> Issue

    /// What can be told of an issue without its story.
    func outline(at position: Int) -> IssueOutline

    func position(ofID id: Int64) -> Int?
    func position(project: Int, number: Int) -> Int?

    /// Positions of a project's issues, ascending.
    func positions(inProject project: Int) -> [Int]

    func position(holdingComment id: Int64) -> Int?
    func position(holdingWorklog id: Int64) -> Int?
    func position(holdingAttachment id: Int64) -> Int?

    /// Larger than every id in use, of issues, histories, comments, worklogs and attachments alike.
    var firstFreeID: Int64 { get }
}

/// A few facts on an issue, cheap to compute.
struct IssueOutline: Sendable {
    let id: Int64
    var project: Int
    /// The number behind the project's key: 17 of `ABC-17`.
    var number: Int
    let created: Moment
    var updated: Moment
    var isDeleted = false
}

/// Who a site is.
struct SiteIdentity: Sendable {
    /// A UUID, by which the gateway addresses the site.
    let cloudID: String
    let name: String
    /// `https://….atlassian.net`, which no token opens.
    let url: String
    /// The default user time zone: that of the instants in REST answers.
    let zone: Zone

    /// The prefix of links to the REST API, by the gateway.
    var gateway: String { "https://api.atlassian.com/ex/jira/\(cloudID)/rest/api/3" }
}
