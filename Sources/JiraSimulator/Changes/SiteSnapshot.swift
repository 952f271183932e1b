/// A site as it stands at some moment: its data and what happened since. A class, for views of issues hold on to it by
/// the million.
final class SiteSnapshot: Sendable {
    let data: any SiteData
    let index: IssueIndex
    private let stories: StoryIndexes
    let changes: SiteChanges
    /// What happened later is not seen, as by a search index that lags; `nil`: all is seen.
    let cut: Moment?
    /// Changed and added issues, in the order of `updated`.
    let changedPlaces: [IssueIndex.Place]
    let visibleProjects: VisibleProjects

    init(
        data: any SiteData, index: IssueIndex, stories: StoryIndexes, changes: SiteChanges, cut: Moment? = nil,
        visibleProjects: VisibleProjects
    ) {
        self.data = data
        self.index = index
        self.stories = stories
        self.changes = changes
        self.cut = cut
        self.visibleProjects = visibleProjects
        changedPlaces = cut.map { changes.places(index, until: $0) } ?? changes.order
    }

    var people: People { changes.people }
    var projects: [Project] { data.projects }

    /// Who touched what, as far as the site's data tell; made on first use.
    var touchIndex: TouchIndex { stories.touches }

    /// How many positions there are. Not every issue may be seen.
    var positionCount: Int {
        guard let cut else { return data.issueCount + changes.added.count }
        return data.issueCount + changes.added.partitionPoint { $0.created > cut }
    }

    func issue(at position: Int) -> Issue {
        var issue =
            position < data.issueCount ? data.issue(at: position) : changes.added[position - data.issueCount]
        for event in changes.events(at: position) where event.isSeen(until: cut) {
            issue.apply(event)
        }
        return issue
    }

    func outline(at position: Int) -> IssueOutline {
        var outline =
            position < data.issueCount
            ? data.outline(at: position) : changes.added[position - data.issueCount].outline
        guard changes.isChanged(position) else { return outline }
        for event in changes.events(at: position) where event.isSeen(until: cut) {
            outline.apply(event)
        }
        return outline
    }

    // MARK: - What is asked most, without the outline where the index knows

    func updated(at position: Int) -> Moment {
        var updated =
            position < data.issueCount
            ? index.updated(at: position) : changes.added[position - data.issueCount].updated
        guard changes.isChanged(position) else { return updated }
        for event in changes.events(at: position) where event.bumpsUpdated && event.isSeen(until: cut) {
            updated = max(updated, event.at)
        }
        return updated
    }

    func project(at position: Int) -> Int {
        var project =
            position < data.issueCount
            ? index.project(at: position) : changes.added[position - data.issueCount].project
        guard changes.isChanged(position) else { return project }
        for event in changes.events(at: position) where event.isSeen(until: cut) {
            if case .move(let move) = event.change { project = move.project }
        }
        return project
    }

    func isVisible(at position: Int) -> Bool {
        guard visibleProjects.contains(project(at: position)) else { return false }
        return !changes.isChanged(position) || !isDeleted(at: position)
    }

    private func isDeleted(at position: Int) -> Bool {
        changes.events(at: position).contains { event in
            if case .deletion = event.change { event.isSeen(until: cut) } else { false }
        }
    }

    func isVisible(_ issue: Issue) -> Bool {
        issue.deleted == nil && visibleProjects.contains(issue.project)
    }

    // MARK: - Finding

    /// By id, or by key in whatever case. The keys that a moved issue once had lead to it still.
    func position(of idOrKey: String) -> Int? {
        if let id = Int64(idOrKey) { return position(ofID: id) }
        let parts = idOrKey.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]),
            let project = projects.firstIndex(where: { $0.key == parts[0].uppercased() })
        else { return nil }
        if let position = changes.keys.position(project: project, number: number) { return known(position) }
        return data.position(project: project, number: number)
    }

    func position(ofID id: Int64) -> Int? {
        if let position = data.position(ofID: id) { return position }
        // Ids of new issues ascend.
        let offset = changes.added.partitionPoint { $0.id >= id }
        guard offset < changes.added.count, changes.added[offset].id == id else { return nil }
        return known(data.issueCount + offset)
    }

    private func known(_ position: Int) -> Int? {
        position < positionCount ? position : nil
    }

    func position(holdingComment id: Int64) -> Int? {
        changes.position(holdingComment: id) ?? data.position(holdingComment: id)
    }

    func position(holdingWorklog id: Int64) -> Int? {
        changes.position(holdingWorklog: id) ?? data.position(holdingWorklog: id)
    }

    func position(holdingAttachment id: Int64) -> Int? {
        changes.position(holdingAttachment: id) ?? data.position(holdingAttachment: id)
    }

    /// Positions of changed and added issues, ascending.
    var changedPositions: [Int] {
        changes.changedPositions.sorted() + (data.issueCount..<positionCount)
    }

    /// Changed and added issues that are in a project now, ascending; deleted ones too.
    func changedPositions(inProject project: Int) -> [Int] {
        changedPositions.filter { self.project(at: $0) == project }
    }

    /// The first position whose issue was created at `moment` or later; only where positions are in that order.
    func firstPosition(createdFrom moment: Moment) -> Int {
        (0..<positionCount).partitionPoint { outline(at: $0).created >= moment }
    }
}

/// The projects that the caller may browse.
struct VisibleProjects: Sendable {
    let hidden: Set<Int>
    let mayBrowse: Bool

    func contains(_ project: Int) -> Bool {
        mayBrowse && !hidden.contains(project)
    }

    /// Whether every project may be browsed.
    var areAll: Bool { mayBrowse && hidden.isEmpty }
}
