import ControlProtocol
import UsageModel
import UsageStore

/// `activity.list`.
struct ActivityHandler: Sendable {
    let reports: UsageReports

    func list(_ call: ListActivities) async throws(ControlError) -> Page<ActivityRow> {
        let after: Activity?
        if let text = call.after {
            guard let position = Activity(position: text) else { throw .badPosition }
            after = position
        } else {
            after = nil
        }
        return try await answering {
            let views = try await reports.views(of: call.site)
            guard !views.isEmpty else { throw ControlError.noSite(call.site) }
            let users = try await reports.users(named: call.who, on: views, thresholdDays: 1, asOf: nil)
            guard let user = users.first else { throw ControlError.noSuchUser(call.who) }
            guard users.count == 1 else { throw ControlError.ambiguous(call.who, users) }
            let limit = call.limit ?? Self.usualLimit
            let records = try await reports.store.activities(
                of: user.record.accountKey, since: call.since, until: call.until, after: after, limit: limit + 1)
            return Page(filling: records, limit: limit, row: ActivityRow.init) { $0.activity.position }
        }
    }

    private static let usualLimit = 100
}

// MARK: - To the wire

extension ActivityRow {
    init(_ record: ActivityRecord) {
        let activity = record.activity
        self.init(
            at: activity.at, kind: activity.source.kind, issueKey: record.issueKey, issueId: activity.issue)
    }
}

extension Page {
    /// As many rows as fit, with the place to go on from as the last one's source has it.
    init<Source>(filling sources: [Source], limit: Int, row: (Source) -> Row, position: (Source) -> String) {
        let page = Page(filling: sources.lazy.map(row), limit: limit) { _ in "" }
        self.init(rows: page.rows, next: page.next.map { _ in position(sources[page.rows.count - 1]) })
    }
}

// MARK: - Positions

extension Activity {
    /// Where a list goes on: opaque to callers.
    fileprivate var position: String {
        "\(at.milliseconds).\(source.kind.rank).\(issue.rawValue).\(source.id).\(source.ordinal).\(account)"
    }

    fileprivate init?(position: String) {
        let parts = position.split(separator: ".", maxSplits: 5)
        let numbers = parts.prefix(5).compactMap { Int64($0) }
        guard parts.count == 6, numbers.count == 5, let account = AccountID(rawValue: String(parts[5])),
            let kind = ActivityKind.allCases.first(where: { Int64($0.rank) == numbers[1] })
        else { return nil }
        self.init(
            source: Source(kind: kind, id: numbers[3], ordinal: numbers[4]), account: account,
            issue: IssueID(rawValue: numbers[2]), at: Instant(milliseconds: numbers[0]))
    }
}
