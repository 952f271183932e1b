import Testing
import UsageModel

@testable import UsageSync

private let zone = ProfileZone(identifier: "UTC")
private let now = Instant(milliseconds: 1_800_000_000_000)

/// The windows of a whole way back, and how many issues were in each.
private struct Way {
    var plan: WindowPlan
    private(set) var lengths: [Duration] = []
    private(set) var counts: [Int] = []
    private(set) var end: Instant

    /// - Parameter told: whether the plan learns how many issues there were in a window before the next one.
    init(
        total: Int, goal: Instant, concurrency: Int = 4, urgent: Duration? = nil, told: Bool = true,
        count: (_ lower: Instant, _ upper: Instant) -> Int
    ) {
        plan = WindowPlan(total: total, span: now.duration(since: goal), concurrency: concurrency)
        end = now
        while end > goal, lengths.count < 10_000 {
            let lower = plan.lower(below: end, goal: goal, urgent: urgent, zone: zone)
            lengths.append(end.duration(since: lower))
            counts.append(count(lower, end))
            if told { plan.walked(counts[counts.count - 1], in: end.duration(since: lower)) }
            end = lower
        }
    }
}

/// How many issues there are in a stretch if there are so many a day.
private func issues(aDay: Double) -> (Instant, Instant) -> Int {
    { lower, upper in Int(aDay * (upper.duration(since: lower) / .days(1))) }
}

@Suite("The windows of the way back")
struct WindowPlanTests {
    @Test(
        "windows come to an end exactly at the goal, each at least an hour long",
        arguments: [0, 1, 500, 20_000, 5_000_000], [nil, .days(90)] as [Duration?])
    func goal(total: Int, urgent: Duration?) {
        let goal = now - .days(1000)
        let way = Way(total: total, goal: goal, urgent: urgent, count: issues(aDay: Double(total) / 1000))
        #expect(way.end == goal)
        #expect(way.lengths.dropLast().allSatisfy { $0 >= .seconds(3600) })
        #expect(way.lengths.allSatisfy { $0 > .zero })
    }

    @Test(
        "what is left of less than an hour is the last window, and reaches no further than the goal",
        arguments: [1, 30, 59, 60, 61], [nil, .days(90)] as [Duration?])
    func rest(minutes: Int, urgent: Duration?) {
        let goal = now - .seconds(minutes * 60)
        var plan = WindowPlan(total: 50_000_000, span: .days(1000), concurrency: 4)
        let lower = plan.lower(below: now, goal: goal, urgent: urgent, zone: zone)
        #expect(lower == max(goal, now - .seconds(3600)))
    }

    @Test("of a site with as many issues a day all along, each window has as many as the changelogs take at once")
    func even() {
        let way = Way(total: 50_000, goal: now - .days(1000), count: issues(aDay: 50))
        #expect(way.counts.dropLast().allSatisfy { (950...1001).contains($0) }, "\(way.counts)")
        #expect(way.lengths.count <= 53)
    }

    @Test("a site of few issues is one window")
    func small() {
        let way = Way(total: 900, goal: now - .days(1000), count: issues(aDay: 0.9))
        #expect(way.lengths == [.days(1000)])
    }

    @Test(
        "after a window that was fuller or emptier than thought, the next is shorter or longer", arguments: [0.25, 4])
    func learning(factor: Double) {
        var plan = WindowPlan(total: 50_000, span: .days(1000), concurrency: 4)
        let goal = now - .days(1000)
        let first = plan.lower(below: now, goal: goal, urgent: .days(90), zone: zone)
        let length = now.duration(since: first)
        plan.walked(Int(factor * 50 * (length / .days(1))), in: length)
        #expect(abs(plan.issues(in: .days(1)) - factor * 50) < 1)
        let next = first.duration(since: plan.lower(below: first, goal: goal, urgent: nil, zone: zone))
        #expect(factor > 1 ? next < length : next > length)
    }

    @Test("an empty window teaches nothing")
    func empty() {
        var plan = WindowPlan(total: 50_000, span: .days(1000), concurrency: 4)
        let before = plan.issues(in: .days(1))
        plan.walked(0, in: .days(20))
        plan.walked(20, in: .zero)
        #expect(plan.issues(in: .days(1)) == before)
    }

    @Test(
        "a stretch for which somebody waits is cut so that all its windows are walked at once",
        arguments: [
            // Of 4500 issues in it each of eight takes 563; of four no more than the thousand that go at once; and none
            // takes less than 250.
            (50, 8, 563), (50, 4, 1000), (10, 8, 250), (1000, 8, 1000),
        ] as [(Double, Int, Int)])
    func urgent(aDay: Double, concurrency: Int, wanted: Int) {
        var plan = WindowPlan(total: Int(aDay * 1000), span: .days(1000), concurrency: concurrency)
        let lower = plan.lower(below: now, goal: now - .days(1000), urgent: .days(90), zone: zone)
        let count = issues(aDay: aDay)(lower, now)
        #expect(abs(count - wanted) <= 1, "\(count)")
    }

    @Test("windows that are given out before the first is walked hold what is left, evenly")
    func untold() {
        let way = Way(total: 50_000, goal: now - .days(1000), told: false, count: issues(aDay: 50))
        #expect(way.counts.dropLast().allSatisfy { (950...1001).contains($0) }, "\(way.counts)")
        #expect(way.end == now - .days(1000))
    }

    @Test(
        "of a site that grew, windows become longer further back, and none but the first holds more than twice a thousand"
    )
    func growth() {
        // Each hundred days half as many as the hundred after them.
        func count(_ lower: Instant, _ upper: Instant) -> Int {
            func newer(_ instant: Instant) -> Double {
                (0..<10).reduce(0) { sum, tenth in
                    let days = now.duration(since: instant) / .days(1) - Double(tenth) * 100
                    return sum + min(max(days, 0), 100) * 256 / Double(1 << tenth)
                }
            }
            return Int(newer(lower) - newer(upper))
        }
        let goal = now - .days(1000)
        let way = Way(total: count(goal, now), goal: goal, count: count)
        #expect(way.counts.dropFirst().allSatisfy { $0 <= 2005 }, "\(way.counts)")
        #expect(way.lengths.count < 52, "no more windows than a thousand issues in each would take")
        let first: Duration = way.lengths.prefix(5).reduce(.zero, +)
        let last: Duration = way.lengths.suffix(5).reduce(.zero, +)
        #expect(last > first * 2)
    }
}
