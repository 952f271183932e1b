/// What happened on a site since the simulator started, in order.
struct SiteChanges: Sendable {
    /// Issues made since, at the positions that follow those of the site's data.
    private(set) var added: [Issue] = []
    private var events: [Int: [Event]] = [:]
    private var holders = Holders()
    private var nextNumbers: [Int: Int] = [:]
    private var nextID: Int64
    private let baseCount: Int

    /// Changed and added issues by `updated`, then position.
    private(set) var order: [Place] = []

    /// The moment of the last event; later events happen later.
    private(set) var lastMoment: Moment

    struct Place: Comparable, Sendable {
        let updated: Moment
        let position: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.updated, left.position) < (right.updated, right.position)
        }
    }

    /// Which issue holds a comment, worklog or attachment made since.
    private struct Holders {
        var comments: [Int64: Int] = [:]
        var worklogs: [Int64: Int] = [:]
        var attachments: [Int64: Int] = [:]
    }

    init(data: any SiteData, lastMoment: Moment) {
        nextID = data.firstFreeID
        baseCount = data.issueCount
        self.lastMoment = lastMoment
    }

    var changedPositions: Dictionary<Int, [Event]>.Keys { events.keys }

    func isChanged(_ position: Int) -> Bool {
        events[position] != nil
    }

    func events(at position: Int) -> [Event] {
        events[position] ?? []
    }

    func position(holdingComment id: Int64) -> Int? { holders.comments[id] }
    func position(holdingWorklog id: Int64) -> Int? { holders.worklogs[id] }
    func position(holdingAttachment id: Int64) -> Int? { holders.attachments[id] }

    mutating func freshID() -> Int64 {
        nextID += 1
        return nextID
    }

    /// The number of the next issue of a project.
    mutating func nextNumber(inProject project: Int, of data: any SiteData) -> Int {
        let last = nextNumbers[project] ?? data.positions(inProject: project).map { data.outline(at: $0).number }.max()
        nextNumbers[project] = (last ?? 0) + 1
        return (last ?? 0) + 1
    }

    /// Adds an issue and returns its position.
    mutating func add(_ issue: Issue) -> Int {
        added.append(issue)
        lastMoment = max(lastMoment, issue.created)
        return baseCount + added.count - 1
    }

    mutating func record(_ event: Event, at position: Int) {
        events[position, default: []].append(event)
        lastMoment = max(lastMoment, event.at)
        switch event.change {
        case .comment(let comment): holders.comments[comment.id] = position
        case .worklog(let worklog, _): holders.worklogs[worklog.id] = position
        case .attachment(let file, _): holders.attachments[file.id] = position
        case .history, .commentEdit, .worklogEdit: break
        }
    }

    /// Brings `order` up to date after a batch of events.
    mutating func reorder(_ data: any SiteData) {
        order = places(of: data, until: nil)
    }

    /// Changed and added issues as they stood at `cut`.
    func places(of data: any SiteData, until cut: Moment?) -> [Place] {
        var places: [Place] = []
        for (offset, issue) in added.enumerated() {
            if let cut, issue.created > cut { continue }
            let position = baseCount + offset
            places.append(Place(updated: updated(issue.updated, at: position, until: cut), position: position))
        }
        for position in events.keys where position < baseCount {
            let updated = updated(data.outline(at: position).updated, at: position, until: cut)
            places.append(Place(updated: updated, position: position))
        }
        return places.sorted()
    }

    func updated(_ original: Moment, at position: Int, until cut: Moment?) -> Moment {
        guard let events = events[position] else { return original }
        return events.reduce(original) { updated, event in
            guard event.bumpsUpdated, cut.map({ event.at <= $0 }) ?? true else { return updated }
            return max(updated, event.at)
        }
    }

    /// Something that happened to an issue.
    struct Event: Sendable {
        let at: Moment
        /// Whether the issue's `updated` moves to the event's moment.
        let bumpsUpdated: Bool
        let change: Change
    }

    enum Change: Sendable {
        case history(History)
        case comment(Comment)
        case commentEdit(id: Int64, by: PersonIndex, text: String)
        case worklog(Worklog, History)
        case worklogEdit(id: Int64, by: PersonIndex, secondsSpent: Int, History)
        case attachment(Attachment, History)
    }
}

extension Issue {
    /// The issue after one more event.
    mutating func apply(_ event: SiteChanges.Event) {
        if event.bumpsUpdated { updated = max(updated, event.at) }
        switch event.change {
        case .history(let history): take(history)
        case .comment(let comment): comments.append(comment)
        case .commentEdit(let id, let editor, let text):
            guard let index = comments.firstIndex(where: { $0.id == id }) else { return }
            comments[index].updateAuthor = editor
            comments[index].updated = event.at
            comments[index].text = text
        case .worklog(let worklog, let history):
            worklogs.append(worklog)
            take(history)
        case .worklogEdit(let id, let editor, let seconds, let history):
            take(history)
            guard let index = worklogs.firstIndex(where: { $0.id == id }) else { return }
            worklogs[index].updateAuthor = editor
            worklogs[index].updated = event.at
            worklogs[index].secondsSpent = seconds
        case .attachment(let file, let history):
            attachments.append(file)
            take(history)
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
