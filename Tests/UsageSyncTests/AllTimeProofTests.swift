import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("The proof for all time")
struct AllTimeProofTests {
    private static let reach = ProofSearch.now - .days(200)

    private func candidates(_ count: Int, isProvenForAllTime: Bool = false) -> [Candidate] {
        (1...count).map {
            Candidate(account: PlanWorld.account($0), last: nil, isProvenForAllTime: isProvenForAllTime)
        }
    }

    @Test("it is only asked whether there ever was anything: nothing is read, and nothing disagrees")
    func allTime() {
        var search = ProofSearch(candidates(80), for: .allTime, reach: Self.reach, isTrusted: true)
        search.active = [PlanWorld.account(3), PlanWorld.account(70)]
        search.run()
        #expect(search.groups.joined().allSatisfy { $0.day == nil && $0.from == nil })
        #expect(search.earlier.count == 2 && Set(search.earlier) == search.active)
        #expect(search.proofs.count == 78 && search.sought.isEmpty)
        #expect(search.proofs.values.allSatisfy { $0 == Proof(from: nil, at: ProofSearch.now, outcome: .quiet) })
    }

    @Test("whoever was silent for all time is asked about all time again, and looked into once they are not")
    func renewal() {
        var search = ProofSearch(
            candidates(2, isProvenForAllTime: true), reach: Self.reach, isTrusted: true)
        search.active = [PlanWorld.account(2)]
        search.run()
        #expect(search.groups.joined().allSatisfy { $0.from == nil })
        #expect(search.sought == [PlanWorld.account(2)] && search.earlier.isEmpty)
        #expect(search.proofs[PlanWorld.account(1)].map { $0.outcome == .quiet && $0.from == nil } == true)
        #expect(search.proofs[PlanWorld.account(2)]?.outcome == .disagrees)
    }

    @Test("others are asked about as far back as the record reaches")
    func record() {
        var search = ProofSearch(candidates(1), reach: Self.reach, isTrusted: true)
        search.run()
        #expect(
            search.proofs[PlanWorld.account(1)]?.from.map { $0 <= Self.reach && $0 > Self.reach - .days(2) } == true)
    }
}
