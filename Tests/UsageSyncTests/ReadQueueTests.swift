import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private func issues(_ numbers: ClosedRange<Int>) -> [IssueVersion] {
    numbers.map {
        IssueVersion(id: IssueID(rawValue: Int64($0)), updated: Instant(milliseconds: 1_800_000_000_000 - Int64($0)))
    }
}

private func reading(_ unread: [IssueVersion], cut: [IssueVersion] = []) -> IssueReading {
    IssueReading(rows: unread.count, unread: unread, cut: cut, left: [], next: nil)
}

extension ReadQueue {
    /// The sizes of the batches that are given out until there is nothing more.
    fileprivate mutating func batches(flushing: Bool) -> [Int] {
        var sizes: [Int] = []
        while case .readHistories(let issues)? = next(flushing: flushing) { sizes.append(issues.count) }
        return sizes
    }
}

@Suite("What is still to be read of issues")
struct ReadQueueTests {
    @Test(
        "histories are asked for in whole batches, in the order in which issues came, and the rest once there is no more"
    )
    func batches() {
        var queue = ReadQueue()
        queue.add(reading(issues(1...999)))
        #expect(queue.next(flushing: false) == nil)
        #expect(!queue.isEmpty)
        queue.add(reading(issues(1000...1200)))
        #expect(queue.next(flushing: false) == .readHistories(issues(1...1000)))
        #expect(queue.next(flushing: false) == nil)
        #expect(queue.next(flushing: true) == .readHistories(issues(1001...1200)))
        #expect(queue.next(flushing: true) == nil)
        #expect(queue.isEmpty)
    }

    @Test("a batch is no larger than is asked for", arguments: [1, 10, 100, 1000])
    func most(mostIssues: Int) {
        var queue = ReadQueue(mostIssues: mostIssues)
        queue.add(reading(issues(1...1005)))
        let whole = Array(repeating: mostIssues, count: 1005 / mostIssues)
        #expect(queue.batches(flushing: false) == whole)
        #expect(queue.batches(flushing: true) == (1005 % mostIssues > 0 ? [1005 % mostIssues] : []))
    }

    @Test(
        "where issues have many histories, fewer are asked about, so that the answer fits on a page of 10,000",
        arguments: [1, 9, 20, 45, 90])
    func histories(perIssue: Int) throws {
        var queue = ReadQueue()
        for _ in 0..<12 { queue.told(perIssue * 500, of: 500) }
        queue.add(reading(issues(1...5000)))
        let size = try #require(queue.batches(flushing: false).first)
        #expect(size * perIssue <= 10_000)
        #expect(size == 1000 || size * perIssue > 8000, "nor much fewer than fit")
    }

    @Test("even of issues with very many histories a hundred are asked about at once")
    func least() {
        var queue = ReadQueue()
        for _ in 0..<12 { queue.told(1_000_000, of: 100) }
        queue.add(reading(issues(1...250)))
        #expect(queue.batches(flushing: false) == [100, 100])
    }

    @Test("issues without histories, and answers about none, do not make a batch larger than Jira takes")
    func few() {
        var queue = ReadQueue()
        for _ in 0..<20 { queue.told(0, of: 1000) }
        queue.told(77, of: 0)
        queue.add(reading(issues(1...1001)))
        #expect(queue.batches(flushing: false) == [1000])
    }

    @Test("comments are asked for issue by issue, without waiting for more")
    func comments() {
        var queue = ReadQueue()
        queue.add(reading(issues(1...3), cut: issues(2...3)))
        var told: Set<IssueVersion> = []
        while case .readComments(let issue)? = queue.next(flushing: false) { told.insert(issue) }
        #expect(told == Set(issues(2...3)))
        #expect(!queue.isEmpty, "the histories wait")
        #expect(queue.next(flushing: true) == .readHistories(issues(1...3)))
        #expect(queue.isEmpty)
    }

    @Test("what a stop has left is gone on with: of each issue what is still to be read, and no more")
    func pending() {
        let some = issues(1...3)
        let reads: [PendingReads] = [.histories, .comments, [.histories, .comments]]
        var queue = ReadQueue(Array(zip(some, reads)))
        #expect(queue.next(flushing: true) == .readHistories([some[0], some[2]]))
        let comments = [queue.next(flushing: true), queue.next(flushing: true)]
        #expect(Set(comments) == [.readComments(some[1]), .readComments(some[2])])
        #expect(queue.isEmpty && queue.next(flushing: true) == nil)
    }

    @Test("it is full with four batches, until one is asked for")
    func full() {
        var queue = ReadQueue()
        queue.add(reading(issues(1...3999)))
        #expect(!queue.isFull)
        queue.add(reading(issues(4000...4000)))
        #expect(queue.isFull)
        _ = queue.next(flushing: false)
        #expect(!queue.isFull)
    }
}
