import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("How many requests a site bears at once is found out")
struct AdaptiveLimitTests {
    private let quick = AdaptiveLimit.RequestClass(.count, bytes: 11)

    private func answered(_ milliseconds: Int) -> AdaptiveLimit.Sign {
        .answered(quick, latency: .milliseconds(milliseconds))
    }

    @Test("it starts at two and rises by one a round, up to the ceiling and no further")
    func rise() {
        var limit = AdaptiveLimit(ceiling: 4)
        var seen: [Int] = []
        for _ in 0..<12 {
            seen.append(limit.limit)
            limit.take(answered(100), falls: limit.falls, isAlone: false)
        }
        #expect(seen == [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4])
        #expect(AdaptiveLimit(ceiling: 1).limit == 1)
    }

    @Test("a refused burst halves it, once for all that were sent before it did, and never below one")
    func halving() {
        var limit = AdaptiveLimit(ceiling: 8)
        while limit.limit < 8 { limit.take(answered(100), falls: limit.falls, isAlone: false) }
        let before = limit.falls
        for _ in 0..<8 { limit.take(.overloaded, falls: before, isAlone: false) }
        #expect(limit.limit == 4)
        // Nor do answers to what was sent before count for the next round.
        for _ in 0..<8 { limit.take(answered(100), falls: before, isAlone: false) }
        #expect(limit.limit == 4)
        for expected in [2, 1, 1] {
            limit.take(.overloaded, falls: limit.falls, isAlone: false)
            #expect(limit.limit == expected)
        }
        limit.take(.nothing, falls: limit.falls, isAlone: true)
        #expect(limit.limit == 1)
        limit.take(answered(100), falls: limit.falls, isAlone: true)
        #expect(limit.limit == 2)
    }

    @Test("answers that take twice as long as at their best lower it by one, unless there was only one in flight")
    func slowness() {
        func limit(_ milliseconds: Int, isAlone: Bool) -> Int {
            var limit = AdaptiveLimit(ceiling: 8)
            while limit.limit < 8 { limit.take(answered(200), falls: limit.falls, isAlone: false) }
            var lowest = 8
            for _ in 0..<8 {
                limit.take(answered(milliseconds), falls: limit.falls, isAlone: isAlone)
                lowest = min(lowest, limit.limit)
            }
            return lowest
        }
        #expect(limit(390, isAlone: false) == 8)
        #expect(limit(1000, isAlone: false) < 8)
        #expect(limit(1000, isAlone: true) == 8)
    }

    @Test("requests that take longer by their nature are no sign of load")
    func classes() {
        var limit = AdaptiveLimit(ceiling: 16)
        let kinds: [(AdaptiveLimit.RequestClass, Int)] = [
            (quick, 40), (.init(.changelog, bytes: 5_000_000), 6000), (.init(.search, bytes: 60), 150),
            (.init(.search, bytes: 400_000), 1500), (.init(.users, bytes: 500_000), 9000),
        ]
        for round in 0..<200 {
            let (kind, milliseconds) = kinds[round % kinds.count]
            limit.take(.answered(kind, latency: .milliseconds(milliseconds)), falls: limit.falls, isAlone: false)
        }
        #expect(limit.limit == 16 && limit.falls == 0)
    }

    // MARK: - Against a model of a site

    /// A site that bears so many requests at once, and what it does with more.
    private struct Model {
        enum Kind {
            /// Answers more with 429.
            case refuses
            /// Lets all wait for each other.
            case slows
        }

        let kind: Kind
        var capacity: Int
        var base: Duration = .milliseconds(400)
    }

    private struct Flight {
        let end: Duration
        let took: Duration
        let falls: Int
        let isRefused: Bool
        let wasFirst: Bool
        let number: Int
    }

    /// Asks as much as the limit allows, so many times, and says what the limit was after each answer.
    private func run(
        _ limit: inout AdaptiveLimit, _ model: Model, answers: Int, _ generator: inout SplitMix64
    ) -> [Int] {
        var (now, sent): (Duration, Int) = (.zero, 0)
        var flights: [Flight] = []
        var limits: [Int] = []
        for _ in 0..<answers {
            while flights.count < limit.limit {
                let load = flights.count + 1
                let isRefused = model.kind == .refuses && load > model.capacity
                let share = model.kind == .slows ? max(1, Double(load) / Double(model.capacity)) : 1
                let took =
                    isRefused ? .milliseconds(20) : model.base * share * Double.random(in: 0.8...1.3, using: &generator)
                sent += 1
                flights.append(
                    Flight(
                        end: now + took, took: took, falls: limit.falls, isRefused: isRefused,
                        wasFirst: flights.isEmpty, number: sent))
            }
            guard let next = flights.indices.min(by: { flights[$0].end < flights[$1].end }) else { break }
            let flight = flights.remove(at: next)
            now = flight.end
            let sign: AdaptiveLimit.Sign =
                flight.isRefused ? .overloaded : .answered(.init(.search, bytes: 400_000), latency: flight.took)
            limit.take(sign, falls: flight.falls, isAlone: flight.wasFirst && flight.number == sent)
            limits.append(limit.limit)
        }
        return limits
    }

    @Test("it settles near what a site bears that refuses more", arguments: 0..<20)
    func refusing(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let capacity = Int.random(in: 1...12, using: &generator)
        let ceiling = Int.random(in: capacity...16, using: &generator)
        var limit = AdaptiveLimit(ceiling: ceiling)
        let limits = run(&limit, Model(kind: .refuses, capacity: capacity), answers: 2000, &generator).dropFirst(200)
        #expect(limits.allSatisfy { (1...ceiling).contains($0) }, "seed \(seed)")
        #expect((limits.max() ?? 0) <= capacity + 1, "seed \(seed), capacity \(capacity)")
        let mean = Double(limits.reduce(0, +)) / Double(limits.count)
        #expect(mean >= Double(capacity) * 0.6, "seed \(seed), capacity \(capacity): \(mean)")
    }

    @Test("it settles between once and about twice what a site bears that becomes slower", arguments: 0..<20)
    func slowing(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let capacity = Int.random(in: 1...7, using: &generator)
        var limit = AdaptiveLimit(ceiling: 32)
        let limits = run(&limit, Model(kind: .slows, capacity: capacity), answers: 6000, &generator).dropFirst(500)
        #expect(limits.allSatisfy { (1...32).contains($0) }, "seed \(seed)")
        let mean = Double(limits.reduce(0, +)) / Double(limits.count)
        #expect(mean >= Double(capacity), "seed \(seed), capacity \(capacity): \(mean)")
        #expect(mean <= Double(capacity) * 3 + 1, "seed \(seed), capacity \(capacity): \(mean)")
    }

    @Test(
        "a site that becomes slower for good, or bears more or less than before, is found out anew", arguments: 0..<20)
    func shift(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var model = Model(kind: .refuses, capacity: 12)
        var limit = AdaptiveLimit(ceiling: 16)
        _ = run(&limit, model, answers: 500, &generator)
        model.base = .milliseconds(2000)
        let slower = run(&limit, model, answers: 1500, &generator).suffix(500)
        #expect(slower.reduce(0, +) / slower.count >= 7, "seed \(seed)")
        model.capacity = 3
        let lower = run(&limit, model, answers: 1000, &generator).suffix(500)
        #expect((lower.max() ?? 0) <= 4, "seed \(seed)")
        model.capacity = 12
        let higher = run(&limit, model, answers: 1000, &generator).suffix(500)
        #expect(higher.reduce(0, +) / higher.count >= 7, "seed \(seed)")
    }
}
