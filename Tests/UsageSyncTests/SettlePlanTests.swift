import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private let now = Instant(milliseconds: 1_800_000_000_000)
private let windowStart = now - .days(90)
private let zone = ProfileZone(identifier: "America/St_Johns")

@Suite("The plan that asks for the window person by person")
struct SettlePlanTests {
    private let query = CandidateQuery(
        quietSince: windowStart, reach: nil, renewBefore: now - .days(7), retryBefore: now - .days(1))
    private let people = [nil, now - .days(200), nil].enumerated().map { number, last in
        Candidate(account: PlanWorld.account(number + 1), last: last)
    }

    @Test("each is asked for the latest issue since the window's first day, page by page of the list")
    func asking() {
        var plan = SettlePlan(query: query, since: windowStart, zone: zone)
        #expect(plan.next() == .listCandidates(query, after: 0))
        #expect(plan.next() == nil, "the list is under way")
        plan.listed(Array(people[..<2]), end: 17)
        var asked: Set<Step?> = [plan.next(), plan.next()]
        #expect(plan.next() == .listCandidates(query, after: 17))
        #expect(plan.next() == nil)
        plan.listed([people[2]], end: nil)
        asked.insert(plan.next())
        #expect(plan.next() == nil)
        let day = zone.day(of: windowStart)
        #expect(asked == Set(people.map { .seek(Probe(candidate: $0, day: day.name, from: day.start), limit: 1) }))
    }

    @Test("a page of which nobody is a candidate is not the end")
    func emptyPage() {
        var plan = SettlePlan(query: query, since: windowStart, zone: zone)
        _ = plan.next()
        plan.listed([], end: 9)
        #expect(plan.next() == .listCandidates(query, after: 9))
    }

    @Test("where nothing is found it is the proof; where something is, it is read", arguments: [0, 1])
    func found(issues: Int) {
        let plan = SettlePlan(query: query, since: windowStart, zone: zone)
        let day = zone.day(of: windowStart)
        let probe = Probe(candidate: people[0], day: day.name, from: day.start)
        let proofs = plan.found(issues, for: probe, now: now).compactMap { write in
            if case .proof(let proof, let account) = write { [account: proof] } else { nil }
        }
        #expect(
            proofs
                == (issues == 0
                    ? [[people[0].account: Proof(from: day.start, at: now, outcome: .quiet)]] : []))
    }
}

@Suite("What a way to the answer costs")
struct PlanPriceTests {
    @Test(
        "it takes as long as its requests, and as many hours as its points take beyond those of this one",
        arguments: [
            // 100 requests, four at once, of 200 ms each.
            (100, 500, 4, 65_000, .seconds(5)), (100, 65_000, 4, 65_000, .seconds(5)),
            (100, 500, 1, 65_000, .seconds(20)), (0, 0, 4, 65_000, .zero),
            // Once the points of this hour are spent, half as many more are there in half an hour.
            (100, 97_500, 4, 65_000, .seconds(1800)), (100, 650_000, 4, 65_000, .seconds(9 * 3600)),
            (720_000, 97_500, 4, 65_000, .seconds(36_000)), (100, 2000, 4, .max, .seconds(5)),
        ] as [(Double, Double, Int, Int, Duration)])
    func duration(requests: Double, points: Double, concurrency: Int, pointsPerHour: Int, wanted: Duration) {
        let price = PlanPrice(requests: requests, points: points)
        let told = price.duration(
            concurrency: concurrency, latency: .milliseconds(200), pointsPerHour: pointsPerHour)
        #expect(abs(told.inMilliseconds - wanted.inMilliseconds) <= 1, "\(told)")
    }

    @Test("so many of a thing cost so many times its price")
    func product() {
        let price = PlanPrice(requests: 2, points: 3) * 2.5
        #expect(price == PlanPrice(requests: 5, points: 7.5))
        #expect((PlanPrice.issue * 1000).requests == 11, "ten pages of a hundred, and one bulk changelog")
    }

    @Test("with few people on a site of many issues it is cheaper to ask for people than to read, in both currencies")
    func cheaper() {
        let (reading, asking) = (PlanPrice.issue * 1_000_000, PlanPrice.probe * 1000)
        #expect(asking.requests < reading.requests && asking.points < reading.points)
    }
}
