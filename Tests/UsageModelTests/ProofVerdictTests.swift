import Testing
import UsageModel

@Suite("Verdicts that take Jira's own word")
struct ProofVerdictTests {
    private static let asOf = Instant(milliseconds: 1_800_000_000_000)
    private static let start = asOf - .days(90)
    private static let older = start - .days(30)
    /// A moment, as Jira tells time.
    private static let tick = Duration.milliseconds(1)

    private func quiet(from: Instant?, at: Instant = asOf) -> Proof { Proof(from: from, at: at, outcome: .quiet) }

    /// A site whose record reaches back over the window, and where browsing was seen to be allowed at its end.
    private func coverage(
        since: Instant = start, reachesBeginning: Bool = false, obstacles: [CoverageCause] = [],
        confirmedUntil: Instant? = asOf
    ) -> Coverage {
        Coverage(
            completeSince: since, completeUntil: Self.asOf, reachesBeginning: reachesBeginning, isBackfilling: true,
            obstacles: obstacles, confirmedUntil: confirmedUntil)
    }

    private func verdict(last: Instant? = nil, _ coverage: Coverage, _ proof: Proof?) -> Verdict {
        Verdict(lastActivity: last, thresholdDays: 90, asOf: Self.asOf, coverage: coverage, demand: .proof(proof))
    }

    private func expect(
        _ verdict: Verdict, _ state: VerdictState, _ cause: CoverageCause? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(verdict.state == state, sourceLocation: sourceLocation)
        #expect(verdict.cause == cause, sourceLocation: sourceLocation)
    }

    @Test("a whole record alone makes nobody inactive of whom Jira has not been asked", arguments: [nil, older])
    func unproven(last: Instant?) {
        for reachesBeginning in [false, true] {
            expect(verdict(last: last, coverage(reachesBeginning: reachesBeginning), nil), .unknown, .unproven)
        }
    }

    @Test("an activity in the window makes active, whatever Jira said or was not asked")
    func active() {
        let disagreement = Proof(from: Self.start, at: Self.asOf, outcome: .disagrees)
        for proof in [nil, quiet(from: Self.start), disagreement] {
            for last in [Self.start + Self.tick, Self.asOf] {
                expect(verdict(last: last, coverage(obstacles: [.browseProjectsMissing]), proof), .active)
            }
        }
    }

    @Test("what Jira says of somebody of whom nothing is known has to speak of the whole window")
    func reach() {
        expect(verdict(coverage(), quiet(from: Self.start)), .inactive)
        expect(verdict(coverage(), quiet(from: Self.older)), .inactive)
        expect(verdict(coverage(), quiet(from: Self.start + Self.tick)), .unknown, .unproven)
    }

    @Test("silence for all time is more than inactivity, unless something is known")
    func allTime() {
        expect(verdict(coverage(), quiet(from: nil)), .neverActive)
        expect(verdict(coverage(reachesBeginning: true), quiet(from: nil)), .neverActive)
        // Jira knew of nothing at all, and the record now holds something: it was asked before that was done.
        expect(verdict(last: Self.older, coverage(), quiet(from: nil)), .unknown, .unproven)
    }

    @Test("after a known activity Jira has to be asked from the next day on, and not from before it")
    func afterTheLast() {
        let last = Self.start - .seconds(60)
        // The day after an activity begins 25 hours later at the latest, where a clock is put back.
        for hours in [1, 24, 25] {
            expect(verdict(last: last, coverage(), quiet(from: last + .seconds(hours * 3600))), .inactive)
        }
        expect(verdict(last: last, coverage(), quiet(from: last + .days(2))), .unknown, .unproven)
        for from in [last, last - Self.tick, Self.older] {
            expect(verdict(last: last, coverage(), quiet(from: from)), .unknown, .unproven)
        }
        // Days between an activity long ago and the window concern nobody.
        expect(verdict(last: Self.older, coverage(), quiet(from: Self.start)), .inactive)
    }

    @Test("a proof serves fourteen days and no longer")
    func age() {
        let oldest = Self.asOf - .days(14)
        expect(verdict(coverage(), quiet(from: Self.start, at: oldest)), .inactive)
        expect(verdict(coverage(), quiet(from: Self.start, at: oldest - Self.tick)), .unknown, .unproven)
        let disagreement = Proof(from: Self.start, at: oldest - Self.tick, outcome: .disagrees)
        expect(verdict(coverage(), disagreement), .unknown, .unproven)
    }

    @Test("silence counts only where browsing was seen to be allowed afterwards")
    func confirmation() {
        let asked = Self.asOf - .days(1)
        let proof = quiet(from: Self.start, at: asked)
        expect(verdict(coverage(confirmedUntil: asked), proof), .inactive)
        for confirmed in [nil, asked - Self.tick] {
            expect(verdict(coverage(confirmedUntil: confirmed), proof), .unknown, .unproven)
        }
    }

    @Test("where Jira says that there is something nobody is inactive", arguments: [nil, start, older])
    func disagreement(from: Instant?) {
        let proof = Proof(from: from, at: Self.asOf, outcome: .disagrees)
        expect(verdict(coverage(), proof), .unknown, .probeDisagrees)
        expect(verdict(coverage(reachesBeginning: true), proof), .unknown, .probeDisagrees)
    }

    @Test("Jira's silence stands in for what has not been read, its objection and its silence about less do not")
    func standsIn() {
        let late = coverage(since: Self.asOf - .days(10))
        expect(verdict(late, quiet(from: Self.start)), .inactive)
        expect(verdict(late, quiet(from: nil)), .neverActive)
        expect(verdict(late, quiet(from: Self.start + Self.tick)), .unknown, .backfill)
        expect(verdict(late, Proof(from: Self.start, at: Self.asOf, outcome: .disagrees)), .unknown, .backfill)
        // Between the answer and the beginning of the record lies a time of which nobody knows.
        let before = Self.asOf - .days(10) - Self.tick
        expect(verdict(late, quiet(from: Self.start, at: before)), .unknown, .backfill)
        expect(verdict(late, quiet(from: Self.start, at: Self.asOf - .days(10))), .inactive)
    }

    @Test("a missing permission and a record that ends too early are not made good by a proof")
    func gaps() {
        let proof = quiet(from: nil)
        expect(verdict(coverage(obstacles: [.userPickerMissing]), proof), .unknown, .userPickerMissing)
        expect(verdict(.none, proof), .unknown, .neverSynced)
        let ended = Coverage(
            completeSince: Self.start, completeUntil: Self.asOf - Self.tick, reachesBeginning: true,
            isBackfilling: false, confirmedUntil: Self.asOf)
        expect(verdict(ended, proof), .unknown, .notSynced)
    }
}
