import GRDB
package import UsageModel

/// Something that one answer of Jira's told, to be written.
package enum SiteWrite: Sendable {
    /// A page of the directory.
    case people([Person], listedAt: Instant)
    /// The directory, a reading of which began then, has been read to its end.
    case rosterEnd(startedAt: Instant)
    case access(UsageStore.AccessReading, readAt: Instant)
    /// All groups that grant an application role.
    case grants(role: String, groups: [Group], readAt: Instant)
    case issues([IssueRow])
    case activities([Activity])
    /// All of these has been read of the issues.
    case read(PendingReads, of: [IssueVersion], at: Instant)
    /// What was read and proven since then may be less than there is: it is read and proven again.
    case distrusted(since: Instant)
    case worklogs([WorklogReading])
    case proof(Proof, of: AccountID)
    /// Jira knows of something that they did before the time of which there is a proof.
    case earlierActivity(of: AccountID)
    /// Projects that Jira showed then.
    case projects([ProjectRow], readAt: Instant)
    case projectsMissed([Int64], at: Instant)
    case projectChecked(ProjectCheck)
    /// A census that began then showed these.
    case shown([IssueID], at: Instant)
    /// Jira shows these no longer. What they told stays.
    case missed([IssueID], at: Instant)
    /// What all sites have spent by then.
    case spent(SpentPoints)
}

extension UsageStore {
    /// Writes what some answers told together with how far the sync has come with them, in one transaction. Writing
    /// any of it again changes nothing.
    package func keep(_ writes: [SiteWrite], state: SiteState, for site: SiteKey) async throws(StoreError) {
        try await write { database in
            var activities = ActivityWriter(database: database, site: site)
            var directory = try PeopleWriter(database: database, site: site)
            for write in writes {
                switch write {
                case .people(let people, let instant):
                    for person in people { try directory.keep(person, listedAt: instant.milliseconds) }
                case .rosterEnd(let instant): try database.finishRoster(startedAt: instant, on: site)
                case .access(let reading, let instant):
                    try directory.keep(reading, readAt: instant.milliseconds)
                case .grants(let role, let groups, let instant):
                    try directory.keep(grantsOf: role, groups: groups, readAt: instant.milliseconds)
                case .issues(let issues): for issue in issues { try database.keep(issue, on: site) }
                case .activities(let some): for activity in some { try activities.keep(activity) }
                case .read(let reads, let issues, let instant):
                    for issue in issues { try database.settle(reads, of: issue, at: instant, on: site) }
                case .distrusted(let instant): try database.distrust(since: instant, on: site)
                case .worklogs(let readings): for reading in readings { try activities.keep(reading) }
                case .proof(let proof, let account): try database.keep(proof, of: account, on: site)
                case .earlierActivity(let account): try database.noteEarlierActivity(of: account, on: site)
                case .projects(let projects, let instant):
                    for project in projects { try database.keep(project, readAt: instant, on: site) }
                case .projectsMissed(let projects, let instant):
                    for project in projects { try database.miss(project: project, at: instant, on: site) }
                case .projectChecked(let check): try database.keep(check, on: site)
                case .shown(let issues, let instant):
                    for issue in issues { try database.show(issue, at: instant, on: site) }
                case .missed(let issues, let instant):
                    for issue in issues { try database.miss(issue, at: instant, on: site) }
                case .spent(let points): try database.keep(points)
                }
            }
            try database.keep(state, for: site)
        }
    }
}
