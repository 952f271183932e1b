package import UsageModel

/// Some rows of a list, and where the next page begins.
package struct Page<Row: JSONConvertible>: Sendable {
    package let rows: [Row]
    /// What to send as `after` for the next page; `nil` on the last one.
    package let next: String?

    package init(rows: [Row], next: String?) {
        self.rows = rows
        self.next = next
    }

    /// How many bytes of rows a reply may carry.
    private static var budget: Int { ControlNotification.roomForValue }

    /// Rows of a page, whatever the limit.
    package static var mostRows: Int { 1000 }

    /// Takes rows for as long as there is room in a reply and the limit is not reached; what is left is for the
    /// next page.
    ///
    /// - Parameters:
    ///   - candidates: the rows from this page's beginning. Give one more than `limit`, so that the end is known.
    ///   - limit: how many rows at most, 1 or more.
    ///   - cursor: what to send as `after` to get what follows this row.
    package init(filling candidates: some Sequence<Row>, limit: Int, cursor: (Row) -> String) {
        var rows: [Row] = []
        var text: [UInt8] = []
        var size = 0
        for row in candidates {
            text.removeAll(keepingCapacity: true)
            row.write(to: &text)
            size += text.count + 1
            // The first row is taken in any case, for a page without rows would never come to an end.
            if let last = rows.last, size > Self.budget || rows.count >= limit {
                self.init(rows: rows, next: cursor(last))
                return
            }
            rows.append(row)
        }
        self.init(rows: rows, next: nil)
    }
}

/// A row of `activity.list`.
package struct ActivityRow: Hashable, Sendable {
    package let at: Instant
    package let kind: ActivityKind
    /// The key the issue had when it was last read.
    package let issueKey: String?
    package let issueId: IssueID

    package init(at: Instant, kind: ActivityKind, issueKey: String?, issueId: IssueID) {
        self.at = at
        self.kind = kind
        self.issueKey = issueKey
        self.issueId = issueId
    }
}

// MARK: - On the wire

extension Page: JSONConvertible, JSONRecord {
    package static var fields: [Field<Self>] {
        [
            Field("rows") { $0.rows },
            Field("next", "what to send as after for the next page; null on the last") { $0.next },
        ]
    }

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(rows: try record.read("rows"), next: try record.read("next"))
    }
}

extension ActivityRow: JSONRecord {
    package static let fields: [Field<Self>] = [
        Field("at") { $0.at }, Field("kind") { $0.kind }, Field("issueKey") { $0.issueKey },
        Field("issueId") { $0.issueId },
    ]

    package init(record: RecordReader) throws(JSONMismatch) {
        self.init(
            at: try record.read("at"), kind: try record.read("kind"), issueKey: try record.read("issueKey"),
            issueId: try record.read("issueId"))
    }
}
