/// Makes up a site's accounts, their groups and roles, and says who of them does anything at all.
struct GeneratedPeople: Sendable {
    let people: People
    let contributors: Contributors
    /// An author whose account id is empty, which real histories have; not a user.
    let nameless: PersonIndex

    /// What somebody is to the site.
    fileprivate enum Standing {
        case member
        /// Did something once, but not in the last quarter.
        case lapsed
        /// Has a seat and never did anything.
        case idle
        /// Invited and never came.
        case invited
        /// A person without any role in Jira.
        case outsider
        case deactivated
        case deleted
        case app
        case customer

        /// The first few users are one of each, so that a small site has every sort; then shares of a large site.
        static func of(_ index: Int, _ draw: inout Draw) -> Standing {
            let samples: [Standing] = [
                .idle, .member, .lapsed, .app, .customer, .deactivated, .deleted, .invited, .idle, .outsider, .lapsed,
            ]
            if index < samples.count { return samples[index] }
            return switch draw.unit() {
            case ..<0.62: .member
            case ..<0.76: .lapsed
            case ..<0.82: .idle
            case ..<0.835: .invited
            case ..<0.86: .outsider
            case ..<0.91: .deactivated
            case ..<0.93: .deleted
            case ..<0.95: .app
            default: .customer
            }
        }
    }

    /// - Parameters:
    ///   - end: the moment of the last event of the site's past.
    ///   - callerSeed: an account is the same on every site, so its id comes from the first one's seed.
    ///   - callerZone: the profile zone of the account whose consent the tokens stand for.
    init(seed: UInt64, count: Int, start: Moment, end: Moment, callerSeed: UInt64, callerZone: String) {
        let groups = Self.groups(seed: seed, users: count)
        let roleCount = ApplicationRole.ofJira.count
        var persons: [Person] = []
        persons.reserveCapacity(count + 1)
        var contributors: [Contributors.Member] = []
        for index in 0..<max(count, 1) {
            var draw = Draw(seed: seed, .person, index)
            let standing = Standing.of(index, &draw)
            var person = Self.person(index, standing, &draw)
            if standing.hasRoles {
                person.roles = Self.roles(&draw)
                let team = roleCount + 1 + draw.below(groups.count - roleCount - 1)
                person.groups = person.roles + [team]
                if draw.chance(0.02) { person.groups.append(roleCount) }
                person.groups.sort()
            }
            if index == 0 {
                var callerDraw = Draw(seed: callerSeed, .person, index)
                person.accountID = Self.person(index, Standing.of(index, &callerDraw), &callerDraw).accountID
                person.displayName = "Jira Usage Service"
                person.timeZone = callerZone
                person.email = nil
            }
            person.groupCount = person.groups.count
            person.roleCount = person.roles.count
            persons.append(person)
            if let until = Self.lastPossibleActivity(standing, start: start, end: end, &draw) {
                contributors.append(Contributors.Member(person: index, until: until))
            }
        }
        let nameless = persons.count
        persons.append(
            Person(
                accountID: "", kind: .unknown, isEnabled: false, displayName: "", groupCount: 0, roleCount: 0))
        self.nameless = nameless
        self.contributors = Contributors(seed: seed, members: contributors, fallback: count > 1 ? 1 : 0)
        people = People(
            all: persons, listedCount: nameless, groups: groups, roles: ApplicationRole.ofJira, caller: 0)
    }

    private static func person(_ index: Int, _ standing: Standing, _ draw: inout Draw) -> Person {
        let name = "\(draw.pick(Names.first)) \(draw.pick(Names.last)) \(index)"
        // Old accounts have 24 hexadecimal digits, newer ones a number and a UUID.
        let accountID = draw.chance(0.6) ? "5\(draw.hexadecimal(23))" : "712020:\(draw.uuid())"
        var person = Person(
            accountID: accountID, kind: .atlassian, isEnabled: true, displayName: name,
            timeZone: draw.pick(Names.zones), locale: "en_US", groupCount: 0, roleCount: 0)
        if draw.chance(0.15) { person.email = "user\(index)@example.com" }
        switch standing {
        case .member, .lapsed, .idle, .outsider: break
        case .invited: person.timeZone = nil
        case .deactivated: person.isEnabled = false
        case .deleted:
            person.isEnabled = false
            person.displayName = "Former user"
            person.email = nil
            person.timeZone = nil
            person.locale = nil
        case .app:
            person.kind = .app
            person.displayName = "\(draw.pick(Names.apps)) \(index)"
            person.email = nil
        case .customer:
            person.kind = .customer
            person.accountID = "qm:\(draw.uuid()):\(index)"
        }
        return person
    }

    /// One role at least; most have Jira Software.
    private static func roles(_ draw: inout Draw) -> [Int] {
        let shares = [0.8, 0.15, 0.1, 0.25]
        let roles = shares.indices.filter { draw.chance(shares[$0]) }
        return roles.isEmpty ? [0] : roles
    }

    /// The groups that grant roles come first, in the order of the roles, then the site's administrators, then teams.
    private static func groups(seed: UInt64, users: Int) -> [Group] {
        var draw = Draw(seed: seed, .site, 1)
        var groups = ApplicationRole.ofJira.map { role in
            Group(id: draw.uuid(), name: "\(role.key)-users", applicationKeys: [role.key], access: .user)
        }
        groups.append(Group(id: draw.uuid(), name: "site-admins", access: .siteAdmin))
        for team in 0..<max(2, users / 50) {
            let name = Names.teams[team % Names.teams.count]
            groups.append(
                Group(
                    id: draw.uuid(),
                    name: team < Names.teams.count ? "team-\(name)" : "team-\(name)-\(team / Names.teams.count + 1)"))
        }
        return groups
    }

    private static func lastPossibleActivity(
        _ standing: Standing, start: Moment, end: Moment, _ draw: inout Draw
    ) -> Moment? {
        let day: Int64 = 86_400_000
        let history = end.milliseconds - start.milliseconds
        func before(days: Int64) -> Moment {
            let latest = max(history - days * day, 0)
            return start.advanced(byMilliseconds: Int64(Double(latest) * (0.3 + 0.7 * draw.unit())))
        }
        return switch standing {
        case .member, .app: end
        case .lapsed: before(days: 95)
        case .deactivated, .deleted: before(days: 20)
        case .customer: draw.chance(0.3) ? end : nil
        case .idle, .invited, .outsider: nil
        }
    }
}

extension GeneratedPeople.Standing {
    fileprivate var hasRoles: Bool {
        switch self {
        case .member, .lapsed, .idle, .invited, .deactivated: true
        case .outsider, .deleted, .app, .customer: false
        }
    }
}

/// Those who do things, the busiest first: how often somebody acts falls with the rank, as in Zipf's law.
struct Contributors: Sendable {
    struct Member: Sendable {
        let person: PersonIndex
        /// Does nothing after that.
        let until: Moment
    }

    private let ranked: [Member]
    private let fallback: PersonIndex
    private let lastMoments: [PersonIndex: Moment]

    init(seed: UInt64, members: [Member], fallback: PersonIndex) {
        var draw = Draw(seed: seed, .roster)
        ranked = members.shuffled(using: &draw)
        self.fallback = fallback
        lastMoments = Dictionary(members.map { ($0.person, $0.until) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether that person may still do something at `moment`.
    func canAct(_ person: PersonIndex, at moment: Moment) -> Bool {
        lastMoments[person].map { $0 >= moment } ?? false
    }

    /// Somebody who might have done something at `moment`.
    func author(at moment: Moment, _ draw: inout Draw) -> PersonIndex {
        for _ in 0..<6 {
            let rank = Int(power(Double(ranked.count + 1), draw.unit())) - 1
            guard rank < ranked.count else { continue }
            if ranked[rank].until >= moment { return ranked[rank].person }
        }
        return fallback
    }
}
