/// What somebody can be seen to do on an issue.
package enum ActivityKind: String, CaseIterable, Sendable, Codable {
    // In this order: of several things at one instant, the later in the list is told as the last.
    case created, transitioned, edited, attached, worklogged, commented
}

/// What `POST /_sim/activity` can make happen.
package enum Deed: String, CaseIterable, Sendable, Codable {
    case created, edited, transitioned, commented, commentEdited, worklogged, worklogEdited, attached

    /// The kind as which it counts.
    package var kind: ActivityKind {
        switch self {
        case .created: .created
        case .edited: .edited
        case .transitioned: .transitioned
        case .commented, .commentEdited: .commented
        case .worklogged, .worklogEdited: .worklogged
        case .attached: .attached
        }
    }
}

/// Something that was made to happen.
package struct PerformedActivity: Sendable, Equatable {
    package let at: Moment
    package let deed: Deed
    package let accountID: String
    package let issueID: Int64
    package let issueKey: String
}

/// Why something cannot be made to happen.
package enum ActivityError: Error, CustomStringConvertible, Equatable {
    case unknownAccount(String)
    case unknownIssue(String)
    case noIssues
    case noSeats
    case unknownSite(String)
    case unknownProject(String)
    case unknownRole(String)
    case unknownGroup(String)
    case accountExists(String)

    package var description: String {
        switch self {
        case .unknownAccount(let id): "No user of the site has the account id “\(id)”."
        case .unknownIssue(let id): "The site has no issue “\(id)”."
        case .noIssues: "The site has no issues to work on; make one first with kind “created”."
        case .unknownSite(let id): "There is no site with the cloud id “\(id)”."
        case .unknownProject(let key): "The site has no project “\(key)”."
        case .unknownRole(let key): "The site has no application role “\(key)”."
        case .unknownGroup(let name): "The site has no group “\(name)”."
        case .accountExists(let id): "The site has an account “\(id)” already."
        case .noSeats: "Nobody on the site holds a seat; name an accountId."
        }
    }
}
