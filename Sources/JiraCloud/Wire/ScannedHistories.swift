import UsageModel

/// An answer of `/changelog/bulkfetch`.
struct ScannedHistories: ScannedPage, Equatable {
    private enum Member: String, JSONMember {
        case issueChangeLogs
        case nextPageToken

        static let names = JSONNames<Self>()
    }

    private(set) var histories: [History] = []
    /// How many issues it tells of; one with no histories counts.
    private(set) var issueCount = 0
    private(set) var nextPageToken: String?

    init(_ json: inout JSONScanner) throws(JSONFault) {
        var accounts = AccountTable()
        var page = try json.object(Member.self)
        while let member = try json.next(of: &page) {
            switch member {
            case .issueChangeLogs: try readLogs(&json, &accounts)
            case .nextPageToken: nextPageToken = try json.skipNull() ? nil : try json.string()
            }
        }
    }

    private mutating func readLogs(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault) {
        guard try !json.skipNull() else { return }
        try json.array()
        while try json.nextElement() {
            histories += try json.log(&accounts)
            issueCount += 1
        }
    }
}

private enum LogMember: String, JSONMember {
    case issueId
    case changeHistories

    static let names = JSONNames<Self>()
}

private enum HistoryMember: String, JSONMember {
    case id
    case author
    case created
    case items

    static let names = JSONNames<Self>()
}

/// A history whose issue may not have been told yet.
private struct HistoryOfAnIssue {
    let id: Int64
    let author: AccountID?
    let at: Instant
    let items: [HistoryItem]
}

extension JSONScanner {
    /// The histories of one issue, as far as this page has them.
    fileprivate mutating func log(_ accounts: inout AccountTable) throws(JSONFault) -> [History] {
        var issue: Int64?
        var histories: [HistoryOfAnIssue] = []
        var log = try object(LogMember.self)
        while let member = try next(of: &log) {
            switch member {
            case .issueId: issue = try wholeNumber()
            case .changeHistories:
                guard try !skipNull() else { continue }
                try array()
                while try nextElement() { histories.append(try history(&accounts)) }
            }
        }
        let id = IssueID(rawValue: try log.required(issue, .issueId))
        return histories.map { History(id: $0.id, issue: id, author: $0.author, at: $0.at, items: $0.items) }
    }

    private mutating func history(_ accounts: inout AccountTable) throws(JSONFault) -> HistoryOfAnIssue {
        var (id, author, created): (Int64?, AccountID?, Instant?)
        var items: [HistoryItem] = []
        var history = try object(HistoryMember.self)
        while let member = try next(of: &history) {
            switch member {
            case .id: id = try wholeNumber()
            case .author: author = try self.author(&accounts)
            case .created: created = try instant()
            case .items:
                guard try !skipNull() else { continue }
                try array()
                while try nextElement() { items.append(try historyItem()) }
            }
        }
        return HistoryOfAnIssue(
            id: try history.required(id, .id), author: author, at: try history.required(created, .created),
            items: items)
    }
}
