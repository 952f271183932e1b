/// Somebody did something.
struct Activity: Sendable, Equatable {
    let at: Moment
    let kind: ActivityKind
    /// `nil`: nobody, as far as Jira tells.
    let person: PersonIndex?
}

extension Issue {
    /// What can be seen to have been done on the issue, by the words of the project's contract: a history counts once for
    /// each kind it holds; comments and worklogs when they were made and again when they were changed; a worklog that the
    /// changelog tells of is not counted a second time.
    var activities: [Activity] {
        var found = [Activity(at: created, kind: .created, person: creator)]
        for history in histories {
            for kind in history.kinds {
                found.append(Activity(at: history.created, kind: kind, person: history.author))
            }
        }
        for comment in comments {
            found.append(Activity(at: comment.created, kind: .commented, person: comment.author))
            if comment.updated != comment.created {
                found.append(Activity(at: comment.updated, kind: .commented, person: comment.updateAuthor))
            }
        }
        for worklog in worklogs {
            // A history of nobody's tells of the worklog too, but not whose it is: that the worklog itself says.
            let told = histories.filter { $0.author != nil && $0.tells(ofWorklog: worklog.id) }.map(\.created)
            func isTold(_ moment: Moment) -> Bool {
                told.contains { abs($0.milliseconds - moment.milliseconds) <= 2000 }
            }
            if !isTold(worklog.created) {
                found.append(Activity(at: worklog.created, kind: .worklogged, person: worklog.author))
            }
            if worklog.updated != worklog.created, !isTold(worklog.updated) {
                found.append(Activity(at: worklog.updated, kind: .worklogged, person: worklog.updateAuthor))
            }
        }
        return found
    }
}

extension History {
    fileprivate var kinds: Set<ActivityKind> {
        let logsWork = items.contains { $0.field == "WorklogId" }
        return Set(
            items.compactMap { item in
                switch item.field {
                case "status": .transitioned
                case "Attachment": .attached
                case "WorklogId": .worklogged
                case "timespent", "timeestimate": logsWork ? nil : .edited
                default: .edited
                }
            })
    }

    fileprivate func tells(ofWorklog id: Int64) -> Bool {
        let name = String(id)
        return items.contains { $0.field == "WorklogId" && ($0.to == name || $0.from == name) }
    }
}
