/// All worklogs of a site's data, and all deletions of worklogs, in the order of their last change.
struct WorklogFeed: Sendable {
    struct Entry: Comparable, Sendable {
        let at: Moment
        let id: Int64

        static func < (left: Entry, right: Entry) -> Bool {
            (left.at, left.id) < (right.at, right.id)
        }
    }

    private let updated: [Entry]
    private let deleted: [Entry]

    enum Kind {
        case updated, deleted
    }

    init(_ data: any SiteData) {
        var updated: [Entry] = []
        var deleted: [Entry] = []
        for position in 0..<data.issueCount {
            let issue = data.issue(at: position)
            updated += issue.worklogs.map { Entry(at: $0.updated, id: $0.id) }
            deleted += issue.deletedWorklogs.map { Entry(at: $0.at, id: $0.id) }
        }
        self.updated = updated.sorted()
        self.deleted = deleted.sorted()
    }

    /// Up to `limit` entries from `since` on and before `end`, the oldest first.
    func entries(_ kind: Kind, since: Moment, before end: Moment, limit: Int, of snapshot: SiteSnapshot) -> [Entry] {
        let base = kind == .updated ? updated : deleted
        let first = base.partitionPoint { $0.at >= since }
        let unchanged = base[first...].lazy.filter { entry in
            guard let position = snapshot.data.position(holdingWorklog: entry.id) else { return true }
            return !snapshot.changes.isChanged(position)
        }
        .prefix { $0.at < end }
        .prefix(limit)
        let changed = snapshot.changes.changedPositions.flatMap { position in
            let issue = snapshot.issue(at: position)
            return switch kind {
            case .updated: issue.worklogs.map { Entry(at: $0.updated, id: $0.id) }
            case .deleted: issue.deletedWorklogs.map { Entry(at: $0.at, id: $0.id) }
            }
        }
        .filter { $0.at >= since && $0.at < end }
        return Array((Array(unchanged) + changed).sorted().prefix(limit))
    }
}
