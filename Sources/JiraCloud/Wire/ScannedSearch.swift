import UsageModel

/// A row of a search: an issue, with what was asked of it.
protocol ScannedRow {
    init(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault)
}

/// An answer of `/search/jql`.
struct ScannedSearch<Row: ScannedRow>: ScannedPage {
    private(set) var issues: [Row] = []
    private(set) var nextPageToken: String?
    private(set) var isLast: Bool?

    init(_ json: inout JSONScanner) throws(JSONFault) {
        var accounts = AccountTable()
        var page = try json.object(SearchMember.self)
        while let member = try json.next(of: &page) {
            switch member {
            case .issues:
                guard try !json.skipNull() else { continue }
                try json.array()
                while try json.nextElement() { issues.append(try Row(&json, &accounts)) }
            case .nextPageToken: nextPageToken = try json.skipNull() ? nil : try json.string()
            case .isLast: isLast = try json.skipNull() ? nil : try json.bool()
            }
        }
    }
}

extension IssueID: ScannedRow {
    init(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault) {
        var id: Int64?
        var issue = try json.object(IDMember.self)
        while let member = try json.next(of: &issue) {
            switch member {
            case .id: id = try json.wholeNumber()
            }
        }
        self.init(rawValue: try issue.required(id, .id))
    }
}

extension IssueSummary: ScannedRow {
    init(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault) {
        var (id, key, fields): (Int64?, String?, ScannedFields?)
        var issue = try json.object(IssueMember.self)
        while let member = try json.next(of: &issue) {
            switch member {
            case .id: id = try json.wholeNumber()
            case .key: key = try json.string()
            case .fields: fields = try ScannedFields(&json, &accounts)
            }
        }
        let known = try issue.required(fields, .fields)
        self.init(
            id: IssueID(rawValue: try issue.required(id, .id)), key: try issue.required(key, .key),
            creator: known.creator, created: known.created, updated: known.updated,
            comments: known.comments?.comments ?? [], commentTotal: known.comments?.total)
    }
}

private struct ScannedFields {
    let creator: AccountID?
    let created: Instant
    let updated: Instant
    let comments: ScannedComments?

    init(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault) {
        var (creator, created, updated): (AccountID?, Instant?, Instant?)
        var comments: ScannedComments?
        var fields = try json.object(FieldMember.self)
        while let member = try json.next(of: &fields) {
            switch member {
            case .creator: creator = try json.author(&accounts)
            case .created: created = try json.instant()
            case .updated: updated = try json.instant()
            case .comment: comments = try json.skipNull() ? nil : try ScannedComments(&json, &accounts)
            }
        }
        self.creator = creator
        self.created = try fields.required(created, .created)
        self.updated = try fields.required(updated, .updated)
        self.comments = comments
    }
}

private enum SearchMember: String, JSONMember {
    case issues
    case nextPageToken
    case isLast

    static let names = JSONNames<Self>()
}

private enum IDMember: String, JSONMember {
    case id

    static let names = JSONNames<Self>()
}

private enum IssueMember: String, JSONMember {
    case id
    case key
    case fields

    static let names = JSONNames<Self>()
}

private enum FieldMember: String, JSONMember {
    case creator
    case created
    case updated
    case comment

    static let names = JSONNames<Self>()
}
