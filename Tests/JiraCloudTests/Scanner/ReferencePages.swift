import FoundationEssentials
import UsageModel

@testable import JiraCloud

/// What a page says.
enum PageContent: Equatable {
    case histories([History], issueCount: Int, next: String?)
    case issues([IssueSummary], next: String?, isLast: Bool?)
    case ids([IssueID], next: String?, isLast: Bool?)
    case comments([Comment], total: Int)
}

/// The answers that are read with the scanner, and a second way to read them: Foundation's decoder, which shares
/// nothing with the scanner but the rule for instants.
enum PageKind: CaseIterable {
    case histories
    case issues
    case ids
    case comments

    func scanned(_ document: [UInt8]) throws(JSONFault) -> PageContent {
        switch self {
        case .histories:
            let page = try ScannedHistories(document: document)
            return .histories(page.histories, issueCount: page.issueCount, next: page.nextPageToken)
        case .issues:
            let page = try ScannedSearch<IssueSummary>(document: document)
            return .issues(page.issues, next: page.nextPageToken, isLast: page.isLast)
        case .ids:
            let page = try ScannedSearch<IssueID>(document: document)
            return .ids(page.issues, next: page.nextPageToken, isLast: page.isLast)
        case .comments:
            let page = try CommentPage(document: document)
            return .comments(page.comments, total: page.total)
        }
    }

    func decoded(_ document: [UInt8]) throws -> PageContent {
        // Foundation's decoder traps on what ends with the very bracket by which it is too deep.
        let body = Data(document + [UInt8(ascii: " ")])
        switch self {
        case .histories:
            let page = try JSONDecoder().decode(ReferenceHistories.self, from: body)
            let logs = page.issueChangeLogs ?? []
            return .histories(logs.flatMap(\.histories), issueCount: logs.count, next: page.nextPageToken)
        case .issues:
            let page = try JSONDecoder().decode(ReferenceSearch<ReferenceIssue>.self, from: body)
            return .issues((page.issues ?? []).map(\.summary), next: page.nextPageToken, isLast: page.isLast)
        case .ids:
            let page = try JSONDecoder().decode(ReferenceSearch<ReferenceIssueID>.self, from: body)
            return .ids(
                (page.issues ?? []).map { IssueID(rawValue: $0.id.value) }, next: page.nextPageToken,
                isLast: page.isLast)
        case .comments:
            let page = try JSONDecoder().decode(ReferenceComments.self, from: body)
            return .comments(page.comments.map(\.comment), total: page.total)
        }
    }
}

// MARK: - Histories

private struct ReferenceHistories: Decodable {
    struct Log: Decodable {
        let issueId: WireNumber
        let changeHistories: [ReferenceHistory]?

        var histories: [History] {
            (changeHistories ?? []).map {
                History(
                    id: $0.id.value, issue: IssueID(rawValue: issueId.value), author: $0.author?.account,
                    at: $0.created.value, items: ($0.items ?? []).map(\.item))
            }
        }
    }

    let issueChangeLogs: [Log]?
    let nextPageToken: String?
}

private struct ReferenceHistory: Decodable {
    let id: WireNumber
    let author: WireAuthor?
    let created: WireInstant
    let items: [ReferenceHistoryItem]?
}

private struct ReferenceHistoryItem: Decodable {
    private enum CodingKeys: String, CodingKey {
        case field
        case fieldtype
        case fieldId
        case from
        case to
    }

    let item: HistoryItem

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let field = try container.decode(String.self, forKey: .field)
        let type = try container.decodeIfPresent(String.self, forKey: .fieldtype)
        let id = try container.decodeIfPresent(String.self, forKey: .fieldId)
        switch field {
        case _ where type == "custom" || (id?.utf8.starts(with: "customfield_".utf8) ?? false): item = .other
        case "status": item = .status
        case "Attachment": item = .attachment
        case "timespent", "timeestimate": item = .timeTracking
        case "WorklogId":
            let to = try container.decodeIfPresent(WireNumber.self, forKey: .to)
            let from = try container.decodeIfPresent(WireNumber.self, forKey: .from)
            item = .worklog((to ?? from)?.value)
        default: item = .other
        }
    }
}

// MARK: - Searches and comments

private struct ReferenceSearch<Row: Decodable>: Decodable {
    let issues: [Row]?
    let nextPageToken: String?
    let isLast: Bool?
}

private struct ReferenceIssueID: Decodable {
    let id: WireNumber
}

private struct ReferenceIssue: Decodable {
    struct Fields: Decodable {
        let creator: WireAuthor?
        let created: WireInstant
        let updated: WireInstant
        let comment: Comments?
    }

    struct Comments: Decodable {
        let comments: [ReferenceComment]?
        let total: Int?
    }

    let id: WireNumber
    let key: String
    let fields: Fields

    var summary: IssueSummary {
        IssueSummary(
            id: IssueID(rawValue: id.value), key: key, creator: fields.creator?.account,
            created: fields.created.value, updated: fields.updated.value,
            comments: (fields.comment?.comments ?? []).map(\.comment), commentTotal: fields.comment?.total)
    }
}

private struct ReferenceComments: Decodable {
    let comments: [ReferenceComment]
    let total: Int
}

private struct ReferenceComment: Decodable {
    let id: WireNumber
    let author: WireAuthor?
    let created: WireInstant
    let updateAuthor: WireAuthor?
    let updated: WireInstant?

    var comment: Comment {
        Comment(
            id: id.value, author: author?.account, created: created.value, updateAuthor: updateAuthor?.account,
            updated: updated?.value ?? created.value)
    }
}
