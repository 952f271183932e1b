/// Tells what happened to a generated issue, event by event.
struct IssueStory {
    private let site: GeneratedSite
    private let position: Int
    private var draw: Draw
    private var issue: Issue
    private var status = 0
    private var deletedComments = 0
    private var attachmentCount: Int64 = 0

    private typealias IDRange = GeneratedSite.IDRange

    static func tell(_ position: Int, of site: GeneratedSite) -> Issue {
        let plan = IssuePlan(position, of: site)
        var story = IssueStory(plan: plan, position: position, site: site)
        for moment in story.moments(plan) {
            story.happen(at: moment, plan.emphasis)
        }
        story.rank(plan.outline)
        return story.issue
    }

    private init(plan: IssuePlan, position: Int, site: GeneratedSite) {
        self.site = site
        self.position = position
        var draw = Draw(seed: site.seed, .issueStory, position)
        let outline = plan.outline
        let author = site.authors.contributors.author(at: outline.created, &draw)
        let creator = draw.chance(0.002) ? nil : author
        let reporter = draw.chance(0.08) ? site.authors.contributors.author(at: outline.created, &draw) : creator
        issue = Issue(
            id: outline.id, project: outline.project,
            key: "\(site.projects[outline.project].key)-\(outline.number)", creator: creator, reporter: reporter,
            assignee: draw.chance(0.7) ? site.authors.contributors.author(at: outline.created, &draw) : nil,
            created: outline.created, updated: outline.updated, status: Names.statuses[0],
            type: draw.pick(Names.types), priority: draw.pick(Names.priorities),
            summary: "\(draw.pick(Names.verbs)) the \(draw.pick(Names.subjects))")
        if draw.chance(0.03), let creator {
            // Files of the create form leave no history.
            issue.attachments.append(Self.attachment(position, 0, by: creator, at: outline.created, &draw))
        }
        self.draw = draw
    }

    /// When something happened: `eventCount` different moments after creation, the last at `updated`.
    private mutating func moments(_ plan: IssuePlan) -> [Moment] {
        let count = plan.eventCount
        guard count > 0 else { return [] }
        let created = plan.outline.created
        let lifetime = plan.outline.updated.milliseconds - created.milliseconds
        var offsets = (0..<count).map { _ in Int64(draw.unit() * Double(lifetime)) }.sorted()
        offsets[count - 1] = lifetime
        var previous: Int64 = 0
        for index in offsets.indices {
            let latest = lifetime - Int64(count - 1 - index)
            offsets[index] = max(min(offsets[index], latest), previous + 1)
            previous = offsets[index]
        }
        return offsets.map { created.advanced(byMilliseconds: $0) }
    }

    private enum Kind {
        case transition, edit, comment, commentEdit, commentDeletion, worklog, worklogEdit, worklogDeletion, attachment

        static func of(_ unit: Double, _ emphasis: IssuePlan.Emphasis) -> Kind {
            switch emphasis {
            case .none:
                switch unit {
                case ..<0.22: .transition
                case ..<0.395: .comment
                case ..<0.415: .commentEdit
                case ..<0.42: .commentDeletion
                case ..<0.465: .worklog
                case ..<0.48: .worklogEdit
                case ..<0.483: .worklogDeletion
                case ..<0.54: .attachment
                default: .edit
                }
            case .histories: unit < 0.2 ? .transition : unit < 0.3 ? .attachment : .edit
            case .comments: unit < 0.92 ? .comment : unit < 0.97 ? .commentEdit : .commentDeletion
            case .worklogs: unit < 0.85 ? .worklog : unit < 0.97 ? .worklogEdit : .worklogDeletion
            }
        }
    }

    private mutating func happen(at moment: Moment, _ emphasis: IssuePlan.Emphasis) {
        let author = site.authors.contributors.author(at: moment, &draw)
        switch Kind.of(draw.unit(), emphasis) {
        case .transition: transition(by: author, at: moment)
        case .edit: addHistory(by: author, at: moment, [edit(by: author)])
        case .comment: addComment(by: author, at: moment)
        case .commentEdit: editComment(by: author, at: moment)
        case .commentDeletion: deleteComment(by: author, at: moment)
        case .worklog: addWorklog(by: author, at: moment)
        case .worklogEdit: editWorklog(by: author, at: moment)
        case .worklogDeletion: deleteWorklog(by: author, at: moment)
        case .attachment: attach(by: author, at: moment)
        }
    }

    // MARK: - Changes of fields

    private mutating func addHistory(by author: PersonIndex, at moment: Moment, _ items: [ChangeItem]) {
        var known: PersonIndex? = author
        if draw.chance(0.004) { known = nil }
        if draw.chance(site.namelessShare) { known = site.authors.nameless }
        let id = IDRange.firstOther + Int64(position) * IDRange.histories + Int64(issue.histories.count)
        issue.histories.append(History(id: id, author: known, created: moment, items: items))
    }

    private mutating func transition(by author: PersonIndex, at moment: Moment) {
        let last = Names.statuses.count - 1
        let next = status == last ? 1 : draw.chance(0.8) ? status + 1 : max(0, status - 1)
        let target = next == status ? status + 1 : next
        let old = Names.statuses[status]
        let new = Names.statuses[target]
        var items = [
            ChangeItem(
                field: "status", fieldID: "status", from: old.id, fromText: old.name, to: new.id, toText: new.name)
        ]
        if target == last {
            issue.resolution = Names.done
            issue.resolved = moment
            items.append(
                ChangeItem(field: "resolution", fieldID: "resolution", to: Names.done.id, toText: Names.done.name))
        } else if status == last {
            issue.resolution = nil
            issue.resolved = nil
            items.append(
                ChangeItem(field: "resolution", fieldID: "resolution", from: Names.done.id, fromText: Names.done.name))
        }
        status = target
        issue.status = new
        addHistory(by: author, at: moment, items)
    }

    private mutating func edit(by author: PersonIndex) -> ChangeItem {
        FieldEdits.draw(author: site.people[author], &draw)
    }

    /// A drag in the backlog writes a history and leaves `updated` alone. It lies within the issue's life, for later
    /// ones nobody could find.
    private mutating func rank(_ outline: IssueOutline) {
        guard draw.chance(0.08), outline.updated > outline.created else { return }
        let lifetime = outline.updated.milliseconds - outline.created.milliseconds
        let moment = outline.created.advanced(byMilliseconds: Int64(draw.unit() * Double(lifetime)))
        let author = site.authors.contributors.author(at: moment, &draw)
        addHistory(by: author, at: moment, [FieldEdits.rank])
        issue.histories.sort { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    // MARK: - Comments

    private mutating func addComment(by author: PersonIndex, at moment: Moment) {
        let number = issue.comments.count + deletedComments
        let id = IDRange.firstOther + Int64(position) * IDRange.comments + Int64(number)
        issue.comments.append(
            Comment(
                id: id, author: author, updateAuthor: author, created: moment, updated: moment,
                text: draw.pick(Names.remarks)))
    }

    private mutating func editComment(by author: PersonIndex, at moment: Moment) {
        guard !issue.comments.isEmpty else { return addComment(by: author, at: moment) }
        let index = draw.below(issue.comments.count)
        issue.comments[index].updateAuthor = draw.chance(0.6) ? issue.comments[index].author : author
        if let editor = issue.comments[index].updateAuthor, !site.authors.contributors.canAct(editor, at: moment) {
            issue.comments[index].updateAuthor = author
        }
        issue.comments[index].updated = moment
        issue.comments[index].text += " (edited)"
    }

    private mutating func deleteComment(by author: PersonIndex, at moment: Moment) {
        guard !issue.comments.isEmpty else { return addComment(by: author, at: moment) }
        let comment = issue.comments.remove(at: draw.below(issue.comments.count))
        deletedComments += 1
        addHistory(by: author, at: moment, [FieldEdits.deletion(of: comment)])
    }

    // MARK: - Worklogs and attachments

    private mutating func addWorklog(by author: PersonIndex, at moment: Moment) {
        let number = issue.worklogs.count + issue.deletedWorklogs.count
        let id = IDRange.firstOther + Int64(position) * IDRange.worklogs + Int64(number)
        let seconds = 900 * (1 + draw.below(32))
        let worklog = Worklog(
            id: id, issueID: issue.id, author: author, updateAuthor: author, created: moment, updated: moment,
            started: moment.advanced(bySeconds: -Int64(draw.below(20 * 86_400))), secondsSpent: seconds)
        issue.worklogs.append(worklog)
        addHistory(by: author, at: moment, issue.timeItems(worklog: id, adding: seconds))
    }

    private mutating func editWorklog(by author: PersonIndex, at moment: Moment) {
        guard !issue.worklogs.isEmpty else { return addWorklog(by: author, at: moment) }
        let index = draw.below(issue.worklogs.count)
        issue.worklogs[index].updateAuthor = author
        issue.worklogs[index].updated = moment
        issue.worklogs[index].secondsSpent += 900
        addHistory(by: author, at: moment, issue.timeItems(worklog: issue.worklogs[index].id, changing: 900))
    }

    private mutating func deleteWorklog(by author: PersonIndex, at moment: Moment) {
        guard !issue.worklogs.isEmpty else { return addWorklog(by: author, at: moment) }
        let worklog = issue.worklogs.remove(at: draw.below(issue.worklogs.count))
        issue.deletedWorklogs.append((worklog.id, moment))
        addHistory(by: author, at: moment, issue.timeItems(worklog: worklog.id, removing: worklog.secondsSpent))
    }

    private mutating func attach(by author: PersonIndex, at moment: Moment) {
        guard attachmentCount < IDRange.attachments - 1 else {
            return addHistory(by: author, at: moment, [edit(by: author)])
        }
        attachmentCount += 1
        let file = Self.attachment(position, attachmentCount, by: author, at: moment, &draw)
        issue.attachments.append(file)
        addHistory(by: author, at: moment, [FieldEdits.attachment(file)])
    }

    private static func attachment(
        _ position: Int, _ number: Int64, by author: PersonIndex, at moment: Moment, _ draw: inout Draw
    ) -> Attachment {
        Attachment(
            id: IDRange.firstOther + Int64(position) * IDRange.attachments + number, name: draw.pick(Names.files),
            author: author, created: moment, size: 1000 + draw.below(1_000_000))
    }
}
