/// Somebody did something.
struct Activity: Sendable, Equatable {
    let at: Moment
    let kind: ActivityKind
    let person: PersonIndex
}

extension Issue {
    /// What can be seen to have been done on the issue, by the words of the project's contract: a history counts once for
    /// each kind it holds; comments and worklogs when they were made and again when they were changed; a worklog that the
    /// changelog tells of is not counted a second time. What nobody did, as far as Jira tells, is left out.
    func activities(of people: People) -> [Activity] {
        var found: [Activity] = []
        func add(_ kind: ActivityKind, _ person: PersonIndex?, _ moment: Moment) {
            guard let person, !people.isNobody(person) else { return }
            found.append(Activity(at: moment, kind: kind, person: person))
        }
        add(.created, creator, created)
        for history in histories {
            for kind in history.kinds {
                add(kind, history.author, history.created)
            }
        }
        for comment in comments {
            add(.commented, comment.author, comment.created)
            if comment.updated != comment.created {
                add(.commented, comment.updateAuthor, comment.updated)
            }
        }
        for worklog in worklogs {
            // A history of nobody's tells of the worklog too, but not whose it is: that the worklog itself says.
            let told = histories.filter { $0.tells(ofWorklog: worklog.id) && !people.isNobody($0.author) }.map(
                \.created)
            func isTold(_ moment: Moment) -> Bool {
                told.contains { abs($0.milliseconds - moment.milliseconds) <= 2000 }
            }
            if !isTold(worklog.created) {
                add(.worklogged, worklog.author, worklog.created)
            }
            if worklog.updated != worklog.created, !isTold(worklog.updated) {
                add(.worklogged, worklog.updateAuthor, worklog.updated)
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
