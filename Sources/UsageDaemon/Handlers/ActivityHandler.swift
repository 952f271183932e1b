import ControlProtocol
import ControlServer
import UsageModel
import UsageStore

/// `activity.list`.
struct ActivityHandler: Sendable {
    let reports: UsageReports

    func list(_ call: ListActivities) async throws(ControlError) -> Page<ActivityRow> {
        let after = try Self.position(call.after)
        return try await reports.snapshot { snapshot in
            let limit = min(call.limit ?? Self.usualLimit, Page<ActivityRow>.mostRows)
            let records = try snapshot.reader.activities(
                of: try Self.account(call, in: snapshot), since: call.since, until: call.until, after: after,
                limit: limit + 1)
            return Page(filling: records, limit: limit, row: ActivityRow.init) { $0.activity.position }
        }
    }

    /// The same as a stream. Each part is read from behind the last row on, and an activity is never changed in place: so
    /// none that is there all the while is left out or told twice.
    func stream(_ call: ListActivities, to notices: RequestNotices) async throws(ControlError) -> Page<ActivityRow> {
        var after = try Self.position(call.after)
        return try await answering {
            let account = try await reports.snapshot { try Self.account(call, in: $0) }
            var rows = RowStream(notices)
            var hasMore = true
            while hasMore, rows.count < call.limit ?? .max {
                let limit = min(Self.rowsAtOnce, (call.limit ?? .max) - rows.count)
                let records = try await reports.snapshot { [after] snapshot in
                    try snapshot.reader.activities(
                        of: account, since: call.since, until: call.until, after: after, limit: limit + 1)
                }
                for record in records.prefix(limit) { try await rows.send(ActivityRow(record)) }
                hasMore = records.count > limit
                after = records.prefix(limit).last?.activity ?? after
            }
            try await rows.finish()
            return Page(rows: [], next: hasMore ? after?.position : nil)
        }
    }

    private static func position(_ text: String?) throws(ControlError) -> Activity? {
        guard let text else { return nil }
        guard let position = Activity(position: text) else { throw .badPosition }
        return position
    }

    private static func account(_ call: ListActivities, in snapshot: ReportSnapshot) throws -> Int64 {
        try snapshot.user(named: call.who, on: try snapshot.views(of: call.site), thresholdDays: 1, asOf: nil)
            .record.accountKey
    }

    private static let usualLimit = 100
    private static let rowsAtOnce = 1024
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
