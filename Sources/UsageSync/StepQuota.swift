import JiraCloud
import Synchronization
import UsageModel
import UsageStore

/// Sets aside the points of each step before it is asked, and books what it came to.
final class StepQuota: Sendable {
    /// Points set aside for one step; to be settled once, when it has ended.
    struct Permit: Sendable {
        fileprivate let reservation: PointsReservation?
        fileprivate let quota: StepQuota

        func settle(now: Instant) { quota.settle(reservation, now: now) }
    }

    enum Decision {
        case granted(Permit)
        case refused(SyncFailure)
    }

    private let cloudID: CloudID
    private let jira: JiraSite
    private let budget: PointsBudget
    /// What the client has counted, and has been booked.
    private let booked = Mutex(0)

    init(cloudID: CloudID, jira: JiraSite, budget: PointsBudget) {
        self.cloudID = cloudID
        self.jira = jira
        self.budget = budget
    }

    func permit(for step: Step, now: Instant) -> Decision {
        guard !step.isLocal else { return .granted(Permit(reservation: nil, quota: self)) }
        var (points, least) = (step.price.points, step.price.points)
        // A page of worklogs costs its most only where none of them is known. Of few points an hour, what comes before it
        // in each pass would else always leave too little.
        if case .readWorklogs = step { least = max(1, min(points, budget.limit / 2)) }
        while true {
            switch budget.reserve(points, atLeast: least, for: cloudID, now: now) {
            case .granted(let reservation): return .granted(Permit(reservation: reservation, quota: self))
            case .refused(let until):
                return .refused(
                    SyncFailure(
                        kind: .rateLimited,
                        message:
                            "too few of the hour's points (sync.points_per_hour, or what Atlassian leaves) are"
                            + " left; the sync goes on at \(until)",
                        retryAt: until, isQuota: true))
            case .tooMuch(let limit):
                // What may cost more than a whole hour has is asked for once a good part of an hour is left.
                (points, least) = (limit, max(1, limit / 2))
            }
        }
    }

    /// What several steps at once have cost is booked with whichever ends first; in sum it is right.
    private func settle(_ reservation: PointsReservation?, now: Instant) {
        guard let reservation else { return }
        let usage = jira.usage
        let spent = booked.withLock { booked in
            defer { booked = usage.total.points }
            return usage.total.points - booked
        }
        budget.settle(reservation, actual: spent, now: now)
        if let rateLimit = usage.rateLimit { budget.note(rateLimit, from: cloudID, now: now) }
    }

    /// What all sites have spent in this hour, or may have.
    func spent(now: Instant) -> SpentPoints { budget.spent(now: now) }

    /// A spent quota concerns all sites of the app, or all of this one.
    func note(_ error: any Error, now: Instant) {
        guard case JiraError.rateLimited(_, let reason, let until) = error, reason.isQuota else { return }
        budget.exhausted(until: until, scope: reason == .tenantQuota ? .site(cloudID) : .app, now: now)
    }
}

extension Step {
    /// The most that it costs.
    var price: RequestPrice {
        switch self {
        case .readFacts: .serverInfo + .myself
        case .readPermissions: .permissions(2)
        case .readRoster(_, let limit): .users(limit: limit)
        case .readAccess: .access + .userGroups(20)
        case .readGrants: .groups()
        case .findOldest: .searchIssues(limit: 1)
        case .countHistory, .countTouched: .count
        case .readPage: .searchIssues()
        // Histories that do not fit on a page come on a second one.
        case .readHistories(let issues): .histories(of: issues.count) * 2
        case .readComments: .comments()
        case .readWorklogs: .worklogFeed + .worklogs(1000)
        case .seek(_, let limit): .searchIssues(limit: limit)
        case .reconcile(let step): step.price
        case .listRoles, .listAccounts, .countQuiet, .listCandidates, .findWitness, .review: .free
        }
    }
}
