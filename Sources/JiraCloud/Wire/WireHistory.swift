import UsageModel

struct WireHistoryPage: Decodable {
    struct IssueLog: Decodable {
        let issueId: WireNumber
        let changeHistories: [WireHistory]?
    }

    let issueChangeLogs: [IssueLog]?
    let nextPageToken: String?
}

struct WireHistory: Decodable {
    let id: WireNumber
    let author: WireAuthor?
    let created: WireInstant
    let items: [WireHistoryItem]?

    func history(of issue: IssueID) -> History {
        History(
            id: id.value, issue: issue, author: author?.account, at: created.value,
            items: (items ?? []).map(\.item))
    }
}

/// One changed field. The two values are read for a worklog only, whose id they are; a page is mostly these texts.
struct WireHistoryItem: Decodable {
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
        switch try container.decode(String.self, forKey: .field) {
        case "status": item = try Self.isCustom(container) ? .other : .status
        case "Attachment": item = try Self.isCustom(container) ? .other : .attachment
        case "WorklogId": item = try Self.isCustom(container) ? .other : .worklog(Self.worklog(container))
        case "timespent", "timeestimate": item = try Self.isCustom(container) ? .other : .timeTracking
        default: item = .other
        }
    }

    /// Anybody may give a field of their own the name of one of Jira's.
    private static func isCustom(_ container: KeyedDecodingContainer<CodingKeys>) throws -> Bool {
        if try container.decodeIfPresent(String.self, forKey: .fieldtype) == "custom" { return true }
        return try container.decodeIfPresent(String.self, forKey: .fieldId)?.hasPrefix("customfield_") ?? false
    }

    /// `to` for a worklog that is there, `from` for one that was deleted.
    private static func worklog(_ container: KeyedDecodingContainer<CodingKeys>) throws -> Int64? {
        let (to, from) = (
            try container.decodeIfPresent(WireNumber.self, forKey: .to),
            try container.decodeIfPresent(WireNumber.self, forKey: .from)
        )
        return (to ?? from)?.value
    }
}
