/// Items of the changelog as Jira writes them.
enum FieldEdits {
    /// Some change of a field; about every fifth has no `fieldId`.
    static func draw(author: Person, _ draw: inout Draw) -> ChangeItem {
        switch draw.below(10) {
        case 0:
            return ChangeItem(
                field: "summary", fieldID: "summary", fromText: "Draft", toText: draw.pick(Names.subjects))
        case 1:
            return ChangeItem(field: "description", fieldID: "description", fromText: "", toText: "More to come.")
        case 2:
            return ChangeItem(
                field: "assignee", fieldID: "assignee", to: author.accountID, toText: author.displayName)
        case 3:
            let priority = draw.pick(Names.priorities)
            return ChangeItem(
                field: "priority", fieldID: "priority", from: "3", fromText: "Medium", to: priority.id,
                toText: priority.name)
        case 4: return ChangeItem(field: "labels", fieldID: "labels", fromText: "", toText: "backend")
        case 5:
            return ChangeItem(
                field: "Sprint", fieldType: "custom", fieldID: "customfield_10020", from: "", fromText: "",
                to: "\(1 + draw.below(90))", toText: "Sprint \(1 + draw.below(90))")
        case 6:
            return ChangeItem(
                field: "Story Points", fieldType: "custom", fieldID: "customfield_10016", fromText: "1", toText: "3")
        case 7:
            return ChangeItem(
                field: "duedate", fieldID: "duedate", to: "2026-12-24", toText: "2026-12-24 00:00:00.0")
        case 8:
            return ChangeItem(
                field: "Link", to: "WEB-\(1 + draw.below(90))", toText: "This issue relates to another")
        default:
            return ChangeItem(field: "Workflow", from: "13880", fromText: "Old", to: "18234", toText: "New")
        }
    }

    static let rank = ChangeItem(
        field: "Rank", fieldType: "custom", fieldID: "customfield_10019", from: "", fromText: "", to: "",
        toText: "Ranked higher")

    static func attachment(_ file: Attachment) -> ChangeItem {
        ChangeItem(field: "Attachment", to: String(file.id), toText: file.name)
    }

    /// The only trace that comments leave in the changelog.
    static func deletion(of comment: Comment) -> ChangeItem {
        ChangeItem(field: "Comment", fieldID: "comment", fromText: comment.text)
    }
}

extension Issue {
    mutating func timeItems(worklog id: Int64, adding seconds: Int) -> [ChangeItem] {
        [ChangeItem(field: "WorklogId", to: String(id), toText: String(id))] + time(by: seconds)
    }

    mutating func timeItems(worklog id: Int64, changing seconds: Int) -> [ChangeItem] {
        [
            ChangeItem(
                field: "WorklogId", from: String(id), fromText: String(id), to: String(id), toText: String(id))
        ] + time(by: seconds)
    }

    mutating func timeItems(worklog id: Int64, removing seconds: Int) -> [ChangeItem] {
        [ChangeItem(field: "WorklogId", from: String(id), fromText: String(id))] + time(by: -seconds)
    }

    /// Moves the time spent, and the estimate the other way; the history tells both.
    private mutating func time(by seconds: Int) -> [ChangeItem] {
        let spent = max((secondsSpent ?? 0) + seconds, 0)
        let estimated = max((secondsEstimated ?? 28_800) - seconds, 0)
        let items = [
            ChangeItem(
                field: "timespent", fieldID: "timespent", from: secondsSpent.map { String($0) },
                fromText: secondsSpent.map { String($0) }, to: String(spent), toText: String(spent)),
            ChangeItem(
                field: "timeestimate", fieldID: "timeestimate", from: secondsEstimated.map { String($0) },
                fromText: secondsEstimated.map { String($0) }, to: String(estimated), toText: String(estimated)),
        ]
        secondsSpent = spent
        secondsEstimated = estimated
        return items
    }
}
