import UsageModel

private enum PageMember: String, JSONMember {
    case comments
    case total

    static let names = JSONNames<Self>()
}

/// An answer of `/issue/{id}/comment`.
extension CommentPage: ScannedPage {
    init(_ json: inout JSONScanner) throws(JSONFault) {
        var accounts = AccountTable()
        var page = try json.object(PageMember.self)
        let (comments, total) = try json.comments(&page, &accounts)
        self.init(
            comments: try page.required(comments, .comments), total: try page.required(total, .total))
    }
}

/// The field `comment` of an issue: a page of which anything may be left out.
struct ScannedComments {
    let comments: [Comment]?
    let total: Int?

    init(_ json: inout JSONScanner, _ accounts: inout AccountTable) throws(JSONFault) {
        var page = try json.object(PageMember.self)
        (comments, total) = try json.comments(&page, &accounts)
    }
}

private enum CommentMember: String, JSONMember {
    case id
    case author
    case created
    case updateAuthor
    case updated

    static let names = JSONNames<Self>()
}

extension JSONScanner {
    fileprivate mutating func comments(
        _ page: inout JSONObject<PageMember>, _ accounts: inout AccountTable
    ) throws(JSONFault) -> (comments: [Comment]?, total: Int?) {
        var (comments, total): ([Comment]?, Int?)
        while let member = try next(of: &page) {
            switch member {
            case .comments: comments = try skipNull() ? nil : try self.comments(&accounts)
            case .total: total = try skipNull() ? nil : Int(try integer())
            }
        }
        return (comments, total)
    }

    private mutating func comments(_ accounts: inout AccountTable) throws(JSONFault) -> [Comment] {
        var comments: [Comment] = []
        try array()
        while try nextElement() { comments.append(try comment(&accounts)) }
        return comments
    }

    private mutating func comment(_ accounts: inout AccountTable) throws(JSONFault) -> Comment {
        var (id, author, updateAuthor): (Int64?, AccountID?, AccountID?)
        var (created, updated): (Instant?, Instant?)
        var comment = try object(CommentMember.self)
        while let member = try next(of: &comment) {
            switch member {
            case .id: id = try wholeNumber()
            case .author: author = try self.author(&accounts)
            case .created: created = try instant()
            case .updateAuthor: updateAuthor = try self.author(&accounts)
            case .updated: updated = try skipNull() ? nil : try instant()
            }
        }
        let from = try comment.required(created, .created)
        return Comment(
            id: try comment.required(id, .id), author: author, created: from, updateAuthor: updateAuthor,
            updated: updated ?? from)
    }
}
