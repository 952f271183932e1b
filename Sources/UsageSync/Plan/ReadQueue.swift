import UsageStore

/// Issues that were seen and whose histories and comments are still to be read.
struct ReadQueue: Sendable {
    /// The bulk changelog takes no more issues at once
    /// (<https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>).
    static let mostIssues = 1000
    /// A page of it holds 10,000 histories; some room is left, for a second page costs a second request.
    private static let histories = 9000.0
    /// No more pages are asked for while so many issues wait.
    private static let limit = 4 * mostIssues

    private var waiting: [IssueVersion] = []
    private var waitingForComments: [IssueVersion] = []
    /// Histories an issue has, as far as seen.
    private var perIssue = 5.0

    private let mostIssues: Int

    /// - Parameter mostIssues: how many are asked about at once, at most.
    init(_ pending: [(IssueVersion, PendingReads)] = [], mostIssues: Int = Self.mostIssues) {
        self.mostIssues = mostIssues
        waiting = pending.filter { $0.1.contains(.histories) }.map(\.0)
        waitingForComments = pending.filter { $0.1.contains(.comments) }.map(\.0)
    }

    var isEmpty: Bool { waiting.isEmpty && waitingForComments.isEmpty }
    var isFull: Bool { waiting.count >= Self.limit }

    mutating func add(_ reading: IssueReading) {
        waiting += reading.unread
        waitingForComments += reading.cut
    }

    mutating func told(_ count: Int, of issues: Int) {
        guard issues > 0 else { return }
        perIssue = max(1, (perIssue + Double(count) / Double(issues)) / 2)
    }

    /// The next to read; of histories a whole batch only, unless `flushing`.
    mutating func next(flushing: Bool) -> Step? {
        let size = min(mostIssues, max(100, Int(Self.histories / perIssue)))
        if !waiting.isEmpty, flushing || waiting.count >= size {
            defer { waiting.removeFirst(min(size, waiting.count)) }
            return .readHistories(Array(waiting.prefix(size)))
        }
        return waitingForComments.popLast().map { .readComments($0) }
    }
}
