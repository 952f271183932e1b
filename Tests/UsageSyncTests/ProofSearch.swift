import Testing
import UsageModel
import UsageStore

@testable import UsageSync

/// A plan that proves silence, and a Jira and a store that answer it: who has touched something, what reading shows of
/// it, and how many people a query may name.
struct ProofSearch {
    static let now = Instant(milliseconds: 1_800_000_000_000)

    var plan: ProofPlan
    let people: [Candidate]
    var pageSize = 1000
    var concurrency = 1

    /// Of whom Jira's search knows something.
    var active: Set<AccountID> = []
    var witness: AccountID?
    /// Jira refuses to look for more people at once.
    var mostPeople = Int.max
    /// Jira looks for the first of them only, and says nothing of it.
    var mostHeard = Int.max
    var findsIssues = true
    /// The activities that one reading after the other shows.
    var shows: [AccountID: [Instant]] = [:]
    /// Whether there is nothing besides what `shows` had at first.
    var isSilentOnceShown = false

    private(set) var asked: [Step] = []
    private(set) var proofs: [AccountID: Proof] = [:]
    /// Who is known to have done something before the record.
    private(set) var earlier: [AccountID] = []

    init(
        _ people: [Candidate], for purpose: CandidateQuery.Purpose = .recent, reach: Instant? = nil, isTrusted: Bool
    ) {
        self.people = people
        plan = ProofPlan(
            query: CandidateQuery(
                purpose: purpose, quietSince: Self.now - .days(90), reach: reach, renewBefore: Self.now,
                retryBefore: Self.now),
            zone: ProfileZone(identifier: "Europe/Berlin"), isTrusted: isTrusted)
    }

    /// Who was asked about at once, in the order of the requests.
    var groups: [[Probe]] {
        asked.compactMap { step in if case .countTouched(let group) = step { group } else { nil } }
    }

    var sought: [AccountID] {
        asked.compactMap { step in if case .seek(let probe, _) = step { probe.candidate.account } else { nil } }
    }

    /// Goes on to the end, or up to a step that `stops`, which is then still to be asked.
    mutating func run(until stops: (Step) -> Bool = { _ in false }) {
        for _ in 0..<2000 {
            var steps: [Step] = []
            while steps.count < concurrency, let step = next(isIdle: steps.isEmpty, stops) { steps.append(step) }
            if steps.isEmpty { return }
            asked += steps
            for step in steps { answer(step) }
        }
        Issue.record("the plan comes to no end")
    }

    private mutating func next(isIdle: Bool, _ stops: (Step) -> Bool) -> Step? {
        var ahead = plan
        guard let step = ahead.next(isIdle: isIdle, now: Self.now), !stops(step) else { return nil }
        plan = ahead
        return step
    }

    private mutating func answer(_ step: Step) {
        switch step {
        case .listCandidates(_, let position):
            let page = people.dropFirst(Int(position)).prefix(pageSize)
            plan.listed(Array(page), end: page.endIndex < people.count ? Int64(page.endIndex) : nil)
        case .countTouched(let group):
            if group.count > mostPeople {
                plan.refused(group)
            } else {
                let count = group.prefix(mostHeard).count { isTouched($0) }
                keep(plan.counted(count, of: group, now: Self.now))
            }
        case .findWitness: keep(plan.witnessFound(witness, now: Self.now))
        case .seek(let probe, _): keep(plan.found(findsIssues ? 1 : 0, for: probe, now: Self.now))
        case .review(let some):
            let known = some.map { candidate in
                var ahead = shows[candidate.account] ?? []
                let last = ahead.isEmpty ? candidate.last : ahead.removeFirst()
                shows[candidate.account] = ahead
                if isSilentOnceShown, ahead.isEmpty { active.remove(candidate.account) }
                return Candidate(account: candidate.account, last: last)
            }
            keep(plan.reviewed(known, now: Self.now))
        default: Issue.record("not of this plan: \(step)")
        }
    }

    private func isTouched(_ probe: Probe) -> Bool {
        active.contains(probe.candidate.account) || probe.candidate.account == witness
    }

    private mutating func keep(_ writes: [SiteWrite]) {
        for write in writes {
            switch write {
            case .proof(let proof, let account):
                #expect(proofs[account] == nil, "proven twice: \(account)")
                proofs[account] = proof
            case .earlierActivity(let account): earlier.append(account)
            default: Issue.record("not of this plan: \(write)")
            }
        }
    }
}
