/// What counts of that which the caller cannot see any longer.
struct OracleScope: Sendable {
    /// What was done on issues that are deleted now.
    let includesDeleted: Bool
    /// What was done on issues while the caller could see them, before their project was hidden or they were moved into a
    /// hidden one.
    let includesOnceVisible: Bool

    /// The last moment at which the caller could see an issue; `nil`: never. What is visible now is so for ever.
    func lastSeen(_ issue: Issue, at position: Int, of site: SiteSnapshot) -> Moment? {
        let hidden = site.changes.hidden
        guard let since = hidden[issue.project] else { return Moment(milliseconds: .max) }
        guard includesOnceVisible else { return nil }
        var last = since
        var project = site.original(position).project
        for event in site.changes.events(at: position) {
            guard case .move(let move) = event.change else { continue }
            let wasVisible = hidden[project].map { $0.map { event.at < $0 } ?? false } ?? true
            if wasVisible {
                last = event.at
            } else if let since, event.at > since {
                // It came too late to be seen there.
                last = nil
            }
            project = move.project
        }
        return last
    }
}

extension SiteSnapshot {
    /// An issue's outline before anything happened to it.
    fileprivate func original(_ position: Int) -> IssueOutline {
        position < data.issueCount
            ? data.outline(at: position) : changes.added[position - data.issueCount].outline
    }
}
