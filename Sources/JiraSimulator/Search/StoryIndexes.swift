import Synchronization

/// What can only be told by looking at every issue of a site's data: made on first use, by all cores.
final class StoryIndexes: Sendable {
    private let data: any SiteData
    private let made = Mutex<Made?>(nil)

    private struct Made {
        let touches: TouchIndex
        let worklogs: WorklogFeed
    }

    init(_ data: any SiteData) {
        self.data = data
    }

    var touches: TouchIndex { indexes.touches }
    var worklogs: WorklogFeed { indexes.worklogs }

    private var indexes: Made {
        made.withLock { made in
            if let made { return made }
            let data = data
            let parts = (0..<data.issueCount).mapInParallel(partSize: 1 << 14) { StoryPart($0, of: data) }
            let indexes = Made(
                touches: TouchIndex(parts, people: data.people.all.count), worklogs: WorklogFeed(parts))
            made = indexes
            return indexes
        }
    }
}

/// What some issues' stories tell for the indexes.
struct StoryPart: Sendable {
    private(set) var touches: [Touch] = []
    private(set) var work: [Work] = []
    private(set) var worklogs: [WorklogFeed.Entry] = []
    private(set) var deletedWorklogs: [WorklogFeed.Entry] = []

    struct Touch: Sendable {
        let person: Int32
        let position: Int32
        /// Since 1970, rounded down.
        let second: UInt32
    }

    struct Work: Sendable {
        let person: Int32
        let position: Int32
        let started: Moment
    }

    init(_ positions: Range<Int>, of data: any SiteData) {
        touches.reserveCapacity(positions.count * 11)
        for position in positions { add(data.issue(at: position), at: Int32(position)) }
    }

    private mutating func add(_ issue: Issue, at position: Int32) {
        issue.forEachTouch { person, moment in
            let second = UInt32(clamping: moment.milliseconds.flooredQuotient(1000))
            touches.append(Touch(person: Int32(person), position: position, second: second))
        }
        for worklog in issue.worklogs {
            worklogs.append(WorklogFeed.Entry(at: worklog.updated, id: worklog.id))
            guard let author = worklog.author else { continue }
            work.append(Work(person: Int32(author), position: position, started: worklog.started))
        }
        for worklog in issue.deletedWorklogs {
            deletedWorklogs.append(WorklogFeed.Entry(at: worklog.at, id: worklog.id))
        }
    }
}
