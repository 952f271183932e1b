/// A made-up site of any size: everything about an issue follows from the seed and the issue's position, so that no
/// issue is kept in memory.
struct GeneratedSite: SiteData {
    let identity: SiteIdentity
    let issueCount: Int
    let people: People
    let pattern: ProjectPattern
    let seed: UInt64
    /// The site's past: its first issue, and the last moment at which anything happened.
    let start: Moment
    let end: Moment
    let authors: GeneratedPeople
    let namelessShare: Double

    /// Ids of different things come from ranges of their own, with a fixed number for each issue.
    enum IDRange {
        static let firstIssue: Int64 = 10_000
        static let firstOther: Int64 = 100_000
        static let histories: Int64 = 256
        static let comments: Int64 = 256
        static let worklogs: Int64 = 64
        static let attachments: Int64 = 32
    }

    /// - Parameters:
    ///   - now: when the simulator starts. The past ends two minutes before.
    ///   - namelessShare: the share of histories whose author has an empty account id.
    init(
        seed: UInt64, users: Int, issues: Int, now: Moment, history: Duration, identity: SiteIdentity,
        callerSeed: UInt64, callerZone: String, namelessShare: Double
    ) {
        self.seed = seed
        self.identity = identity
        self.namelessShare = namelessShare
        issueCount = issues
        end = now.advanced(bySeconds: -120)
        start = end.advanced(bySeconds: -max(history.components.seconds, 3600))
        pattern = ProjectPattern(seed: seed, issueCount: issues)
        authors = GeneratedPeople(
            seed: seed, count: users, start: start, end: end, callerSeed: callerSeed, callerZone: callerZone)
        people = authors.people
    }

    var projects: [Project] { pattern.projects }
    var isInOrderOfCreation: Bool { true }

    func issue(at position: Int) -> Issue {
        IssueStory.tell(position, of: self)
    }

    func outline(at position: Int) -> IssueOutline {
        IssuePlan(position, of: self).outline
    }

    // MARK: - Finding by id

    func position(ofID id: Int64) -> Int? {
        position(Int(id - IDRange.firstIssue))
    }

    func position(project: Int, number: Int) -> Int? {
        pattern.position(project: project, number: number).flatMap(position)
    }

    func positions(inProject project: Int) -> [Int] {
        pattern.positions(inProject: project, below: issueCount)
    }

    func position(holdingComment id: Int64) -> Int? {
        position(Int((id - IDRange.firstOther).flooredQuotient(IDRange.comments)))
    }

    func position(holdingWorklog id: Int64) -> Int? {
        position(Int((id - IDRange.firstOther).flooredQuotient(IDRange.worklogs)))
    }

    func position(holdingAttachment id: Int64) -> Int? {
        position(Int((id - IDRange.firstOther).flooredQuotient(IDRange.attachments)))
    }

    var firstFreeID: Int64 {
        IDRange.firstOther + Int64(issueCount + 1) * IDRange.histories
    }

    private func position(_ candidate: Int) -> Int? {
        candidate >= 0 && candidate < issueCount ? candidate : nil
    }
}
