import TestSupport
import Testing
import UsageModel

@testable import UsageStore

/// Seconds of `PeopleSite`, as a query has them: a person is quiet without an activity since 1,000, a proof given
/// before 5,000 is old, and a disagreement found before 8,000 may be looked into again.
private func query(_ purpose: CandidateQuery.Purpose = .recent, reach: Int? = nil) -> CandidateQuery {
    CandidateQuery(
        purpose: purpose, quietSince: PeopleSite.at(1000), reach: reach.map(PeopleSite.at),
        renewBefore: PeopleSite.at(5000),
        retryBefore: PeopleSite.at(8000))
}

/// What is kept of one person.
private struct Kept {
    /// The activities.
    var acts: [Int] = []
    /// From when on Jira was asked.
    var from: Int?
    /// When it answered; `nil` where it was not asked.
    var at: Int?
    var outcome = Proof.Outcome.quiet
    var reach: Int?

    func expect(isCandidate: Bool) async throws {
        try await PeopleSite.with { site in
            try await site.list(["ann": .enabled], at: 0)
            for second in acts { try await site.act("ann", at: second) }
            if let at {
                let proof = Proof(from: from.map(PeopleSite.at), at: PeopleSite.at(at), outcome: outcome)
                try await site.store.keep([.proof(proof, of: try PeopleSite.account("ann"))], on: site.site.key)
            }
            let found = try await site.candidates(query(reach: reach)).candidates
            let candidate = Candidate(
                account: try PeopleSite.account("ann"), last: acts.max().map(PeopleSite.at),
                isProvenForAllTime: at != nil && from == nil && outcome == .quiet)
            #expect(found == (isCandidate ? [candidate] : []))
        }
    }
}

extension PeopleSite {
    fileprivate func candidates(
        _ query: CandidateQuery, after position: Int64 = 0, limit: Int = 100
    ) async throws -> (candidates: [Candidate], end: Int64?) {
        try await store.candidates(query, after: position, limit: limit, on: site.key)
    }
}

@Suite("The store: whose silence is to be proven")
struct CandidateTests {
    @Test(
        "whoever did something in the window needs no proof",
        arguments: [([], true), ([999], true), ([1000], false), ([500, 1001], false), ([1001, 500], false)]
            as [([Int], Bool)])
    func quiet(acts: [Int], isCandidate: Bool) async throws {
        try await Kept(acts: acts).expect(isCandidate: isCandidate)
    }

    @Test(
        "a proof is renewed once it is old, and a disagreement is looked into again at its own time",
        arguments: [
            (Proof.Outcome.quiet, 4999, true), (.quiet, 5000, false), (.quiet, 7999, false),
            (.disagrees, 5000, true), (.disagrees, 7999, true), (.disagrees, 8000, false),
        ])
    func age(outcome: Proof.Outcome, at: Int, isCandidate: Bool) async throws {
        try await Kept(at: at, outcome: outcome).expect(isCandidate: isCandidate)
    }

    private static let day = 26 * 3600

    @Test(
        "a proof that began before the last activity, or with it, is void",
        arguments: [(nil, true), (499, true), (500, true), (501, false)] as [(Int?, Bool)])
    func void(from: Int?, isCandidate: Bool) async throws {
        try await Kept(acts: [500], from: from, at: 9000).expect(isCandidate: isCandidate)
    }

    @Test(
        "a proof that begins later than the day after the last activity leaves a gap",
        arguments: [(500 + day, false), (501 + day, true)])
    func gap(from: Int, isCandidate: Bool) async throws {
        try await Kept(acts: [500], from: from, at: 9000).expect(isCandidate: isCandidate)
    }

    @Test(
        "of somebody without an activity a proof has to reach as far as the record",
        arguments: [
            (nil, nil, false), (0, nil, true), (nil, -5000, false), (-5000, -5000, false), (-5001, -5000, false),
            (-4999, -5000, true),
        ] as [(Int?, Int?, Bool)])
    func reach(from: Int?, reach: Int?, isCandidate: Bool) async throws {
        try await Kept(from: from, at: 9000, reach: reach).expect(isCandidate: isCandidate)
    }

    @Test(
        "of an activity from before the record a proof may begin with the record",
        arguments: [(-300_000, false), (-300_001, false), (-299_999, true), (-500_000, true)])
    func before(from: Int, isCandidate: Bool) async throws {
        let kept = Kept(acts: [-500_000], from: from, at: 9000, reach: -300_000)
        try await kept.expect(isCandidate: isCandidate)
    }

    @Test("customers, apps and authors whom nobody has shown are not asked about; a deactivated person is")
    func who() async throws {
        try await PeopleSite.with { site in
            var people = ["gone": .disabled, "here": .enabled] as [String: PeopleSite.Standing]
            for type in [AccountType.app, .customer, .unknown] { people["a-\(type)"] = PeopleSite.Standing(type: type) }
            try await site.list(people, at: 0)
            try await site.act("stranger", at: 10)
            let found = try await site.candidates(query()).candidates
            #expect(Set(found.map(\.account.rawValue)) == ["gone", "here"])
            let none = try await site.store.candidates(
                query(), after: 0, limit: 10, on: SiteKey(rawValue: site.site.key.rawValue + 1))
            #expect(none.candidates.isEmpty && none.end == nil)
        }
    }

    @Test("page by page each comes once, also where those before are proven meanwhile", arguments: [1, 2, 3, 7, 8])
    func pages(limit: Int) async throws {
        try await PeopleSite.with { site in
            let names = (1...7).map { "p\($0)" }
            try await site.list(Dictionary(uniqueKeysWithValues: names.map { ($0, .enabled) }), at: 0)
            for (name, second) in [("p2", 2000), ("p5", 2001)] { try await site.act(name, at: second) }
            var (found, position, pages) = ([Candidate](), Int64?(0), 0)
            while let start = position, pages < 20 {
                let page = try await site.candidates(query(), after: start, limit: limit)
                #expect(page.candidates.count <= limit)
                found += page.candidates
                for candidate in page.candidates {
                    let proof = Proof(from: nil, at: PeopleSite.at(9000), outcome: .quiet)
                    try await site.store.keep([.proof(proof, of: candidate.account)], on: site.site.key)
                }
                (position, pages) = (page.end, pages + 1)
            }
            #expect(found.map(\.account.rawValue) == ["p1", "p3", "p4", "p6", "p7"])
            #expect(try await site.candidates(query()).candidates.isEmpty)
        }
    }

    @Test(
        "asked about all time is whoever left no trace in the record, until it is known that they did something before")
    func allTime() async throws {
        try await PeopleSite.with { site in
            let kept: [(name: String, from: Int?, outcome: Proof.Outcome)] = [
                ("silent", -5000, .quiet), ("seen", 501, .quiet), ("never", nil, .quiet), ("open", -5000, .disagrees),
            ]
            let names = kept.map(\.name) + ["unproven"]
            try await site.list(Dictionary(uniqueKeysWithValues: names.map { ($0, .enabled) }), at: 0)
            try await site.act("seen", at: 500)
            let silent = try PeopleSite.account("silent")
            func prove(_ name: String, from: Int?, _ outcome: Proof.Outcome, at: Int) async throws {
                let proof = Proof(from: from.map(PeopleSite.at), at: PeopleSite.at(at), outcome: outcome)
                try await site.store.keep([.proof(proof, of: try PeopleSite.account(name))], on: site.site.key)
            }
            for (name, from, outcome) in kept { try await prove(name, from: from, outcome, at: 9000) }
            let asked = query(.allTime, reach: -5000)
            #expect(try await site.candidates(asked).candidates.map(\.account) == [silent])
            try await site.store.keep([.earlierActivity(of: silent)], on: site.site.key)
            #expect(try await site.candidates(asked).candidates.isEmpty)
            // What is proven anew of the time of the record says nothing of the time before.
            try await prove("silent", from: -5000, .quiet, at: 9500)
            #expect(try await site.candidates(asked).candidates.isEmpty)
        }
    }

    @Test("what is known lately is told in the order of the question, also of those of whom nothing is")
    func lastActivities() async throws {
        try await PeopleSite.with { site in
            for (name, second) in [("a", 5), ("b", 3), ("a", 2), ("b", 9)] { try await site.act(name, at: second) }
            let accounts = try ["b", "nobody", "a"].map(PeopleSite.account)
            let lasts = try await site.store.lastActivities(of: accounts, on: site.site.key)
            #expect(lasts.map(\.account) == accounts)
            #expect(lasts.map(\.last) == [PeopleSite.at(9), nil, PeopleSite.at(5)])
        }
    }
}
