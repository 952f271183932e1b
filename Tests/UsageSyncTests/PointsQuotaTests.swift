import JiraCloud
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

@Suite("Points are spent as if all callers were one", .timeLimit(.minutes(5)))
struct PointsQuotaTests {
    private let site = CloudID(rawValue: "site")
    private let other = CloudID(rawValue: "other")
    /// Twelve o'clock.
    private let noon = Instant(milliseconds: 1_800_000_000_000)
    private var one: Instant { noon + .seconds(3600) }

    private func granted(_ decision: PointsDecision) throws -> PointsReservation {
        guard case .granted(let reservation) = decision else {
            throw NotGranted(decision: decision)
        }
        return reservation
    }

    private struct NotGranted: Error {
        let decision: PointsDecision
    }

    private func notice(
        _ name: String = "global-app-quota", _ reach: QuotaNotice.Reach = .app, limit: Int? = nil, left: Int? = nil,
        until: Instant? = nil, seenAt: Instant
    ) -> RateLimitState {
        RateLimitState(
            quotas: [
                QuotaNotice(
                    name: name, reach: reach, limit: limit, window: limit.map { _ in .seconds(3600) },
                    remaining: left, resetsAt: until, seenAt: seenAt)
            ], seenAt: seenAt)
    }

    // MARK: - Reserving and settling

    @Test("what is reserved is not given again; what was not needed is given back")
    func settling() throws {
        var quota = PointsQuota(perHour: 100)
        let big = try granted(quota.reserve(70, for: site, now: noon))
        #expect(quota.used(now: noon) == 0 && quota.reserved == 70)
        #expect(quota.available(for: other, now: noon) == 30)
        // Only a reservation is in the way, so a moment may do.
        #expect(quota.reserve(31, for: other, now: noon) == .refused(until: noon + .seconds(1)))
        quota.settle(big, actual: 20, now: noon)
        #expect(quota.used(now: noon) == 20 && quota.reserved == 0)
        quota.settle(big, actual: 20, now: noon)
        #expect(quota.used(now: noon) == 20)
        let rest = try granted(quota.reserve(80, for: other, now: noon))
        quota.settle(rest, actual: 80, now: noon)
        #expect(quota.reserve(1, for: site, now: noon) == .refused(until: one))
        #expect(quota.resetsAt(now: noon) == one)
        #expect(quota.used(now: one) == 0)
        #expect(quota.available(for: site, now: one) == 100)
    }

    @Test("what was spent before a restart is spent, with what was set aside then, and in the next hour it is not")
    func restart() throws {
        var quota = PointsQuota(perHour: 100)
        quota.settle(try granted(quota.reserve(30, for: site, now: noon)), actual: 20, now: noon)
        _ = try granted(quota.reserve(15, for: other, now: noon))
        let spent = quota.spent(now: noon + .seconds(1))
        #expect(spent == SpentPoints(hour: noon, points: 35))
        var later = PointsQuota(perHour: 100, spent: spent)
        #expect(later.used(now: noon + .seconds(60)) == 35)
        #expect(later.reserve(66, for: site, now: noon + .seconds(60)) == .refused(until: one))
        #expect(later.available(for: site, now: one) == 100)
        var muchLater = PointsQuota(perHour: 100, spent: spent)
        #expect(muchLater.spent(now: one) == SpentPoints(hour: one, points: 0))
    }

    @Test("who can make do with less gets what there is, and who cannot have it in any hour is told")
    func sizes() throws {
        var quota = PointsQuota(perHour: 100)
        #expect(try granted(quota.reserve(60, for: site, now: noon)).points == 60)
        #expect(try granted(quota.reserve(5001, atLeast: 10, for: site, now: noon)).points == 40)
        #expect(quota.reserve(5001, atLeast: 10, for: site, now: noon) == .refused(until: noon + .seconds(1)))
        #expect(quota.reserve(101, for: site, now: noon) == .tooMuch(limit: 100))
    }

    @Test("a reservation that is open when the hour turns counts in both hours, and none is lost")
    func hourChange() throws {
        var quota = PointsQuota(perHour: 100)
        let late = try granted(quota.reserve(60, for: site, now: one - .milliseconds(1)))
        #expect(quota.available(for: site, now: one) == 40)
        quota.settle(late, actual: 50, now: one)
        #expect(quota.used(now: one) == 50)
        #expect(quota.available(for: site, now: one) == 50)
    }

    @Test("clocks that differ a little do not spend an hour twice, and one that is set right does not stop us")
    func clocks() throws {
        var quota = PointsQuota(perHour: 100)
        let (before, after) = (one - .milliseconds(5), one + .milliseconds(5))
        let first = try granted(quota.reserve(100, for: site, now: after))
        quota.settle(first, actual: 100, now: after)
        for now in [before, after, before, after] {
            #expect(quota.reserve(1, for: other, now: now) == .refused(until: one + .seconds(3600)))
        }
        // The clock was a year ahead.
        var wrong = PointsQuota(perHour: 100)
        wrong.settle(try granted(wrong.reserve(90, for: site, now: noon + .days(365))), actual: 90, now: noon)
        #expect(wrong.reserve(11, for: site, now: noon) == .refused(until: one))
        #expect(try granted(wrong.reserve(100, for: site, now: one)).points == 100)
    }

    @Test("what is counted without a reservation is counted all the same")
    func spending() {
        var quota = PointsQuota(perHour: 100)
        #expect(quota.spend(99, now: noon) == nil)
        #expect(quota.reserve(2, for: site, now: noon) == .refused(until: one))
        #expect(quota.spend(1, now: noon) == one)
        #expect(quota.spend(0, now: one) == nil)
    }

    // MARK: - What Jira says

    @Test("the rest that Jira names is what all sites have until it says otherwise, also over our full hour")
    func notices() throws {
        var quota = PointsQuota(perHour: 1000)
        let until = one + .seconds(30)
        quota.note(notice(left: 50, until: until, seenAt: noon), from: site, now: noon)
        #expect(quota.available(for: other, now: noon) == 50)
        quota.settle(try granted(quota.reserve(20, for: other, now: noon)), actual: 20, now: noon)
        // The same words once more, and older ones that come late, give nothing back.
        quota.note(notice(left: 50, until: until, seenAt: noon), from: site, now: noon)
        quota.note(notice(left: 900, until: until, seenAt: noon - .seconds(1)), from: other, now: noon)
        #expect(quota.available(for: site, now: noon) == 30)
        #expect(quota.reserve(31, for: site, now: noon) == .refused(until: until))
        #expect(quota.available(for: site, now: one) == 30)
        #expect(quota.available(for: site, now: until) == 1000)
        // Newer words count, whatever they say.
        quota.note(notice(left: 200, until: until, seenAt: noon + .seconds(1)), from: other, now: noon)
        #expect(quota.available(for: site, now: noon) == 200)
    }

    @Test("what a site says of its own points binds that site alone")
    func tenants() throws {
        var quota = PointsQuota(perHour: 1000)
        quota.note(notice("tenant-quota", .site, left: 10, until: one, seenAt: noon), from: site, now: noon)
        #expect(quota.reserve(11, for: site, now: noon) == .refused(until: one))
        let elsewhere = try granted(quota.reserve(500, for: other, now: noon))
        quota.settle(elsewhere, actual: 500, now: noon)
        #expect(quota.available(for: site, now: noon) == 10)
        quota.exhausted(until: one, scope: .site(site), now: noon)
        #expect(quota.available(for: site, now: noon) == 0)
        #expect(quota.available(for: other, now: noon) == 500)
        quota.exhausted(until: one + .seconds(5), scope: .app, now: noon)
        #expect(quota.reserve(1, for: other, now: noon) == .refused(until: one + .seconds(5)))
        #expect(quota.reserve(1, for: other, now: one) == .refused(until: one + .seconds(5)))
    }

    @Test("a policy with fewer points than ours is kept to, and one with more gives us no more")
    func policies() throws {
        var quota = PointsQuota(perHour: 1000)
        quota.note(notice(limit: 65_000, seenAt: noon), from: site, now: noon)
        #expect(quota.limit == 1000)
        quota.note(notice(limit: 600, seenAt: noon), from: site, now: noon)
        #expect(quota.limit == 600)
        quota.note(notice("tenant-quota", .site, limit: 100, seenAt: noon), from: site, now: noon)
        #expect(quota.limit == 600)
        #expect(quota.reserve(101, for: site, now: noon) == .tooMuch(limit: 100))
        quota.settle(try granted(quota.reserve(90, for: site, now: noon)), actual: 90, now: noon)
        #expect(quota.available(for: site, now: noon) == 10)
        #expect(quota.available(for: other, now: noon) == 510)
    }

    // MARK: - Laws

    /// Books each request at some instant between its reservation and its settlement, as Atlassian does.
    private struct Atlassian {
        var byHour: [Int64: Int] = [:]

        mutating func book(_ points: Int, at now: Instant) {
            byHour[now.milliseconds / 3_600_000, default: 0] += points
        }
    }

    @Test(
        "no hour of Atlassian's ever has more than the quota, whoever asks and however long it takes", arguments: 0..<40
    )
    func neverAbove(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let perHour = Int.random(in: 50...2000, using: &generator)
        var quota = PointsQuota(perHour: perHour)
        var atlassian = Atlassian()
        var open: [(reservation: PointsReservation, since: Instant)] = []
        var now = noon
        var refusals = 0
        for _ in 0..<3000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let points = Int.random(in: 1...perHour / 5, using: &generator)
                let who = CloudID(rawValue: "site-\(Int.random(in: 0..<4, using: &generator))")
                switch quota.reserve(points, for: who, now: now) {
                case .granted(let reservation): open.append((reservation, now))
                case .refused(let until):
                    #expect(until > now && until <= quota.resetsAt(now: now))
                    refusals += 1
                case .tooMuch: Issue.record("seed \(seed): \(points) of \(perHour) are too much")
                }
            case 5..<9:
                guard let index = open.indices.randomElement(using: &generator) else { continue }
                let (reservation, since) = open.remove(at: index)
                let actual = Int.random(in: 0...reservation.points, using: &generator)
                let booked = Int64.random(in: since.milliseconds...now.milliseconds, using: &generator)
                atlassian.book(actual, at: Instant(milliseconds: booked))
                quota.settle(reservation, actual: actual, now: now)
            default:
                now = now + .seconds(Int.random(in: 0...400, using: &generator))
            }
            #expect(quota.used(now: now) + quota.reserved <= perHour, "seed \(seed)")
        }
        for (reservation, _) in open {
            atlassian.book(reservation.points, at: now)
            quota.settle(reservation, actual: reservation.points, now: now)
        }
        #expect(atlassian.byHour.values.allSatisfy { $0 <= perHour }, "seed \(seed)")
        #expect(refusals > 0, "seed \(seed): nothing was ever refused")
        // Nothing was lost on the way: a later hour is whole.
        #expect(quota.available(for: site, now: now + .seconds(3600)) == perHour, "seed \(seed)")
    }

    @Test("whoever asks one after the other gets the whole hour", arguments: 0..<10)
    func useful(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var quota = PointsQuota(perHour: 1000)
        for hour in 0..<5 {
            let now = noon + .seconds(3600 * hour)
            while case .granted(let reservation) = quota.reserve(101, atLeast: 1, for: site, now: now) {
                let actual = Int.random(in: 1...reservation.points, using: &generator)
                quota.settle(reservation, actual: actual, now: now)
            }
            #expect(quota.used(now: now) == 1000, "seed \(seed)")
        }
    }

    @Test("many at once share one hour and lose nothing of it")
    func concurrency() async {
        let budget = PointsBudget(perHour: 20_000)
        let now = noon
        let total = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(caller))
                    let site = CloudID(rawValue: "site-\(caller % 3)")
                    var spent = 0
                    while true {
                        let wish = Int.random(in: 1...50, using: &generator)
                        switch budget.reserve(wish, atLeast: 1, for: site, now: now) {
                        case .granted(let reservation):
                            let actual = Int.random(in: 1...reservation.points, using: &generator)
                            await Task.yield()
                            budget.settle(reservation, actual: actual, now: now)
                            spent += actual
                        case .refused(let until):
                            // A second means that others still hold some; the hour's end, that all is spent.
                            if until > now + .seconds(1) { return spent }
                            await Task.yield()
                        case .tooMuch: return spent
                        }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 20_000)
        #expect(budget.used(now: now) == 20_000 && budget.reserved == 0)
    }
}
