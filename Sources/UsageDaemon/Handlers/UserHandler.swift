import ControlProtocol
import ControlServer
import UsageModel
import UsageStore

/// `user.get` and `user.list`.
struct UserHandler: Sendable {
    let reports: UsageReports
    /// Where a call names none.
    let thresholdDays: @Sendable () -> Int

    func get(_ call: GetUser) async throws(ControlError) -> UserReport {
        try await reports.snapshot { try get(call, in: $0) }
    }

    /// Runs `body` with what answers `user.get` of what is known last, from one snapshot and on the caller's thread.
    func lookup<Value>(
        _ body: (_ get: (GetUser) throws(ControlError) -> UserReport) -> Value
    ) throws(ControlError) -> Value {
        try reports.lookup { snapshot in
            body { (call) throws(ControlError) in
                do {
                    return try get(call, in: snapshot)
                } catch {
                    throw ControlError(reading: error)
                }
            }
        }
    }

    private func get(_ call: GetUser, in snapshot: ReportSnapshot) throws -> UserReport {
        let user = try snapshot.user(
            named: call.who, on: try snapshot.views(of: call.site),
            thresholdDays: call.thresholdDays ?? thresholdDays(), asOf: call.asOf)
        return UserReport(user, seatHistory: try snapshot.seatHistory(of: user, asOf: call.asOf))
    }

    func list(_ call: ListUsers) async throws(ControlError) -> Page<UserReport> {
        let list = try UserList(call, thresholdDays: thresholdDays())
        return try await reports.snapshot { snapshot in
            let views = try snapshot.views(of: call.site)
            let limit = min(call.limit ?? Self.usualLimit, Page<UserReport>.mostRows)
            let found = try list.summaries(in: snapshot, on: views, limit: limit + 1)
            let users = try found.map { ($0, try list.users(of: [$0], in: snapshot, on: views)) }
                .flatMap { summary, users in users.map { (summary, $0) } }
            // The position is that of the list as it was ordered, whatever its people have done since.
            return Page(filling: users, limit: limit, row: { UserReport($0.1) }, position: { list.position(of: $0.0) })
        }
    }

    /// The same as a stream: who is on the list, and in which order, is settled at once; then a few at a time are told, each as
    /// known then. Whoever is not what the list lists any more is left out.
    func stream(_ call: ListUsers, to notices: RequestNotices) async throws(ControlError) -> Page<UserReport> {
        let list = try UserList(call, thresholdDays: thresholdDays())
        return try await answering {
            let found = try await reports.snapshot { snapshot in
                try list.summaries(
                    in: snapshot, on: try snapshot.views(of: call.site), limit: (call.limit ?? .max - 1) + 1)
            }
            let told = found.prefix(call.limit ?? .max)
            var rows = RowStream(notices)
            for start in stride(from: 0, to: told.count, by: Self.usersAtOnce) {
                let some = told[start..<min(start + Self.usersAtOnce, told.count)]
                let users = try await reports.snapshot { snapshot in
                    try list.users(of: some, in: snapshot, on: try snapshot.views(of: call.site))
                        .filter(list.stillHas).map { UserReport($0) }
                }
                for user in users { try await rows.send(user) }
            }
            try await rows.finish()
            return Page(rows: [], next: told.count < found.count ? told.last.map(list.position) : nil)
        }
    }

    private static let usualLimit = 100
    private static let usersAtOnce = 64
}

/// Which users a call lists, in which order.
private struct UserList: Sendable {
    private let call: ListUsers
    private let sort: UserSort
    private let thresholdDays: Int

    /// - Parameter thresholdDays: where the call names none.
    init(_ call: ListUsers, thresholdDays: Int) throws(ControlError) {
        guard let sort = UserSort(call.sort ?? .name, after: call.after) else { throw .badPosition }
        self.call = call
        self.sort = sort
        self.thresholdDays = call.thresholdDays ?? thresholdDays
    }

    func summaries(in snapshot: ReportSnapshot, on views: [SiteView], limit: Int) throws -> [UsageSummary] {
        let filter = UserFilter(
            site: views.count == 1 ? views[0].site.key : nil, role: call.role, group: call.group,
            holdsSeat: call.seat, changedSince: call.changedSince.map(Int64.init))
        return try snapshot.summaries(
            on: views, matching: filter, verdict: call.verdict, sort: sort, thresholdDays: thresholdDays,
            asOf: call.asOf, limit: limit)
    }

    func users(
        of summaries: some Sequence<UsageSummary>, in snapshot: ReportSnapshot, on views: [SiteView]
    ) throws -> [ReportSnapshot.JudgedUser] {
        try snapshot.users(of: summaries, on: views, thresholdDays: thresholdDays, asOf: call.asOf)
    }

    /// Whether somebody who was on the list is what it lists, told of a later moment.
    func stillHas(_ user: ReportSnapshot.JudgedUser) -> Bool {
        let record = user.record
        return record.erasedAt == nil && call.verdict ?? user.verdict.state == user.verdict.state
            && call.seat ?? record.holdsSeat == record.holdsSeat
            && call.role.map { role in record.roles.contains { $0.key == role } } ?? true
            && call.group.map { group in
                record.groups.contains { $0.id == group || $0.name.lowercased() == group.lowercased() }
            } ?? true
    }

    func position(of summary: UsageSummary) -> String { sort.position(of: summary) }
}

// MARK: - To the wire

extension UserReport {
    init(_ user: ReportSnapshot.JudgedUser, seatHistory: [SeatStretch]? = nil) {
        let record = user.record
        let groups = record.groups.fittingLine()
        self.init(
            accountId: record.account,
            displayName: record.erasedAt == nil ? record.displayName : Self.nameOfErased, email: record.email,
            accountType: record.accountType, enabled: record.isEnabled, site: user.view.site.cloudID,
            applicationRoles: record.roles, groups: groups,
            groupsLeftOut: groups.count < record.groups.count ? record.groups.count - groups.count : nil,
            seat: record.holdsSeat,
            accessReadAt: record.accessReadAt, seatHistory: seatHistory,
            lastActivity: record.last, activity: ActivityCounts(record.tallies),
            verdict: VerdictReport(
                state: user.verdict.state, thresholdDays: user.verdict.thresholdDays, asOf: user.verdict.asOf,
                completeSince: user.view.coverage.completeSince, completeUntil: user.view.coverage.completeUntil,
                reason: user.verdict.cause, proof: record.demand.proof),
            erasedAt: record.erasedAt)
    }

    /// What Atlassian calls those whose account is closed
    /// (<https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>).
    private static let nameOfErased = "Former user"
}

extension ProofDemand {
    /// What Jira's search said, where a verdict hangs on it and it has been asked.
    fileprivate var proof: Proof? {
        switch self {
        case .none: nil
        case .proof(let proof): proof
        }
    }
}

extension ControlError {
    static func noSuchUser(_ who: String) -> ControlError {
        ControlError(
            .notFound, "no user matches \(who.shortened)",
            hint: "Give the e-mail address, the account id or the full display name; Jira hides most addresses.")
    }

    init(_ unknown: StoreReader.UnknownName, in filter: UserFilter) {
        switch unknown {
        case .role(let known):
            self.init(
                .notFound, "no application role has the key \((filter.role ?? "").shortened)",
                hint: "There are: \(known.prefix(10).joined(separator: ", "))\(known.count > 10 ? ", …" : "").")
        case .group:
            self.init(
                .notFound, "no group has the name or the id \((filter.group ?? "").shortened)",
                hint: "`jirausagectl user WHO` tells the groups that somebody is in.")
        }
    }

    static let badPosition = ControlError(
        .invalidParams, "after is not the next of an earlier page", hint: "Leave it out to begin at the start.")

    /// Several people, or one person on several sites.
    static func ambiguous(_ who: String, _ users: [ReportSnapshot.JudgedUser]) -> ControlError {
        let who = who.shortened
        let isOnePerson = Set(users.map(\.record.account)).count == 1
        return ControlError(
            .ambiguous, isOnePerson ? "\(who) is known on \(users.count) sites" : "\(who) is the name of several users",
            hint: isOnePerson ? "Name the site too." : "Use the account id.",
            choices: users.map { user in
                Choice(
                    site: user.view.site.cloudID.rawValue,
                    name: isOnePerson
                        ? user.view.site.name : (user.record.displayName ?? user.record.account.rawValue).shortened,
                    url: user.view.site.url, accountId: isOnePerson ? nil : user.record.account.rawValue)
            })
    }
}

// MARK: - Positions

// A position is opaque to callers: the account's number, then what the list is sorted by.

extension UserSort {
    init?(_ order: ControlProtocol.UserOrder, after position: String?) {
        guard let position else {
            self =
                switch order {
                case .name: .name(after: nil)
                case .oldest: .oldest(after: nil)
                case .newest: .newest(after: nil)
                }
            return
        }
        let parts = position.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let accountKey = Int64(parts[0]) else { return nil }
        switch order {
        case .name:
            self = .name(after: .init(name: String(parts[1]), accountKey: accountKey))
        case .oldest, .newest:
            guard let lastAt = Int64(parts[1]) else { return nil }
            let place = ActivityPosition(lastAt: lastAt, accountKey: accountKey)
            self = order == .oldest ? .oldest(after: place) : .newest(after: place)
        }
    }

    fileprivate func position(of summary: UsageSummary) -> String {
        switch self {
        case .name: "\(summary.accountKey).\(summary.displayName ?? "")"
        case .oldest, .newest: "\(summary.accountKey).\(summary.lastAt?.milliseconds ?? 0)"
        }
    }
}
