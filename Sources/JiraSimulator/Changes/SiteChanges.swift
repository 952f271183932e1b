/// What happened on a site since the simulator started, in order.
struct SiteChanges: Sendable {
    /// Issues made since, at the positions that follow those of the site's data.
    private(set) var added: [Issue] = []
    private var events: [Int: [Event]] = [:]
    /// The site's own issues to which something happened.
    private(set) var changed = PositionSet()
    private(set) var changedPositions: [Int] = []
    private(set) var touches = ChangedTouches()
    /// Everybody as they are now.
    var people: People
    /// The projects that the caller may not see, and since when; `nil`: from the start.
    private(set) var hidden: [Int: Moment?]
    private(set) var keys = MovedKeys()
    private var holders = Holders()
    private var nextNumbers: [Int: Int] = [:]
    private var nextID: Int64
    private let baseCount: Int
    /// What happened where, in order of time.
    private var log: [Entry] = []

    /// Changed and added issues by `updated`, then position.
    private(set) var order: [IssueIndex.Place] = []
    /// Where the changed issues stood before they were changed.
    private(set) var displaced: [IssueIndex.Place] = []
    /// Changed since `order` was brought up to date.
    private var unordered: Set<Int> = []

    /// The moment of the last event; later events happen later.
    private(set) var lastMoment: Moment
    /// How many batches there have been.
    private(set) var version: UInt64 = 0

    private struct Entry {
        let at: Moment
        let position: Int
    }

    /// Which issue holds a comment, worklog or attachment made since.
    private struct Holders {
        var comments: [Int64: Int] = [:]
        var worklogs: [Int64: Int] = [:]
        var attachments: [Int64: Int] = [:]
    }

    init(data: any SiteData, lastMoment: Moment, hidden: Set<Int>) {
        people = data.people
        self.hidden = Dictionary(uniqueKeysWithValues: hidden.map { ($0, nil) })
        nextID = data.firstFreeID
        baseCount = data.issueCount
        self.lastMoment = lastMoment
    }

    /// Whether the indexes of the site's data do not tell the truth about an issue.
    func isChanged(_ position: Int) -> Bool {
        position >= baseCount || changed.contains(position)
    }

    func events(at position: Int) -> [Event] {
        events[position] ?? []
    }

    func position(holdingComment id: Int64) -> Int? { holders.comments[id] }
    func position(holdingWorklog id: Int64) -> Int? { holders.worklogs[id] }
    func position(holdingAttachment id: Int64) -> Int? { holders.attachments[id] }

    // MARK: - Recording

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
        let position = baseCount + added.count
        added.append(issue)
        keys.add(project: issue.project, number: issue.number, at: position)
        touches.add(issue, at: position)
        log(position, at: issue.created)
        return position
    }

    mutating func record(_ event: Event, at position: Int) {
        if position < baseCount, !changed.contains(position) {
            changed.insert(position)
            changedPositions.append(position)
        }
        events[position, default: []].append(event)
        touches.add(event, at: position)
        log(position, at: event.at)
        switch event.change {
        case .comment(let comment): holders.comments[comment.id] = position
        case .worklog(let worklog, _): holders.worklogs[worklog.id] = position
        case .attachment(let file, _): holders.attachments[file.id] = position
        case .move(let move): keys.add(project: move.project, number: move.number, at: position)
        case .history, .commentEdit, .worklogEdit, .deletion: break
        }
    }

    mutating func setHidden(_ isHidden: Bool, project: Int, at moment: Moment) {
        if !isHidden {
            hidden[project] = nil
        } else if hidden[project] == nil {
            hidden.updateValue(moment, forKey: project)
        }
    }

    private mutating func log(_ position: Int, at moment: Moment) {
        log.append(Entry(at: moment, position: position))
        lastMoment = max(lastMoment, moment)
        unordered.insert(position)
    }

    // MARK: - The order of `updated`

    /// Brings the orders up to date after a batch of events.
    mutating func reorder(_ index: IssueIndex) {
        version += 1
        guard !unordered.isEmpty else { return }
        let moved = unordered
        order = order.filter { !moved.contains($0.position) }
            .merged(with: moved.compactMap { place(of: $0, index, until: nil) }.sorted())
        let old = moved.filter { position in position < baseCount && events[position]?.count ?? 0 > 0 }
            .map { index.place(at: $0) }.sorted()
        displaced = displaced.filter { !moved.contains($0.position) }.merged(with: old)
        unordered = []
    }

    /// Changed and added issues as they stood at `cut`.
    func places(_ index: IssueIndex, until cut: Moment) -> [IssueIndex.Place] {
        let late = log.suffix(from: log.partitionPoint { $0.at > cut })
        guard !late.isEmpty else { return order }
        let moved = Set(late.map(\.position))
        return order.filter { !moved.contains($0.position) }
            .merged(with: moved.compactMap { place(of: $0, index, until: cut) }.sorted())
    }

    /// `nil` if there is no such issue at `cut`.
    private func place(of position: Int, _ index: IssueIndex, until cut: Moment?) -> IssueIndex.Place? {
        var updated: Moment
        if position < baseCount {
            updated = index.updated(at: position)
        } else {
            let issue = added[position - baseCount]
            if let cut, issue.created > cut { return nil }
            updated = issue.updated
        }
        for event in events(at: position) where event.isSeen(until: cut) {
            if case .deletion = event.change { return nil }
            if event.bumpsUpdated { updated = max(updated, event.at) }
        }
        return IssueIndex.Place(updated: updated, position: position)
    }
}

extension [IssueIndex.Place] {
    /// This and another ordered list as one.
    fileprivate func merged(with other: [IssueIndex.Place]) -> [IssueIndex.Place] {
        var merged: [IssueIndex.Place] = []
        merged.reserveCapacity(count + other.count)
        var rest = other[...]
        for place in self {
            while let first = rest.first, first < place { merged.append(rest.removeFirst()) }
            merged.append(place)
        }
        return merged + rest
    }
}
