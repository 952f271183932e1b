import Testing
import UsageModel
import UsageStore

@Suite("What a site's state lets be claimed")
struct SiteStateTests {
    private static let now = Instant(milliseconds: 1_800_000_000_000)

    private var state: SiteState {
        var state = SiteState()
        (state.completeSince, state.completeUntil) = (Self.now - .days(400), Self.now)
        (state.worklogsReadFrom, state.worklogsCheckedAt) = (Self.now - .days(400), Self.now)
        return state
    }

    @Test("where issues and worklogs are read, everything is known")
    func whole() {
        let coverage = state.coverage
        #expect(coverage.completeSince == Self.now - .days(400) && coverage.completeUntil == Self.now)
        #expect(coverage.gap(from: Self.now - .days(400), to: Self.now) == nil)
        #expect(coverage.gap(from: Self.now - .days(401), to: Self.now) == .beforeHistory)
    }

    @Test("worklogs that are not read that far back shorten it, and the beginning is not reached without them")
    func shortFeed() {
        var state = state
        state.reachesBeginning = true
        state.worklogsReadFrom = Self.now - .days(90)
        #expect(state.coverage.gap(from: Self.now - .days(90), to: Self.now) == nil)
        #expect(state.coverage.gap(from: Self.now - .days(91), to: Self.now) == .backfill)
        #expect(state.coverage.gap(from: nil, to: Self.now) == .backfill)
        state.worklogsReadFrom = state.worklogFloor
        #expect(state.coverage.gap(from: nil, to: Self.now) == nil)
    }

    @Test("it ends where the feed was last read to its end, or the issues were, whichever is earlier")
    func end() {
        var state = state
        state.worklogsCheckedAt = Self.now - .seconds(60)
        #expect(state.coverage.completeUntil == Self.now - .seconds(60))
        state.worklogsCheckedAt = Self.now + .seconds(60)
        #expect(state.coverage.completeUntil == Self.now)
    }

    @Test("what Jira's search says of somebody reaches no further back than worklogs are known")
    func proof() {
        var state = state
        state.worklogsReadFrom = Self.now - .days(90)
        state.confirmedAt = Self.now
        let longAgo = Proof(from: Self.now - .days(180), at: Self.now, outcome: .quiet)
        let ever = Proof(from: nil, at: Self.now, outcome: .quiet)
        for proof in [longAgo, ever] {
            let coverage = state.coverage.extended(by: proof)
            #expect(coverage.gap(from: Self.now - .days(90), to: Self.now) == nil)
            #expect(coverage.gap(from: Self.now - .days(91), to: Self.now) == .backfill)
        }
        // As far back as the issues: then silence for all time counts, though nothing older was collected.
        state.worklogsReadFrom = state.worklogFloor
        #expect(state.coverage.extended(by: ever).gap(from: nil, to: Self.now) == nil)
    }

    @Test("while the feed has never been read to its end, nothing is known, which reading on will mend")
    func unreadFeed() {
        for (from, checkedAt) in [(nil, nil), (Self.now - .days(90), nil), (Self.now, Self.now - .days(1))]
            as [(Instant?, Instant?)]
        {
            var state = state
            (state.worklogsReadFrom, state.worklogsCheckedAt) = (from, checkedAt)
            #expect(state.coverage.completeSince == nil && state.coverage.completeUntil == nil)
            #expect(state.coverage.gap(from: Self.now - .days(1), to: Self.now) == .backfill)
        }
        #expect(SiteState().coverage.gap(from: Self.now - .days(1), to: Self.now) == .neverSynced)
    }
}
