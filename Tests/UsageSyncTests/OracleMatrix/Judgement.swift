import JiraSimulator
import Testing
import UsageModel
import UsageStore
import UsageSync

/// Verdicts as the daemon gives them, against those of the oracle.
enum Judgement {
    /// Who is called inactive though an activity in the window was there to be seen, or never active though there was one:
    /// what must not be at any moment, whatever goes wrong.
    ///
    /// - Parameter slack: activities younger than that need not be known.
    static func misjudged(on site: SimulatedSite, slack: Duration) async throws -> [String] {
        let state = try await site.store.siteState(of: site.sync.site.key)
        guard let until = state.coverage.completeUntil else { return [] }
        let oracle = try #require(
            site.simulator.oracle(asOf: Moment(milliseconds: (until - slack).milliseconds)))
        let records = try await records(on: site)
        var wrong: [String] = []
        for user in oracle.users {
            guard let record = records[user.accountID], let seen = user.lastActivity?.at.milliseconds else { continue }
            for days in Ordeal.thresholds {
                let verdict = verdict(on: record, days: days, state: state)
                let isActive = seen > (until - .days(days)).milliseconds
                if verdict.state == .neverActive || verdict.state == .inactive && isActive {
                    wrong.append(
                        """
                        \(user.accountID) is judged \(verdict.state.rawValue) (\(days) days as of \(until)), and was \
                        active at \(Instant(milliseconds: seen)); known is \(record.last?.at.description ?? "nothing")
                        """)
                }
            }
        }
        return wrong
    }

    /// In which verdicts the daemon and the oracle differ; the oracle knows no `unknown`.
    static func differences(on site: SimulatedSite) async throws -> [String] {
        let state = try await site.store.siteState(of: site.sync.site.key)
        let until = try #require(state.coverage.completeUntil)
        let records = try await records(on: site)
        let oracle = try #require(site.simulator.oracle(asOf: Moment(milliseconds: until.milliseconds)))
        var wrong: [String] = []
        for user in oracle.users {
            guard let record = records[user.accountID] else {
                wrong.append("\(user.accountID) is missing")
                continue
            }
            for days in Ordeal.thresholds {
                let verdict = verdict(on: record, days: days, state: state)
                let right = right(for: user, days: days, in: oracle)
                if verdict.state.rawValue != right.rawValue {
                    wrong.append(
                        """
                        \(user.accountID) is \(verdict.state.rawValue) (\(verdict.cause?.rawValue ?? "no cause")) \
                        and right is \(right.rawValue), for \(days) days as of \(until); \(record.demand)
                        """)
                }
            }
        }
        return wrong
    }

    /// The oracle's own where it was asked for so many days; another oracle would look at every issue again.
    private static func right(for user: Oracle.User, days: Int, in oracle: Oracle) -> Oracle.Verdict {
        if days == oracle.thresholdDays { return user.verdict }
        let start = oracle.asOf.advanced(bySeconds: -86_400 * Int64(days))
        return user.lastActivity.map { $0.at > start ? .active : .inactive } ?? .neverActive
    }

    static func records(on site: SimulatedSite) async throws -> [String: UsageRecord] {
        let all = try await site.store.summaries(
            matching: UserFilter(site: site.sync.site.key), order: .name(after: nil), asOf: nil, limit: .max)
        let records = try await site.store.records(of: all.map(\.accountKey), asOf: nil)
        return Dictionary(uniqueKeysWithValues: records.map { ($0.account.rawValue, $0) })
    }

    private static func verdict(on record: UsageRecord, days: Int, state: SiteState) -> Verdict {
        let until = state.coverage.completeUntil ?? Instant(milliseconds: 0)
        let last = record.last?.at
        // What is known of later has been seen as well.
        return Verdict(
            lastActivity: last, thresholdDays: days, asOf: max(until, last ?? until), coverage: state.coverage,
            demand: record.demand)
    }
}
