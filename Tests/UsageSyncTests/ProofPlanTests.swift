import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private let now = Instant(milliseconds: 1_800_000_000_000)
private let quietSince = now - .days(90)
private let berlin = ProfileZone(identifier: "Europe/Berlin")

private func candidates(_ count: Int) -> [Candidate] {
    (1...count).map { Candidate(account: PlanWorld.account($0), last: nil) }
}

@Suite("The plan that proves silence", .timeLimit(.minutes(1)))
struct ProofPlanTests {
    // MARK: - Groups

    @Test("the quiet are asked about fifty at once, as they are listed, and all of them are proven")
    func groups() {
        var search = ProofSearch(candidates(120), isTrusted: true)
        search.pageSize = 30
        search.run()
        #expect(search.groups.map(\.count) == [50, 50, 20])
        #expect(search.groups.joined().map(\.candidate) == search.people)
        #expect(Set(search.proofs.keys) == Set(search.people.map(\.account)))
        #expect(search.proofs.values.allSatisfy { $0 == Proof(from: nil, at: now, outcome: .quiet) })
    }

    @Test("nobody who is listed means that nothing is asked")
    func nobody() {
        var search = ProofSearch([], isTrusted: false)
        search.run()
        #expect(search.groups.isEmpty && search.proofs.isEmpty)
    }

    @Test("a group in which there is something is halved until it is known of whom", arguments: [1, 25, 26, 37, 50])
    func halving(number: Int) {
        var search = ProofSearch(candidates(50), isTrusted: true)
        let active = PlanWorld.account(number)
        search.active = [active]
        search.run()
        #expect(search.sought == [active])
        #expect(Set(search.proofs.keys) == Set(search.people.map(\.account)))
        #expect(search.proofs.filter { $0.value.outcome == .disagrees }.map(\.key) == [active])
        // The whole and, from it on down to one, two halves of each.
        #expect(search.groups.count <= 1 + 2 * 6)
    }

    // MARK: - From when on

    private static let reach = now - .days(400)
    private static let inside = now - .days(200)
    private static let before = now - .days(500)

    @Test(
        "of an activity in the record the days after it are asked about, otherwise as far back as the record goes",
        arguments: [
            (inside, nil, berlin.day(after: inside)), (nil, nil, nil), (inside, reach, berlin.day(after: inside)),
            (reach, reach, berlin.day(after: reach)), (before, reach, berlin.day(of: reach)),
            (nil, reach, berlin.day(of: reach)),
        ] as [(Instant?, Instant?, (name: String, start: Instant)?)])
    func from(last: Instant?, reach: Instant?, day: (name: String, start: Instant)?) {
        let candidate = Candidate(account: PlanWorld.account(1), last: last)
        var search = ProofSearch([candidate], reach: reach, isTrusted: true)
        search.run()
        #expect(search.groups == [[Probe(candidate: candidate, day: day?.name, from: day?.start)]])
        #expect(
            search.proofs == [candidate.account: Proof(from: day?.start, at: now, outcome: .quiet)])
    }

    // MARK: - What reading shows

    @Test("somebody counted, of whom no issue is found after all, is proven")
    func foundNothing() {
        var search = ProofSearch(candidates(2), isTrusted: true)
        search.active = [PlanWorld.account(2)]
        search.findsIssues = false
        search.run()
        #expect(search.sought == [PlanWorld.account(2)])
        #expect(search.asked.allSatisfy { if case .review = $0 { false } else { true } })
        #expect(search.proofs.values.map(\.outcome) == [.quiet, .quiet])
    }

    @Test(
        "where reading shows nothing new, record and search disagree", arguments: [nil, now - .days(200)] as [Instant?])
    func disagreement(last: Instant?) {
        let candidate = Candidate(account: PlanWorld.account(1), last: last)
        var search = ProofSearch([candidate], isTrusted: true)
        search.active = [candidate.account]
        search.run()
        let from = last.map { berlin.day(after: $0).start }
        #expect(search.proofs == [candidate.account: Proof(from: from, at: now, outcome: .disagrees)])
        #expect(search.sought.count == 1)
    }

    @Test("somebody of whom an activity in the window is found is a candidate no more", arguments: [0, 30])
    func activity(days: Int) {
        var search = ProofSearch(candidates(1), isTrusted: true)
        search.active = [PlanWorld.account(1)]
        search.shows[PlanWorld.account(1)] = [quietSince + .days(days)]
        search.run()
        #expect(search.proofs.isEmpty)
        #expect(search.groups.count == 1)
    }

    @Test("after an activity from before the window the days behind it are asked about")
    func olderActivity() {
        let account = PlanWorld.account(1)
        var search = ProofSearch(candidates(1), isTrusted: true)
        search.active = [account]
        search.shows[account] = [quietSince - .milliseconds(1)]
        search.isSilentOnceShown = true
        search.run()
        let day = berlin.day(after: quietSince - .milliseconds(1))
        #expect(search.groups.map { $0.map(\.day) } == [[nil], [day.name]])
        #expect(search.proofs == [account: Proof(from: day.start, at: now, outcome: .quiet)])
    }

    @Test("somebody of whom each reading shows a little more is left to a later pass after the fourth")
    func rounds() {
        let account = PlanWorld.account(1)
        var search = ProofSearch(candidates(1), isTrusted: true)
        search.active = [account]
        search.shows[account] = (0..<20).map { quietSince - .days(100 - $0) }
        search.run()
        #expect(search.sought.count == 4)
        #expect(search.proofs.isEmpty)
    }

    @Test("what was read is looked at once nothing is under way")
    func idle() {
        var search = ProofSearch(candidates(1), isTrusted: true)
        search.active = [PlanWorld.account(1)]
        search.run { if case .review = $0 { true } else { false } }
        #expect(search.plan.next(isIdle: false, now: now) == nil)
        #expect(search.plan.next(isIdle: true, now: now) == .review(search.people))
    }
}
