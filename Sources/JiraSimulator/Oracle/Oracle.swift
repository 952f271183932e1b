/// The right answers, computed from all that the simulator knows.
package struct Oracle: Sendable {
    package let asOf: Moment
    package let thresholdDays: Int
    /// The site's users, in the order in which Jira lists them.
    package let users: [User]
    package let roles: [Role]
    package let counts: Counts

    package struct User: Sendable {
        package let accountID: String
        package let displayName: String
        package let accountType: String
        package let enabled: Bool
        /// An enabled account of type `atlassian` with an application role.
        package let seat: Bool
        package let applicationRoles: [(key: String, name: String)]
        package let groups: [(id: String, name: String)]
        package let lastActivity: LastActivity?
        package let activity: [ActivityKind: Tally]
        package let verdict: Verdict
    }

    package struct LastActivity: Sendable, Equatable {
        package let at: Moment
        package let kind: ActivityKind
        package let issueKey: String
        package let issueID: Int64
    }

    package struct Tally: Sendable, Equatable {
        package var count = 0
        package var lastAt: Moment?
    }

    /// With nothing hidden and nothing unread there is no “unknown”.
    package enum Verdict: String, Sendable {
        case active, inactive, neverActive
    }

    package struct Role: Sendable, Equatable {
        package let key: String
        package let name: String
        package let seats: Int
        package let active: Int
        package let inactive: Int
        package let neverActive: Int
    }

    package struct Counts: Sendable, Equatable {
        package let users: Int
        package let issues: Int
        /// Of somebody, on issues that the caller may see.
        package let activities: Int
        /// On issues that the caller may not see.
        package let hidden: Int
    }
}

/// Adds up a site's activities.
struct OracleTally {
    private let site: SiteSnapshot
    private let asOf: Moment
    private var sheets: [Sheet]
    private var issues = 0
    private var activities = 0
    private var hidden = 0

    private struct Sheet {
        var tallies = [Oracle.Tally](repeating: Oracle.Tally(), count: ActivityKind.allCases.count)
        var last: Last?
    }

    /// The activity that counts as the last: the latest; at one instant that of the later kind, then of the issue with
    /// the larger id.
    private struct Last: Comparable {
        let at: Moment
        let kind: Int
        let issueID: Int64
        let position: Int

        static func < (left: Last, right: Last) -> Bool {
            (left.at, left.kind, left.issueID) < (right.at, right.kind, right.issueID)
        }
    }

    static func oracle(of site: SiteSnapshot, asOf: Moment, thresholdDays: Int) -> Oracle {
        var tally = OracleTally(site: site, asOf: asOf)
        for position in 0..<site.positionCount { tally.add(position) }
        return tally.oracle(thresholdDays: thresholdDays)
    }

    private init(site: SiteSnapshot, asOf: Moment) {
        self.site = site
        self.asOf = asOf
        sheets = Array(repeating: Sheet(), count: site.people.all.count)
    }

    private mutating func add(_ position: Int) {
        let issue = site.issue(at: position)
        let isVisible = site.visibleProjects.contains(issue.project)
        if isVisible { issues += 1 }
        for activity in issue.activities(of: site.people) where activity.at <= asOf {
            let person = activity.person
            guard isVisible else {
                hidden += 1
                continue
            }
            activities += 1
            let kind = activity.kind.rank
            sheets[person].tallies[kind].count += 1
            sheets[person].tallies[kind].lastAt = max(sheets[person].tallies[kind].lastAt ?? activity.at, activity.at)
            let last = Last(at: activity.at, kind: kind, issueID: issue.id, position: position)
            sheets[person].last = max(sheets[person].last ?? last, last)
        }
    }

    private func oracle(thresholdDays: Int) -> Oracle {
        let since = asOf.advanced(bySeconds: -Int64(thresholdDays) * 86_400)
        let users = site.people.listed.indices.map { user($0, since: since) }
        let roles = site.people.roles.map { role in
            let holders = users.filter { user in user.seat && user.applicationRoles.contains { $0.key == role.key } }
            func count(_ verdict: Oracle.Verdict) -> Int { holders.count { $0.verdict == verdict } }
            return Oracle.Role(
                key: role.key, name: role.name, seats: holders.count, active: count(.active),
                inactive: count(.inactive), neverActive: count(.neverActive))
        }
        return Oracle(
            asOf: asOf, thresholdDays: thresholdDays, users: users, roles: roles,
            counts: Oracle.Counts(users: users.count, issues: issues, activities: activities, hidden: hidden))
    }

    private func user(_ index: PersonIndex, since: Moment) -> Oracle.User {
        let person = site.people[index]
        let sheet = sheets[index]
        let last = sheet.last.map { last in
            Oracle.LastActivity(
                at: last.at, kind: ActivityKind.allCases[last.kind], issueKey: site.issue(at: last.position).key,
                issueID: last.issueID)
        }
        return Oracle.User(
            accountID: person.accountID, displayName: person.displayName, accountType: person.kind.rawValue,
            enabled: person.isEnabled, seat: person.holdsSeat,
            applicationRoles: person.roles.map { (site.people.roles[$0].key, site.people.roles[$0].name) },
            groups: person.groups.map { (site.people.groups[$0].id, site.people.groups[$0].name) },
            lastActivity: last,
            activity: Dictionary(uniqueKeysWithValues: zip(ActivityKind.allCases, sheet.tallies)),
            verdict: last.map { $0.at > since ? .active : .inactive } ?? .neverActive)
    }
}

extension ActivityKind {
    fileprivate var rank: Int {
        switch self {
        case .created: 0
        case .transitioned: 1
        case .edited: 2
        case .attached: 3
        case .worklogged: 4
        case .commented: 5
        }
    }
}
