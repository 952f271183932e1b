import UsageModel
import UsageStore
import UsageSync

@testable import JiraSimulator

extension JiraSimulator {
    /// Deletes issues, as somebody with that permission would.
    func delete(_ issues: [Int64]) throws {
        try sites[0].change { changes throws(ActivityError) in
            for issue in issues {
                guard let position = sites[0].draft(changes).position(ofID: issue) else {
                    throw .unknownIssue("\(issue)")
                }
                changes.record(.init(at: now, bumpsUpdated: true, change: .deletion), at: position)
            }
        }
    }

    /// Moves an issue into another project without a change of its `updated`.
    ///
    /// - Returns: its new key.
    func move(_ issue: Int64) throws -> String {
        let site = sites[0]
        return try site.change { changes throws(ActivityError) in
            guard let position = site.draft(changes).position(ofID: issue) else { throw .unknownIssue("\(issue)") }
            let project = (site.draft(changes).project(at: position) + 1) % site.data.projects.count
            let number = changes.nextNumber(inProject: project, of: site.data)
            let key = "\(site.data.projects[project].key)-\(number)"
            let history = History(id: changes.freshID(), author: nil, created: now, items: [])
            let move = SiteChanges.Move(project: project, key: key, number: number, history: history)
            changes.record(.init(at: now, bumpsUpdated: false, change: .move(move)), at: position)
            return key
        }
    }
}

extension SimulatedSite {
    var now: Instant { Instant(milliseconds: simulator.now.milliseconds) }

    /// Writes, with the state that is there.
    func keep(_ writes: [SiteWrite]) async throws {
        try await store.keep(writes, state: try await store.siteState(of: sync.site.key), for: sync.site.key)
    }

    /// The next pass compares the site's issues, as if that had never been done.
    func makeReconcileDue() async throws {
        var state = try await store.siteState(of: sync.site.key)
        let lastRound = now - .days(8)
        state.reconciledAt = lastRound
        let stored = try await store.storedProjects(updatedFrom: now, on: sync.site.key)
        let checks = stored.checks.keys.map {
            SiteWrite.projectChecked(ProjectCheck(project: $0, checkedAt: lastRound))
        }
        try await store.keep(checks, state: state, for: sync.site.key)
    }

    /// Issues of the largest project that have not changed for a day, and that no census has shown since.
    func someIssues(_ count: Int, unshownSince since: Instant? = nil) async throws -> [Int64] {
        let stored = try await store.storedProjects(updatedFrom: Instant(milliseconds: 0), on: sync.site.key)
        guard let project = stored.issues.max(by: { $0.value < $1.value })?.key else { return [] }
        let query = UnshownQuery(
            project: project, since: since ?? now + .days(1), lower: Instant(milliseconds: 0), upper: now - .days(1))
        return try await store.unshown(query, after: IssueID(rawValue: 0), limit: count, on: sync.site.key)
            .map(\.version.id.rawValue)
    }

    /// What is told of everybody.
    func standings() async throws -> [Standing] {
        let coverage = try await store.siteState(of: sync.site.key).coverage
        var keys: [Int64] = []
        for user in simulator.oracle()?.users ?? [] {
            keys += try await store.find(user.accountID, on: nil).map(\.key)
        }
        return try await store.records(of: keys, asOf: nil).map { record in
            Standing(
                account: record.account, last: record.last?.at, counts: record.tallies.mapValues(\.count),
                verdict: Verdict(
                    lastActivity: record.last?.at, thresholdDays: 90, asOf: coverage.completeUntil ?? now,
                    coverage: coverage, demand: record.demand
                ).state)
        }
    }

    struct Standing: Hashable {
        let account: AccountID
        let last: Instant?
        let counts: [UsageModel.ActivityKind: Int]
        let verdict: VerdictState
    }

    /// How many requests `body` makes.
    func requests(during body: () async throws -> Void) async throws -> Int {
        let before = simulator.statistics.total
        try await body()
        return simulator.statistics.total - before
    }
}
