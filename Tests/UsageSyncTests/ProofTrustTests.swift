import TestSupport
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("When a silence is believed", .timeLimit(.minutes(1)))
struct ProofTrustTests {
    private static let now = ProofSearch.now
    private let witness = PlanWorld.account(9999)

    private func search(_ count: Int, isTrusted: Bool = false) -> ProofSearch {
        ProofSearch(
            (1...count).map { Candidate(account: PlanWorld.account($0), last: nil) }, isTrusted: isTrusted)
    }

    @Test("a first silence is believed once somebody among them who surely did something is not silent")
    func given() throws {
        var search = search(120)
        search.witness = witness
        search.run()
        #expect(search.groups.map(\.count) == [50, 51, 50, 20])
        #expect(search.asked.contains(.findWitness(from: Self.now - .days(30), until: Self.now - .days(1))))
        let day = ProfileZone(identifier: "Europe/Berlin").day(of: Self.now - .days(30))
        let spoken = Probe(candidate: Candidate(account: witness, last: nil), day: day.name, from: day.start)
        #expect(search.groups[1] == search.groups[0] + [spoken])
        #expect(search.proofs.count == 120)
        #expect(search.plan.isTrusted)
    }

    @Test("before the witness has spoken nobody is proven and nothing else is asked")
    func untested() {
        var search = search(120)
        search.concurrency = 4
        search.witness = witness
        search.run { if case .findWitness = $0 { true } else { false } }
        #expect(search.groups.map(\.count) == [50])
        #expect(search.proofs.isEmpty)
        search.run { if case .countTouched(let group) = $0 { group.count == 50 } else { false } }
        #expect(search.proofs.count == 50)
    }

    @Test("where nobody did anything lately there is nothing to test with, and silence counts")
    func noWitness() {
        var search = search(70)
        search.run()
        #expect(search.groups.map(\.count) == [50, 20])
        #expect(search.proofs.count == 70)
        #expect(!search.plan.isTrusted)
    }

    @Test("what an earlier plan of the pass has found out is not asked again")
    func carriedOver() {
        var search = search(70, isTrusted: true)
        search.witness = witness
        search.run()
        #expect(search.groups.map(\.count) == [50, 20])
        #expect(search.proofs.count == 70)
        #expect(search.plan.isTrusted)
    }

    @Test("a witness among few says nothing of many: that is not handed on", arguments: [1, 49])
    func few(count: Int) {
        var search = search(count)
        search.witness = witness
        search.run()
        #expect(search.proofs.count == count)
        #expect(!search.plan.isTrusted)
    }

    @Test("where even the witness is silent fewer are asked about, until it is heard", arguments: [2, 3, 20, 26, 50])
    func unheard(mostHeard: Int) {
        var search = search(120)
        search.witness = witness
        search.mostHeard = mostHeard
        search.run()
        #expect(search.proofs.count == 120)
        #expect(!search.plan.isTrusted)
    }

    @Test("where the witness is not heard even beside a single person nobody is proven")
    func deaf() {
        var search = search(120)
        search.witness = witness
        search.mostHeard = 1
        search.run()
        #expect(search.proofs.isEmpty)
    }

    @Test(
        "where Jira takes fewer people, so many are asked about as it takes", arguments: [2, 7, 30, 50],
        [true, false])
    func tooMany(mostPeople: Int, isTrusted: Bool) {
        var search = search(120, isTrusted: isTrusted)
        search.witness = witness
        search.mostPeople = mostPeople
        search.run()
        #expect(search.proofs.count == 120)
        let refused = search.groups.filter { $0.count > mostPeople }.joined().map(\.candidate)
        let first = search.people.prefix(50) + [Candidate(account: witness, last: nil)]
        #expect(Set(refused).isSubset(of: first), "the next groups are as small as those that were taken")
    }

    @Test("where Jira takes nobody the plan ends without a proof", arguments: [true, false])
    func nobody(isTrusted: Bool) {
        var search = search(120, isTrusted: isTrusted)
        search.witness = witness
        search.mostPeople = 0
        search.run()
        #expect(search.proofs.isEmpty)
    }

    @Test(
        "nobody who did something is proven to be silent, however few of a query Jira looks for",
        arguments: 1...60, [1, 4])
    func neverWrong(mostHeard: Int, concurrency: Int) {
        var generator = SplitMix64(seed: UInt64(mostHeard))
        var search = search(170)
        search.witness = witness
        search.mostHeard = mostHeard
        search.concurrency = concurrency
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            search.active.insert(PlanWorld.account(Int.random(in: 1...170, using: &generator)))
        }
        search.run()
        let silent = Set(search.proofs.filter { $0.value.outcome == .quiet }.keys)
        #expect(silent.isDisjoint(with: search.active))
        if mostHeard > 1 {
            #expect(Set(search.proofs.keys) == Set(search.people.map(\.account)), "everybody has an answer")
        }
    }
}
