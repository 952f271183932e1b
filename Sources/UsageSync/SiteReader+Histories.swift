import JiraCloud
import UsageModel
import UsageStore

extension SiteReader {
    /// What the changelogs tell, and what worklogs tell of themselves where nothing else does yet.
    func histories(of issues: [IssueVersion], now: Instant) async throws -> Outcome {
        let reading = try await histories(of: issues.map(\.id)[...], feedEnd: now - Self.feedLag)
        var writes = [SiteWrite.activities(reading.activities)]
        var open = reading.worklogsLeftOpen[...]
        while !open.isEmpty {
            let worklogs = try await jira.worklogs(ids: Array(open.prefix(Self.mostWorklogs)))
            writes.append(.worklogs(worklogs.map(WorklogReading.init)))
            open = open.dropFirst(Self.mostWorklogs)
        }
        return Outcome(
            answer: .histories(reading.count), writes: writes + [.read(.histories, of: issues, at: now)])
    }

    /// The feed leaves out worklogs that changed in the last minute, with all that they tell of the time before; and
    /// the site's clock may be another minute ahead of what is known of it.
    private static let feedLag = Duration.seconds(60) + SyncPlan.clockJitter
    /// Jira gives no more at once.
    private static let mostWorklogs = 1000

    /// Of half as many issues at once where that is too much for one answer.
    private func histories(
        of issues: ArraySlice<IssueID>, feedEnd: Instant
    ) async throws(JiraError) -> HistoryReading {
        do {
            var (reading, token) = (HistoryReading(), String?.none)
            repeat {
                let page = try await jira.histories(of: Array(issues), pageToken: token)
                for history in page.histories { reading.add(history, feedEnd: feedEnd) }
                token = page.next
            } while token != nil
            return reading
        } catch {
            guard error == .tooLarge(.changelog), issues.count > 1 else { throw error }
            let middle = issues.startIndex + issues.count / 2
            var reading = try await histories(of: issues[..<middle], feedEnd: feedEnd)
            reading.add(try await histories(of: issues[middle...], feedEnd: feedEnd))
            return reading
        }
    }
}

/// What the histories of some issues told.
private struct HistoryReading {
    private(set) var activities: [Activity] = []
    private(set) var count = 0
    /// Of which a history tells that has no author: who it was, only the worklog says.
    private var authorless: Set<Int64> = []
    /// Changed since the end of the feed.
    private var changed: Set<Int64> = []

    /// Worklogs to be asked for by their ids, for no history says who it was, and the feed says nothing of them yet.
    var worklogsLeftOpen: [Int64] { authorless.intersection(changed).sorted() }

    mutating func add(_ history: History, feedEnd: Instant) {
        count += 1
        activities += Activity.told(by: history)
        for case .worklog(let id?) in history.items {
            if history.author == nil { authorless.insert(id) }
            if history.at >= feedEnd { changed.insert(id) }
        }
    }

    mutating func add(_ other: HistoryReading) {
        count += other.count
        activities += other.activities
        authorless.formUnion(other.authorless)
        changed.formUnion(other.changed)
    }
}
