import JiraSimulator
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("When a phase will be done")
struct SyncProgressTests {
    private let start: Instant
    private let fullHour: Instant

    init() throws {
        start = try #require(Instant("2026-11-24T10:00:00Z"))
        fullHour = try #require(Instant("2026-11-24T11:00:00Z"))
    }

    /// A way back through 10,000 issues, of which 1,000 were read in ten minutes.
    private func history(total: Int = 10_000) -> SyncProgress {
        var progress = SyncProgress()
        progress.activity = .running
        progress.move(to: .history, done: 0, total: total, now: start)
        progress.move(to: .history, done: 1000, total: total, now: start + .seconds(600))
        return progress
    }

    private func points(left: Int = 1_000_000, perHour: Int = 1_000_000) -> SyncProgress.Points {
        SyncProgress.Points(left: left, perHour: perHour, resetsAt: fullHour)
    }

    @Test("where points abound, what remains takes as long as the speed so far says")
    func speed() {
        let now = start + .seconds(600)
        #expect(history().eta(now: now, points: points()) == now + .seconds(5400))
    }

    @Test("a request that hangs moves the end away")
    func hanging() throws {
        let now = start + .seconds(1200)
        #expect(history().eta(now: now, points: points()) == now + .seconds(10_800))
    }

    @Test("where an hour's points do not suffice, the hours are waited for")
    func hours() throws {
        let now = start + .seconds(600)
        // 100 more issues in this hour, then 2,000 an hour: 8,900 are four full hours and 900 issues, in 540 s.
        let end = history().eta(now: now, points: points(left: 202, perHour: 4022))
        let expected = fullHour + .seconds(4 * 3600 + 540)
        #expect(abs(try #require(end).duration(since: expected).inMilliseconds) < 5000)
    }

    @Test("what waits for points goes on with a full hour, at the speed it had before")
    func waiting() throws {
        var progress = history()
        progress.activity = .waiting
        progress.resumesAt = fullHour
        let now = start + .seconds(3000)
        #expect(progress.eta(now: now, points: points(left: 0)) == fullHour + .seconds(5400))
        progress.activity = .paused
        #expect(progress.eta(now: now, points: points(left: 0)) == nil)
    }

    @Test("nothing is told of a phase without an end, without a beginning, or that is through")
    func untold() {
        var progress = SyncProgress()
        progress.activity = .running
        #expect(progress.eta(now: start, points: points()) == nil)
        progress.move(to: .history, done: 5, total: 10, now: start)
        #expect(progress.eta(now: start + .seconds(1), points: points()) == nil)
        progress.move(to: .history, done: 10, total: 10, now: start + .seconds(1))
        #expect(progress.eta(now: start + .seconds(1), points: points()) == nil)
        progress.move(to: .worklogs, done: 0, total: nil, now: start + .seconds(2))
        #expect(progress.eta(now: start + .seconds(3), points: points()) == nil)
    }

    @Test("a catch-up in between is part of the time that the way back takes")
    func catchUp() {
        var progress = history()
        progress.move(to: .changes, done: 3, total: nil, now: start + .seconds(700))
        #expect(progress.eta(now: start + .seconds(700), points: points()) == nil)
        progress.move(to: .history, done: 1000, total: 10_000, now: start + .seconds(1200))
        let now = start + .seconds(1200)
        #expect(progress.eta(now: now, points: points()) == now + .seconds(10_800))
    }

    @Test("what earlier passes have read lies behind, and says nothing of the speed")
    func goingOn() {
        let now = start + .seconds(600)
        let progress = history().counting(storedIssues: 5000)
        #expect(progress.done == 5000)
        #expect(progress.eta(now: now, points: points()) == now + .seconds(3000))
        #expect(history().counting(storedIssues: 1_000_000).done == 10_000)
        #expect(history().counting(storedIssues: 3) == history())
    }

    @Test(
        "a sync that waits for points keeps its place, and the hours it foretells are about those it takes",
        .timeLimit(.minutes(5)))
    func foretold() async throws {
        let perHour = 2000
        try await SimulatedSite.with(
            SimulatorConfiguration(users: 20, issues: 4000, seed: 11), pointsPerHour: perHour
        ) { site in
            var foretold: [(hour: Int, hours: Double)] = []
            var lastOfHistory = 0
            var hour = 0
            while let failure = await site.sync.outcome() {
                hour += 1
                try #require(hour < 30)
                let now = Instant(milliseconds: site.simulator.now.milliseconds)
                let resumesAt = try #require(failure.retryAt)
                let stored = try await site.store.counts(of: site.sync.site.key).issues
                let progress = site.sync.progress.counting(storedIssues: stored)
                #expect(progress.activity == .waiting)
                if progress.phase == .history { lastOfHistory = hour }
                if let end = progress.eta(now: now, points: .init(left: 0, perHour: perHour, resetsAt: resumesAt)) {
                    #expect(end >= resumesAt)
                    foretold.append((hour, Double(end.duration(since: resumesAt).inMilliseconds) / 3_600_000))
                }
                site.simulator.advanceClock(by: .seconds(3600))
            }
            #expect(foretold.count > 2)
            for (hour, hours) in foretold {
                // What else costs points in an hour, people and catch-ups, is not in it.
                let left = lastOfHistory - hour
                #expect(
                    (left - 1...left).contains(Int(hours)), "\(hours) h foretold in hour \(hour), \(left) more came")
            }
        }
    }
}
