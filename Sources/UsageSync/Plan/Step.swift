import UsageModel
import UsageStore

/// One thing that a plan wants done. Each is written for itself when it is done, so a stop repeats no more than those
/// that were under way.
enum Step: Hashable, Sendable {
    // MARK: Asked of Jira

    /// The site's clock, and the zone of the profile.
    case readFacts
    case readPermissions
    /// A page of the directory.
    case readRoster(start: Int, limit: Int)
    /// Somebody's roles and groups.
    case readAccess(AccountID)
    /// The groups that grant a role.
    case readGrants(role: String)
    case findOldest
    case countHistory(jql: String)
    /// A page of a walk.
    case readPage(walk: Int, jql: String, pageToken: String?)
    /// What the changelogs of so many issues tell.
    case readHistories([IssueVersion])
    /// All comments of an issue that has more than a search shows.
    case readComments(IssueVersion)
    /// A page of the feed of worklogs. Those told of before, up to `knownUntil`, are not asked about again.
    case readWorklogs(since: Instant, knownUntil: Instant?, isOlder: Bool)
    /// How many issues any of these has touched since the day that goes with each.
    case countTouched([Probe])
    /// The issues that somebody has touched, the latest first, at most `limit` of them; to be read whatever is known.
    case seek(Probe, limit: Int)
    case reconcile(ReconcileStep)

    // MARK: Looked up in the store

    case listRoles
    case listAccounts(AccountList, after: Int64)
    case countQuiet(since: Instant)
    case listCandidates(CandidateQuery, after: Int64)
    case findWitness(from: Instant, until: Instant)
    /// What is known now of those whose issues were sought.
    case review([Candidate])

    /// Whether it costs no request.
    var isLocal: Bool {
        switch self {
        case .listRoles, .listAccounts, .countQuiet, .listCandidates, .findWitness, .review: true
        default: false
        }
    }

    var isPage: Bool { if case .readPage = self { true } else { false } }
}

/// Whose roles and groups are to be read.
enum AccountList: Hashable, Sendable {
    /// Never read, and without an activity since then: theirs are the seats that the question is about.
    case unreadAndQuiet(since: Instant)
    case unread
    /// Read before that.
    case readBefore(Instant, limit: Int)
}

/// What Jira's search is asked about one person.
struct Probe: Hashable, Sendable {
    let candidate: Candidate
    /// The first day asked about, as JQL names it; `nil` for all time.
    let day: String?
    /// The beginning of that day.
    let from: Instant?
}

/// What came of a step.
enum Answer: Sendable {
    case facts(offset: Duration?, zone: String?)
    case permissions(missing: [String])
    /// A page of the directory, and the page size that Jira managed.
    case roster(rows: Int, limit: Int)
    /// Jira does not show its directory, or people in it.
    case peopleRefused
    case oldest(Instant?)
    case count(Int)
    case page(IssueReading)
    /// Jira no longer takes the page token.
    case pageTokenRefused
    case histories(Int)
    /// A page of the feed, and how many of its worklogs had to be asked for.
    case worklogs(until: Instant, isLast: Bool, asked: Int)
    /// Jira refuses to look for so many people at once.
    case tooManyPeople
    case roles([String])
    case accounts([AccountID], end: Int64?)
    case candidates([Candidate], end: Int64?)
    case witness(AccountID?)
    case reviewed([Candidate])
    case reconciled(ReconcileAnswer)
    case done
}

/// What a page of issues showed.
struct IssueReading: Sendable {
    /// How many issues there were on it.
    let rows: Int
    /// Those that are not known in this state: their histories are to be read.
    let unread: [IssueVersion]
    /// Of these, those that have more comments than the page shows.
    let cut: [IssueVersion]
    /// The `updated` under which those were known before that have changed.
    let left: [Instant]
    let next: String?
}
