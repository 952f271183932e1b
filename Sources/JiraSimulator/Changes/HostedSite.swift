import Synchronization

/// A site that the simulator serves: what it was at the start, and what has happened since.
final class HostedSite: Sendable {
    let data: any SiteData
    private let index: IssueIndex
    private let stories: StoryIndexes
    private let changes: Mutex<SiteChanges>

    init(_ data: any SiteData, lastMoment: Moment, hiddenProjectCount: Int) {
        self.data = data
        index = IssueIndex(data)
        stories = StoryIndexes(data)
        let hidden = Set(data.projects.indices.suffix(hiddenProjectCount))
        changes = Mutex(SiteChanges(data: data, lastMoment: lastMoment, hidden: hidden))
    }

    /// - Parameters:
    ///   - cut: later events are not seen.
    ///   - mayBrowse: whether the caller has the permission to browse projects at all.
    func snapshot(cut: Moment? = nil, mayBrowse: Bool = true) -> SiteSnapshot {
        snapshot(of: changes.withLock { $0 }, cut: cut, mayBrowse: mayBrowse)
    }

    private func snapshot(of changes: SiteChanges, cut: Moment?, mayBrowse: Bool) -> SiteSnapshot {
        SiteSnapshot(
            data: data, index: index, stories: stories, changes: changes, cut: cut,
            visibleProjects: VisibleProjects(hidden: Set(changes.hidden.keys), mayBrowse: mayBrowse))
    }

    /// Everybody as they are now.
    var people: People { changes.withLock { $0.people } }

    func change<Result>(_ body: (inout SiteChanges) throws(ActivityError) -> Result) throws(ActivityError) -> Result
    where Result: Sendable {
        try changes.withLock { changes throws(ActivityError) in
            defer { changes.reorder(index) }
            return try body(&changes)
        }
    }

    /// The site with changes that are being made, for `change`. Not to be kept while more is recorded: that would copy all
    /// that is recorded.
    func draft(_ changes: SiteChanges) -> SiteSnapshot {
        snapshot(of: changes, cut: nil, mayBrowse: true)
    }

    /// Makes what would else be made on first use.
    func prepare() { _ = stories.touches }

    /// Made on first use.
    var worklogFeed: WorklogFeed { stories.worklogs }
}
