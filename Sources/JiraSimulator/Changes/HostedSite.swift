import Synchronization

/// A site that the simulator serves: what it was at the start, and what has happened since.
final class HostedSite: Sendable {
    let data: any SiteData
    let updatedOrder: UpdatedOrder
    private let hiddenProjects: Set<Int>
    private let changes: Mutex<SiteChanges>
    private let feed = Mutex<WorklogFeed?>(nil)

    init(_ data: any SiteData, lastMoment: Moment, hiddenProjectCount: Int) {
        self.data = data
        updatedOrder = UpdatedOrder(data)
        hiddenProjects = Set(data.projects.indices.suffix(hiddenProjectCount))
        changes = Mutex(SiteChanges(data: data, lastMoment: lastMoment))
    }

    /// - Parameters:
    ///   - cut: later events are not seen.
    ///   - mayBrowse: whether the caller has the permission to browse projects at all.
    func snapshot(cut: Moment? = nil, mayBrowse: Bool = true) -> SiteSnapshot {
        SiteSnapshot(
            data: data, updatedOrder: updatedOrder, changes: changes.withLock { $0 }, cut: cut,
            visibleProjects: VisibleProjects(hidden: hiddenProjects, mayBrowse: mayBrowse))
    }

    var lastMoment: Moment {
        changes.withLock { $0.lastMoment }
    }

    func change<Result>(_ body: (inout SiteChanges) throws(ActivityError) -> Result) throws(ActivityError) -> Result
    where Result: Sendable {
        try changes.withLock { changes throws(ActivityError) in
            let result = try body(&changes)
            changes.reorder(data)
            return result
        }
    }

    /// Made on first use: it must look at every issue.
    var worklogFeed: WorklogFeed {
        feed.withLock { feed in
            if let feed { return feed }
            let made = WorklogFeed(data)
            feed = made
            return made
        }
    }
}
