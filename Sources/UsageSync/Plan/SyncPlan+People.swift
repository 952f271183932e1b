import UsageModel
import UsageStore

// Who there is, and which roles and groups they have. Both are read again in the course of a day, a part in each pass.

extension SyncPlan {
    private var rosterPage: Int { configuration.largestAnswer }
    /// A directory of one page is read again this often; a larger one in a day.
    private static let rosterLifetime = Duration.seconds(3600)
    private static let day = Duration.days(1)

    // MARK: - The directory

    mutating func beginRoster(now: Instant) {
        isRosterRead = false
        if state.rosterReadAt == nil {
            rosterPagesLeft = .max
        } else if state.rosterSize <= rosterPage {
            rosterPagesLeft = isRequested || isRosterOlder(than: Self.rosterLifetime, now: now) ? .max : 0
        } else {
            let isDue = state.rosterStartedAt != nil || isRosterOlder(than: Self.day, now: now)
            rosterPagesLeft = isDue ? partOfDay(of: state.rosterSize / rosterPage + 2, now: now) : 0
        }
        guard rosterPagesLeft > 0 else { return }
        if state.rosterStartedAt == nil {
            state.rosterStartedAt = now
            state.rosterPosition = 0
        }
    }

    /// What has to be done of so many things in this pass, for all to be done in a day.
    private func partOfDay(of count: Int, now: Instant) -> Int {
        let since = state.lastCompletedAt.map { now.duration(since: $0) } ?? configuration.interval
        let share = min(1, max(since, configuration.interval) / Self.day)
        return Int((Double(count) * share).rounded(.up))
    }

    private func isRosterOlder(than age: Duration, now: Instant) -> Bool {
        state.rosterReadAt.map { now.duration(since: $0) >= age } ?? true
    }

    mutating func rosterStep() -> Step? {
        guard underWay.isEmpty, !isRosterRead else { return nil }
        guard rosterPagesLeft > 0 else {
            // A new account comes last as a rule, and so is seen at once.
            return .readRoster(start: state.rosterSize, limit: 100)
        }
        return .readRoster(start: state.rosterPosition, limit: rosterPage)
    }

    /// A page may be short without being the last; only an empty one ends the directory.
    mutating func rosterRead(rows: Int, limit: Int, of step: Step) -> [SiteWrite] {
        guard case .readRoster(let start, _) = step else { return [] }
        guard let startedAt = state.rosterStartedAt, rosterPagesLeft > 0 else {
            state.rosterSize += rows
            isRosterRead = rows == 0
            return []
        }
        state.rosterPosition = start + rows
        rosterPagesLeft -= 1
        guard rows == 0 else {
            isRosterRead = rosterPagesLeft == 0
            return []
        }
        isRosterRead = true
        state.rosterReadAt = startedAt
        state.rosterSize = state.rosterPosition
        state.rosterStartedAt = nil
        return [.rosterEnd(startedAt: startedAt)]
    }

    /// Which permission is missing has to be asked.
    mutating func refusePeople() {
        guard !isPeopleRefused else { return }
        isPeopleRefused = true
        state.rosterReadAt = nil
        state.rosterStartedAt = nil
        isRosterRead = true
        accounts = []
        lists = []
        finished.remove(.permissions)
    }

    // MARK: - Roles and groups

    mutating func beginAccess(now: Instant) {
        let refreshes = partOfDay(of: max(state.rosterSize, 1), now: now)
        lists = [
            (.readBefore(now - Self.day, limit: refreshes), 0), (.unread, 0),
            (.unreadAndQuiet(since: windowStart(now: now)), 0),
        ]
    }

    mutating func accessStep() -> Step? {
        if let account = accounts.popLast() { return .readAccess(account) }
        guard underWay.isEmpty, let (list, position) = lists.last else { return nil }
        return .listAccounts(list, after: position)
    }

    mutating func listed(_ some: [AccountID], end: Int64?, of list: AccountList) {
        accounts += some.reversed()
        guard lists.last?.list == list else { return }
        if let end { lists[lists.count - 1].position = end } else { lists.removeLast() }
    }

    // MARK: - Groups that grant roles

    mutating func grantsStep() -> Step? {
        guard isGrantsDue else { return nil }
        guard !hasAsked else { return roles?.popLast().map { .readGrants(role: $0) } }
        hasAsked = true
        roles = nil
        return .listRoles
    }
}
