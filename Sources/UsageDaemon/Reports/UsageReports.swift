import UsageModel
import UsageStore

/// Answers who uses what: reads the store, and judges by the coverage of the site that a person is on.
///
/// It works in our own types; what goes over the socket is the handlers' to make.
struct UsageReports: Sendable {
    let store: UsageStore
    /// Our clock; a site's own is this plus the offset measured in its last pass.
    let now: @Sendable () -> Instant
    /// As in `SiteView`.
    let staleAfter: Duration

    /// A person with the verdict on them.
    struct JudgedUser: Sendable {
        let record: UsageRecord
        let verdict: Verdict
        let view: SiteView
    }

    /// All connected sites, or the one named by cloud id or URL; empty where there is no such.
    func views(of name: String?) async throws(StoreError) -> [SiteView] {
        var views: [SiteView] = []
        for site in try await store.sites() where name.map(site.isNamed) ?? true {
            let state = try await store.siteState(of: site.key)
            views.append(SiteView(site: site, state: state, now: now() + state.clockOffset, staleAfter: staleAfter))
        }
        return views
    }

    // MARK: - Users

    /// Everybody whom `who` may mean on the given sites.
    func users(named who: String, on views: [SiteView], thresholdDays: Int, asOf: Instant?)
        async throws(StoreError) -> [JudgedUser]
    {
        var users: [JudgedUser] = []
        for view in views {
            let found = try await store.find(who, on: view.site.key)
            users += try await judged(found.map(\.key), on: view, thresholdDays: thresholdDays, asOf: asOf)
        }
        return users
    }

    /// A line of a list: where it stands in the list's order, and what is told.
    struct ListedUser: Sendable {
        let summary: UsageSummary
        let user: JudgedUser
    }

    /// A page of a list: the users that pass, in order, one more than `limit` where there are more.
    func users(
        on views: [SiteView], matching filter: UserFilter, verdict: VerdictState?, sort: UserSort,
        thresholdDays: Int, asOf: Instant?, limit: Int
    ) async throws(StoreError) -> [ListedUser] {
        let views = Dictionary(uniqueKeysWithValues: views.map { ($0.site.key, $0) })
        var (sort, chosen) = (sort, [UsageSummary]())
        while chosen.count <= limit {
            let chunk = try await store.summaries(
                matching: filter, order: sort, asOf: asOf, limit: verdict == nil ? limit + 1 : Self.chunk)
            for summary in chunk {
                guard let view = views[summary.site] else { continue }
                let judged = Horizon(asOf, now: view.now)
                    .verdict(last: summary.lastAt, demand: summary.demand, thresholdDays: thresholdDays, in: view)
                if verdict == nil || judged.state == verdict { chosen.append(summary) }
            }
            guard verdict != nil, chunk.count == Self.chunk, let last = chunk.last else { break }
            sort = sort.after(last)
        }
        var users: [ListedUser] = []
        for summary in chosen.prefix(limit + 1) {
            guard let view = views[summary.site] else { continue }
            let judged = try await judged([summary.accountKey], on: view, thresholdDays: thresholdDays, asOf: asOf)
            users += judged.map { ListedUser(summary: summary, user: $0) }
        }
        return users
    }

    /// Summaries read at once where a verdict, which SQL cannot give, thins them out.
    private static let chunk = 1000

    private func judged(_ keys: [Int64], on view: SiteView, thresholdDays: Int, asOf: Instant?)
        async throws(StoreError) -> [JudgedUser]
    {
        let horizon = Horizon(asOf, now: view.now)
        return try await store.records(of: keys, asOf: horizon.cut).map { record in
            let verdict = horizon.verdict(
                last: record.last?.at, demand: record.demand, thresholdDays: thresholdDays, in: view)
            return JudgedUser(
                record: record,
                verdict: record.erasedAt == nil
                    ? verdict : .onErased(thresholdDays: thresholdDays, asOf: verdict.asOf), view: view)
        }
    }

    /// How a user's seat came and went, the latest first.
    func seatHistory(of user: JudgedUser, asOf: Instant?) async throws(StoreError) -> [SeatStretch] {
        try await store.seatHistory(
            of: user.record.accountKey, asOf: Horizon(asOf, now: user.view.now).cut, limit: Self.longestHistory)
    }

    /// Stretches of a seat's history, at most: some 5 KiB of a line.
    private static let longestHistory = 50

    // MARK: - Licences

    /// The seats of one application role, by verdict.
    struct RoleUsage: Sendable {
        /// `nil` for seats whose roles Jira counts and does not name.
        let role: ApplicationRole?
        var byVerdict: [VerdictState: Int] = [:]
        var seats: Int { byVerdict.values.reduce(0, +) }
    }

    /// How many seats of each role are used.
    struct LicenceUsage: Sendable {
        /// The instant that all of it speaks of.
        let asOf: Instant
        let roles: [RoleUsage]
        /// People of whom it is not known whether they hold seats.
        let usersNotRead: Int
        /// People who are counted by a reading that is later than the instant asked for.
        let usersReadLater: Int
    }

    func licences(on views: [SiteView], thresholdDays: Int, asOf: Instant?)
        async throws(StoreError) -> LicenceUsage
    {
        var usage: [String?: RoleUsage] = [:]
        var (usersNotRead, readLater) = (0, Set<Int64>())
        for view in views {
            let horizon = Horizon(asOf, now: view.now)
            for seat in try await store.seats(on: view.site.key, asOf: horizon.cut) {
                let verdict = horizon.verdict(
                    last: seat.lastAt, demand: seat.demand, thresholdDays: thresholdDays, in: view)
                usage[seat.role?.key, default: RoleUsage(role: seat.role)].byVerdict[verdict.state, default: 0] += 1
                if let cut = horizon.cut, let readAt = seat.accessReadAt, readAt > cut {
                    readLater.insert(seat.accountKey)
                }
            }
            usersNotRead += try await store.unreadPeople(on: view.site.key, asOf: horizon.cut)
        }
        // With several sites the answer as a whole is as old as the oldest of its parts.
        let ends = views.map { Horizon(asOf, now: $0.now).end(for: $0, last: nil) }
        let roles = usage.sorted { ($0.key ?? "\u{10FFFF}") < ($1.key ?? "\u{10FFFF}") }.map(\.value)
        return LicenceUsage(
            asOf: ends.min() ?? now(), roles: roles, usersNotRead: usersNotRead, usersReadLater: readLater.count)
    }
}

extension Site {
    /// Whether a request means this site.
    func isNamed(_ name: String) -> Bool { Self.isNamed(name, cloudID: cloudID, url: url) }

    /// A site goes by its cloud id, its URL, or the URL's host.
    static func isNamed(_ name: String, cloudID: CloudID, url: String) -> Bool {
        let name = name.lowercased()
        let trimmed = name.hasSuffix("/") ? String(name.dropLast()) : name
        return trimmed == cloudID.rawValue.lowercased() || trimmed == url.lowercased()
            || "https://\(trimmed)" == url.lowercased()
    }
}

extension UserSort {
    /// The same order, from behind `summary` on.
    func after(_ summary: UsageSummary) -> UserSort {
        let position = ActivityPosition(lastAt: summary.lastAt?.milliseconds ?? 0, accountKey: summary.accountKey)
        return switch self {
        case .name: .name(after: .init(name: summary.displayName ?? "", accountKey: summary.accountKey))
        case .oldest: .oldest(after: position)
        case .newest: .newest(after: position)
        }
    }
}
