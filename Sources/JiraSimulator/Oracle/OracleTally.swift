/// Adds up a site's activities.
struct OracleTally: Sendable {
    private let site: SiteSnapshot
    private let asOf: Moment
    private let scope: OracleScope
    private var sheets: [Sheet]
    private var issues = 0
    private var activities = 0
    private var hidden = 0
    private var deleted = 0

    private struct Sheet {
        var tallies = [Oracle.Tally](repeating: Oracle.Tally(), count: ActivityKind.allCases.count)
        var last: Last?

        mutating func add(_ other: Sheet) {
            for kind in tallies.indices {
                tallies[kind].count += other.tallies[kind].count
                tallies[kind].lastAt = [tallies[kind].lastAt, other.tallies[kind].lastAt].compactMap { $0 }.max()
            }
            last = [last, other.last].compactMap { $0 }.max()
        }
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

    static func oracle(of site: SiteSnapshot, asOf: Moment, thresholdDays: Int, scope: OracleScope) -> Oracle {
        let count = site.positionCount
        let parts = (0..<count).mapInParallel(partSize: max(count / coreCount + 1, 1)) { positions in
            var tally = OracleTally(site: site, asOf: asOf, scope: scope)
            for position in positions { tally.add(position) }
            return tally
        }
        var whole = OracleTally(site: site, asOf: asOf, scope: scope)
        for part in parts { whole.add(part) }
        return whole.oracle(thresholdDays: thresholdDays)
    }

    private init(site: SiteSnapshot, asOf: Moment, scope: OracleScope) {
        self.site = site
        self.asOf = asOf
        self.scope = scope
        sheets = Array(repeating: Sheet(), count: site.people.all.count)
    }

    private mutating func add(_ position: Int) {
        let issue = site.issue(at: position)
        let lastSeen = scope.lastSeen(issue, at: position, of: site)
        if lastSeen != nil, issue.deleted != nil {
            deleted += 1
            if !scope.includesDeleted { return }
        }
        if let lastSeen, issue.created <= lastSeen { issues += 1 }
        for activity in issue.activities(of: site.people) where activity.at <= asOf {
            let person = activity.person
            guard let lastSeen, activity.at <= lastSeen else {
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

    private mutating func add(_ other: OracleTally) {
        issues += other.issues
        activities += other.activities
        hidden += other.hidden
        deleted += other.deleted
        for person in sheets.indices { sheets[person].add(other.sheets[person]) }
    }

    private func oracle(thresholdDays: Int) -> Oracle {
        let since = asOf.advanced(bySeconds: -Int64(thresholdDays) * 86_400)
        let users = site.people.listed.map { user($0, since: since) }
        let roles = site.people.roles.map { role in
            let holders = users.filter { user in user.seat && user.applicationRoles.contains { $0.key == role.key } }
            func count(_ verdict: Oracle.Verdict) -> Int { holders.count { $0.verdict == verdict } }
            return Oracle.Role(
                key: role.key, name: role.name, seats: holders.count, active: count(.active),
                inactive: count(.inactive), neverActive: count(.neverActive))
        }
        return Oracle(
            asOf: asOf, thresholdDays: thresholdDays, users: users, roles: roles,
            counts: Oracle.Counts(
                users: users.count, issues: issues, activities: activities, hidden: hidden, deleted: deleted))
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
