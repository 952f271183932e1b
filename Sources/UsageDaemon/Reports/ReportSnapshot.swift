import ControlProtocol
import UsageModel
import UsageStore

/// What can be told from one snapshot of the store, at one moment.
struct ReportSnapshot {
    let reader: StoreReader
    /// Our clock.
    let now: Instant
    /// As in `SiteView`.
    let staleAfter: Duration

    /// A person with the verdict on them.
    struct JudgedUser: Sendable {
        let record: UsageRecord
        let verdict: Verdict
        let view: SiteView
    }

    /// All connected sites, or the one named by cloud id or URL.
    ///
    /// - Throws: where there is no such.
    func views(of name: String?) throws -> [SiteView] {
        let views = try reader.sitesWithStates()
            .filter { site, _ in name.map(site.isNamed) ?? true }
            .map { SiteView(site: $0, state: $1, now: now + $1.clockOffset, staleAfter: staleAfter) }
        guard !views.isEmpty else { throw ControlError.noSite(name) }
        return views
    }

    // MARK: - Users

    /// Everybody whom `who` may mean on the given sites.
    func users(named who: String, on views: [SiteView], thresholdDays: Int, asOf: Instant?) throws -> [JudgedUser] {
        try views.flatMap { view in
            let found = try reader.find(who, on: view.site.key)
            return try judged(found.map(\.key), on: view, thresholdDays: thresholdDays, asOf: asOf)
        }
    }

    /// The one whom `who` means.
    ///
    /// - Throws: where there is nobody, or several.
    func user(named who: String, on views: [SiteView], thresholdDays: Int, asOf: Instant?) throws -> JudgedUser {
        let users = try users(named: who, on: views, thresholdDays: thresholdDays, asOf: asOf)
        guard let user = users.first else { throw ControlError.noSuchUser(who) }
        guard users.count == 1 else { throw ControlError.ambiguous(who, users) }
        return user
    }

    /// The users that pass, in order, at most `limit`.
    ///
    /// - Throws: where there are none for a misspelt role or group: who reads that nobody holds a licence believes it.
    func summaries(
        on views: [SiteView], matching filter: UserFilter, verdict: VerdictState?, sort: UserSort,
        thresholdDays: Int, asOf: Instant?, limit: Int
    ) throws -> [UsageSummary] {
        let views = Dictionary(uniqueKeysWithValues: views.map { ($0.site.key, $0) })
        var (sort, chosen) = (sort, [UsageSummary]())
        while chosen.count < limit {
            let chunk = try reader.summaries(
                matching: filter, order: sort, asOf: asOf, limit: verdict == nil ? limit : Self.chunk)
            for summary in chunk {
                guard let view = views[summary.site] else { continue }
                let judged = Horizon(asOf, now: view.now)
                    .verdict(last: summary.lastAt, demand: summary.demand, thresholdDays: thresholdDays, in: view)
                if verdict == nil || judged.state == verdict { chosen.append(summary) }
            }
            guard verdict != nil, chunk.count == Self.chunk, let last = chunk.last else { break }
            sort = sort.after(last)
        }
        if chosen.isEmpty, let unknown = try reader.unknownName(in: filter) { throw ControlError(unknown, in: filter) }
        return Array(chosen.prefix(limit))
    }

    /// Summaries read at once where a verdict, which SQL cannot give, thins them out.
    private static let chunk = 1000

    /// The users of some summaries, in their order. Whoever is not there any more is left out.
    func users(
        of summaries: some Sequence<UsageSummary>, on views: [SiteView], thresholdDays: Int, asOf: Instant?
    ) throws -> [JudgedUser] {
        let views = Dictionary(uniqueKeysWithValues: views.map { ($0.site.key, $0) })
        return try summaries.flatMap { summary in
            guard let view = views[summary.site] else { return [JudgedUser]() }
            return try judged([summary.accountKey], on: view, thresholdDays: thresholdDays, asOf: asOf)
        }
    }

    private func judged(
        _ keys: [Int64], on view: SiteView, thresholdDays: Int, asOf: Instant?
    ) throws -> [JudgedUser] {
        let horizon = Horizon(asOf, now: view.now)
        return try reader.records(of: keys, asOf: horizon.cut).map { record in
            let verdict = horizon.verdict(
                last: record.last?.at, demand: record.demand, thresholdDays: thresholdDays, in: view)
            return JudgedUser(
                record: record,
                verdict: record.erasedAt == nil
                    ? verdict : .onErased(thresholdDays: thresholdDays, asOf: verdict.asOf), view: view)
        }
    }

    /// How a user's seat came and went, the latest first.
    func seatHistory(of user: JudgedUser, asOf: Instant?) throws -> [SeatStretch] {
        try reader.seatHistory(
            of: user.record.accountKey, asOf: Horizon(asOf, now: user.view.now).cut, limit: Self.longestHistory)
    }

    /// Stretches of a seat's history, at most: some 5 KiB of a line.
    private static let longestHistory = 50
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
