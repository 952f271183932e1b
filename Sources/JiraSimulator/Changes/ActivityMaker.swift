/// Makes things happen on a site, as people would by its user interface.
struct ActivityMaker {
    private let site: HostedSite
    private let people: People
    private var draw: Draw
    private let seats: [PersonIndex]
    /// Comment edits that leave `updated` alone; Jira Cloud's own behaviour is not documented.
    private let commentEditsBump: Bool

    init(_ site: HostedSite, _ changes: SiteChanges, seed: UInt64, commentEditsBump: Bool) {
        self.site = site
        self.commentEditsBump = commentEditsBump
        let people = site.draft(changes).people
        self.people = people
        draw = Draw(seed: seed, .activity, changes.added.count)
        seats = people.listed.filter { people[$0].holdsSeat }
    }

    /// What shall happen; what is `nil` is chosen at random.
    struct Wish {
        var deed: Deed?
        var accountID: String?
        var issue: String?
        var bumpsUpdated: Bool?
    }

    /// Does one thing at `moment`, which must lie after everything that happened before.
    mutating func perform(
        _ wish: Wish, at moment: Moment, in changes: inout SiteChanges
    ) throws(ActivityError) -> PerformedActivity {
        let person = try person(wish.accountID)
        var deed = wish.deed ?? draw.pick(Deed.allCases)
        if deed == .created {
            let issue = create(by: person, at: moment, in: &changes)
            return performed(deed, by: person, on: issue, at: moment)
        }
        let (position, issue) = try issue(wish.issue, in: changes)
        // There must be something to edit.
        if deed == .commentEdited, issue.comments.isEmpty { deed = .commented }
        if deed == .worklogEdited, issue.worklogs.isEmpty { deed = .worklogged }
        let bumps = wish.bumpsUpdated ?? (deed == .commentEdited ? commentEditsBump : true)
        let change = change(deed, of: issue, by: person, at: moment, in: &changes)
        changes.record(SiteChanges.Event(at: moment, bumpsUpdated: bumps, change: change), at: position)
        return performed(deed, by: person, on: issue, at: moment)
    }

    private func performed(
        _ deed: Deed, by person: PersonIndex, on issue: Issue, at moment: Moment
    ) -> PerformedActivity {
        PerformedActivity(
            at: moment, deed: deed, accountID: people[person].accountID, issueID: issue.id, issueKey: issue.key)
    }

    private mutating func person(_ accountID: String?) throws(ActivityError) -> PersonIndex {
        if let accountID {
            guard let index = people.listedIndex(of: accountID) else { throw .unknownAccount(accountID) }
            return index
        }
        guard !seats.isEmpty else { throw .noSeats }
        return draw.pick(seats)
    }

    private mutating func issue(
        _ name: String?, in changes: SiteChanges
    ) throws(ActivityError) -> (position: Int, Issue) {
        let snapshot = site.draft(changes)
        if let name {
            let position = try snapshot.existingPosition(of: name)
            return (position, snapshot.issue(at: position))
        }
        // A site may come to have no issues left.
        for _ in 0..<1000 where snapshot.positionCount > 0 {
            let position = draw.below(snapshot.positionCount)
            if !snapshot.outline(at: position).isDeleted { return (position, snapshot.issue(at: position)) }
        }
        throw .noIssues
    }

    /// Moves an issue into another project at `moment`, which must lie after everything that happened before.
    mutating func move(
        _ name: String, toProject project: Int, by accountID: String?, at moment: Moment, in changes: inout SiteChanges
    ) throws(ActivityError) -> PerformedActivity {
        let person = try person(accountID)
        let (position, issue) = try issue(name, in: changes)
        let (old, new) = (site.data.projects[issue.project], site.data.projects[project])
        let number = changes.nextNumber(inProject: project, of: site.data)
        let key = "\(new.key)-\(number)"
        let history = History(
            id: changes.freshID(), author: person, created: moment,
            items: [
                ChangeItem(
                    field: "project", fieldID: "project", from: String(old.id), fromText: old.name,
                    to: String(new.id), toText: new.name),
                ChangeItem(field: "Key", fromText: issue.key, toText: key),
            ])
        let move = SiteChanges.Move(project: project, key: key, number: number, history: history)
        changes.record(SiteChanges.Event(at: moment, bumpsUpdated: true, change: .move(move)), at: position)
        return PerformedActivity(
            at: moment, deed: .edited, accountID: people[person].accountID, issueID: issue.id, issueKey: key)
    }

    private mutating func create(by person: PersonIndex, at moment: Moment, in changes: inout SiteChanges) -> Issue {
        let project = draw.below(site.data.projects.count)
        let number = changes.nextNumber(inProject: project, of: site.data)
        let issue = Issue(
            id: changes.freshID(), project: project, key: "\(site.data.projects[project].key)-\(number)",
            creator: person, reporter: draw.chance(0.1) ? people.caller : person, assignee: nil,
            created: moment, updated: moment, status: Names.statuses[0], type: draw.pick(Names.types),
            priority: Names.priorities[2],
            summary: "\(draw.pick(Names.verbs)) the \(draw.pick(Names.subjects))")
        _ = changes.add(issue)
        return issue
    }

    private mutating func change(
        _ deed: Deed, of issue: Issue, by person: PersonIndex, at moment: Moment, in changes: inout SiteChanges
    ) -> SiteChanges.Change {
        let id = changes.freshID()
        func history(_ items: [ChangeItem]) -> History {
            History(id: id, author: person, created: moment, items: items)
        }
        switch deed {
        case .created, .edited:
            return .history(history([FieldEdits.draw(author: people[person], &draw)]))
        case .transitioned:
            let others = Names.statuses.filter { $0 != issue.status }
            let target = draw.pick(others)
            return .history(
                history([
                    ChangeItem(
                        field: "status", fieldID: "status", from: issue.status.id, fromText: issue.status.name,
                        to: target.id, toText: target.name)
                ]))
        case .commented:
            return .comment(
                Comment(
                    id: id, author: person, updateAuthor: person, created: moment, updated: moment,
                    text: draw.pick(Names.remarks)))
        case .commentEdited:
            let comment = draw.pick(issue.comments)
            return .commentEdit(id: comment.id, by: person, text: comment.text + " (edited)")
        case .worklogged:
            let seconds = 900 * (1 + draw.below(32))
            let worklog = Worklog(
                id: changes.freshID(), issueID: issue.id, author: person, updateAuthor: person, created: moment,
                updated: moment, started: moment.advanced(bySeconds: -3600), secondsSpent: seconds)
            var after = issue
            return .worklog(worklog, history(after.timeItems(worklog: worklog.id, adding: seconds)))
        case .worklogEdited:
            let worklog = draw.pick(issue.worklogs)
            var after = issue
            let items = after.timeItems(worklog: worklog.id, changing: 900)
            return .worklogEdit(
                id: worklog.id, by: person, secondsSpent: worklog.secondsSpent + 900, history(items))
        case .attached:
            let file = Attachment(
                id: changes.freshID(), name: draw.pick(Names.files), author: person, created: moment,
                size: 1000 + draw.below(1_000_000))
            return .attachment(file, history([FieldEdits.attachment(file)]))
        }
    }
}
