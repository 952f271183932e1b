extension SiteChanges {
    /// Something that happened to an issue.
    struct Event: Sendable {
        let at: Moment
        /// Whether the issue's `updated` moves to the event's moment.
        let bumpsUpdated: Bool
        let change: Change

        func isSeen(until cut: Moment?) -> Bool {
            cut.map { at <= $0 } ?? true
        }
    }

    enum Change: Sendable {
        case history(History)
        case comment(Comment)
        case commentEdit(id: Int64, by: PersonIndex, text: String)
        case worklog(Worklog, History)
        case worklogEdit(id: Int64, by: PersonIndex, secondsSpent: Int, History)
        case attachment(Attachment, History)
        case move(Move)
        case deletion
    }

    /// An issue's way into another project.
    struct Move: Sendable {
        let project: Int
        let key: String
        /// The number behind the project's key.
        let number: Int
        let history: History
    }
}

extension SiteChanges.Change {
    /// What the changelog tells of it.
    var history: History? {
        switch self {
        case .history(let history), .worklog(_, let history), .worklogEdit(_, _, _, let history),
            .attachment(_, let history):
            history
        case .move(let move): move.history
        case .comment, .commentEdit, .deletion: nil
        }
    }
}

extension Issue {
    /// The issue after one more event.
    mutating func apply(_ event: SiteChanges.Event) {
        if event.bumpsUpdated { updated = max(updated, event.at) }
        if let history = event.change.history { take(history) }
        switch event.change {
        case .history: break
        case .comment(let comment): comments.append(comment)
        case .commentEdit(let id, let editor, let text):
            guard let index = comments.firstIndex(where: { $0.id == id }) else { return }
            comments[index].updateAuthor = editor
            comments[index].updated = event.at
            comments[index].text = text
        case .worklog(let worklog, _): worklogs.append(worklog)
        case .worklogEdit(let id, let editor, let seconds, _):
            guard let index = worklogs.firstIndex(where: { $0.id == id }) else { return }
            worklogs[index].updateAuthor = editor
            worklogs[index].updated = event.at
            worklogs[index].secondsSpent = seconds
        case .attachment(let file, _): attachments.append(file)
        case .move(let move):
            project = move.project
            key = move.key
        case .deletion: deleted = event.at
        }
    }

    private mutating func take(_ history: History) {
        histories.append(history)
        for item in history.items {
            switch item.fieldID {
            case "status": status = Named(id: item.to ?? status.id, name: item.toText ?? status.name)
            case "timespent": secondsSpent = item.to.flatMap { Int($0) }
            case "timeestimate": secondsEstimated = item.to.flatMap { Int($0) }
            default: break
            }
        }
    }
}

extension IssueOutline {
    /// The outline after one more event.
    mutating func apply(_ event: SiteChanges.Event) {
        if event.bumpsUpdated { updated = max(updated, event.at) }
        switch event.change {
        case .move(let move):
            project = move.project
            number = move.number
        case .deletion: isDeleted = true
        case .history, .comment, .commentEdit, .worklog, .worklogEdit, .attachment: break
        }
    }
}
