/// A site as it stands at some moment: its data and what happened since.
struct SiteSnapshot: Sendable {
    let data: any SiteData
    let updatedOrder: UpdatedOrder
    let changes: SiteChanges
    /// What happened later is not seen, as by a search index that lags; `nil`: all is seen.
    let cut: Moment?
    /// Changed and added issues, in the order of `updated`.
    let changedPlaces: [SiteChanges.Place]
    let visibleProjects: VisibleProjects

    init(
        data: any SiteData, updatedOrder: UpdatedOrder, changes: SiteChanges, cut: Moment? = nil,
        visibleProjects: VisibleProjects
    ) {
        self.data = data
        self.updatedOrder = updatedOrder
        self.changes = changes
        self.cut = cut
        self.visibleProjects = visibleProjects
        changedPlaces = cut.map { changes.places(of: data, until: $0) } ?? changes.order
    }

    var people: People { data.people }
    var projects: [Project] { data.projects }

    /// How many positions there are. Not every issue may be seen.
    var positionCount: Int {
        guard let cut else { return data.issueCount + changes.added.count }
        return data.issueCount + changes.added.partitionPoint { $0.created > cut }
    }

    func issue(at position: Int) -> Issue {
        var issue =
            position < data.issueCount ? data.issue(at: position) : changes.added[position - data.issueCount]
        for event in changes.events(at: position) where cut.map({ event.at <= $0 }) ?? true {
            issue.apply(event)
        }
        return issue
    }

    func outline(at position: Int) -> IssueOutline {
        guard position < data.issueCount else {
            let issue = changes.added[position - data.issueCount]
            return IssueOutline(
                id: issue.id, project: issue.project, number: issue.number, created: issue.created,
                updated: changes.updated(issue.updated, at: position, until: cut))
        }
        var outline = data.outline(at: position)
        if changes.isChanged(position) {
            outline.updated = changes.updated(outline.updated, at: position, until: cut)
        }
        return outline
    }

    func isVisible(_ outline: IssueOutline) -> Bool {
        visibleProjects.contains(outline.project)
    }

    // MARK: - Finding

    /// By id, or by key in whatever case.
    func position(of idOrKey: String) -> Int? {
        if let id = Int64(idOrKey) { return position(ofID: id) }
        let parts = idOrKey.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]),
            let project = projects.firstIndex(where: { $0.key == parts[0].uppercased() })
        else { return nil }
        if let position = data.position(project: project, number: number) { return position }
        return position(where: { $0.project == project && $0.number == number })
    }

    func position(ofID id: Int64) -> Int? {
        data.position(ofID: id) ?? position(where: { $0.id == id })
    }

    private func position(where matches: (Issue) -> Bool) -> Int? {
        let position = changes.added.firstIndex(where: matches).map { data.issueCount + $0 }
        return position.flatMap { $0 < positionCount ? $0 : nil }
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

    /// Positions of a project's issues, ascending.
    func positions(inProject project: Int) -> [Int] {
        data.positions(inProject: project)
            + (data.issueCount..<positionCount).filter { changes.added[$0 - data.issueCount].project == project }
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
}
