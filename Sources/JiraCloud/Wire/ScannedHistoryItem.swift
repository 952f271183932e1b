private enum ItemMember: String, JSONMember {
    case field
    case fieldtype
    case fieldId
    case from
    case to

    static let names = JSONNames<Self>()
}

/// The fields of Jira's own that count as more than an edit.
private enum ItemField: String, JSONMember {
    case status
    case attachment = "Attachment"
    case worklog = "WorklogId"
    case timeSpent = "timespent"
    case timeEstimate = "timeestimate"

    static let names = JSONNames<Self>()
}

extension JSONScanner {
    /// One changed field. The two values are read for a worklog only, whose id they are; a page is mostly these texts.
    mutating func historyItem() throws(JSONFault) -> HistoryItem {
        var (field, isCustom): (JSONText?, Bool) = (nil, false)
        var (from, to): (Int?, Int?)
        var item = try object(ItemMember.self)
        while let member = try next(of: &item) {
            switch member {
            case .field: field = try text()
            case .fieldtype: isCustom = try hasText { $0.elementsEqual("custom".utf8) } || isCustom
            case .fieldId: isCustom = try hasText { $0.starts(with: "customfield_".utf8) } || isCustom
            case .from:
                from = offset
                try skip()
            case .to:
                to = offset
                try skip()
            }
        }
        let name = try shortText(try item.required(field, .field))
        // Anybody may give a field of their own the name of one of Jira's.
        guard !isCustom, let index = name.flatMap(ItemField.names.index) else { return .other }
        switch ItemField.names[index] {
        case .status: return .status
        case .attachment: return .attachment
        case .timeSpent, .timeEstimate: return .timeTracking
        case .worklog:
            // `to` for a worklog that is there, `from` for one that was deleted.
            let (to, from) = (try wholeNumber(at: to), try wholeNumber(at: from))
            return .worklog(to ?? from)
        }
    }

    private mutating func hasText(_ isMeant: (ArraySlice<UInt8>) -> Bool) throws(JSONFault) -> Bool {
        guard try !skipNull() else { return false }
        let text = try text()
        return isMeant(try utf8(text))
    }

    /// What was skipped, now that it is known to be an id.
    private func wholeNumber(at offset: Int?) throws(JSONFault) -> Int64? {
        guard let offset else { return nil }
        var scanner = self
        scanner.offset = offset
        return try scanner.skipNull() ? nil : try scanner.wholeNumber()
    }
}
