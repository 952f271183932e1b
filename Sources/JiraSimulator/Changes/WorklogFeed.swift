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

    init(_ parts: [StoryPart]) {
        updated = parts.flatMap(\.worklogs).sorted()
        deleted = parts.flatMap(\.deletedWorklogs).sorted()
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
        let changed = snapshot.changedPositions.flatMap { position in
            let issue = snapshot.issue(at: position)
            return switch kind {
            case .updated: issue.deleted == nil ? issue.worklogs.map { Entry(at: $0.updated, id: $0.id) } : []
            case .deleted: issue.allDeletedWorklogs.map { Entry(at: $0.at, id: $0.id) }
            }
        }
        .filter { $0.at >= since && $0.at < end }
        return Array((Array(unchanged) + changed).sorted().prefix(limit))
    }
}

extension Issue {
    /// Worklogs that were deleted, by themselves or with the issue.
    fileprivate var allDeletedWorklogs: [(id: Int64, at: Moment)] {
        deletedWorklogs + (deleted.map { moment in worklogs.map { ($0.id, moment) } } ?? [])
    }
}
