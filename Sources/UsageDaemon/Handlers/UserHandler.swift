import ControlProtocol
import UsageModel
import UsageStore

/// `user.get` and `user.list`.
struct UserHandler: Sendable {
    let reports: UsageReports
    let thresholdDays: Int

    func get(_ call: GetUser) async throws(ControlError) -> UserReport {
        try await answering {
            let views = try await reports.views(of: call.site)
            guard !views.isEmpty else { throw ControlError.noSite(call.site) }
            let users = try await reports.users(
                named: call.who, on: views, thresholdDays: call.thresholdDays ?? thresholdDays, asOf: call.asOf)
            guard let first = users.first else { throw ControlError.noSuchUser(call.who) }
            guard users.count == 1 else { throw ControlError.ambiguous(call.who, users) }
            return UserReport(first, seatHistory: try await reports.seatHistory(of: first, asOf: call.asOf))
        }
    }

    func list(_ call: ListUsers) async throws(ControlError) -> Page<UserReport> {
        guard let sort = UserSort(call.sort ?? .name, after: call.after) else { throw .badPosition }
        return try await answering {
            let views = try await reports.views(of: call.site)
            guard !views.isEmpty else { throw ControlError.noSite(call.site) }
            let limit = call.limit ?? Self.usualLimit
            let filter = UserFilter(
                site: views.count == 1 ? views[0].site.key : nil, role: call.role, group: call.group,
                holdsSeat: call.seat)
            let users = try await reports.users(
                on: views, matching: filter, verdict: call.verdict, sort: sort,
                thresholdDays: call.thresholdDays ?? thresholdDays, asOf: call.asOf, limit: limit)
            // The position is that of the list as it was ordered, whatever its people have done since.
            return Page(
                filling: users, limit: limit, row: { UserReport($0.user) }, position: { sort.position(of: $0.summary) })
        }
    }

    private static let usualLimit = 100
}

// MARK: - To the wire

extension UserReport {
    init(_ user: UsageReports.JudgedUser, seatHistory: [SeatStretch]? = nil) {
        let record = user.record
        self.init(
            accountId: record.account,
            displayName: record.erasedAt == nil ? record.displayName : Self.nameOfErased, email: record.email,
            accountType: record.accountType, enabled: record.isEnabled, site: user.view.site.cloudID,
            applicationRoles: record.roles, groups: record.groups, seat: record.holdsSeat,
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

    static let badPosition = ControlError(
        .invalidParams, "after is not the next of an earlier page", hint: "Leave it out to begin at the start.")

    /// Several people, or one person on several sites.
    static func ambiguous(_ who: String, _ users: [UsageReports.JudgedUser]) -> ControlError {
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
