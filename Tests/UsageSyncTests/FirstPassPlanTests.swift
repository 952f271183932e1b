import TestSupport
import Testing
import UsageModel
import UsageStore

@testable import UsageSync

@Suite("The plan of a first pass", .timeLimit(.minutes(5)))
struct FirstPassPlanTests {
    @Test("people come first, then the way back, closed by a catch-up, then proof, roles and groups, older worklogs")
    func order() {
        var world = PlanWorld.random(seed: 1, days: 80, concurrency: 1)
        world.pass()
        let wanted = [
            "facts", "permissions", "roster", "oldest", "count", "window", "histories", "changes", "worklogs", "access",
            "grants", "older worklogs",
        ]
        #expect(world.order.filter(wanted.contains) == wanted, "\(world.order)")
        let proof = world.requests.firstIndex { $0.name == "touched" || $0.name == "seek" }
        let access = world.requests.firstIndex { $0.name == "access" }
        #expect(proof.flatMap { proof in access.map { proof < $0 } } == true)
    }

    @Test("the window that decides about seats is answered before anything older is read")
    func windowFirst() throws {
        var world = PlanWorld.random(seed: 2, people: 40, issues: 300, days: 900, concurrency: 2)
        world.pass()
        let proof = try #require(world.requests.firstIndex { $0.name == "worklogs" })
        let start = world.now - world.configuration.threshold
        for (index, step) in world.requests.enumerated() {
            guard case .readPage(_, let jql, nil) = step, step.name == "window" else { continue }
            let isOlder = world.found(jql).allSatisfy { $0.updated < start - .days(1) }
            if !world.found(jql).isEmpty, isOlder { #expect(index > proof, "\(jql)") }
        }
        #expect(world.state.reachesBeginning)
    }

    @Test("where few people are asked about many issues, worklogs come first, and all of the answer before the window")
    func asking() throws {
        var world = PlanWorld.random(seed: 8, people: 6, issues: 1200, days: 80, concurrency: 2, pointsPerHour: 1000)
        world.now = world.now + .days(2)
        world.pageSize = 100
        world.pass()
        let wanted = ["roster", "count", "worklogs", "seek", "access", "grants", "window"]
        #expect(world.order.filter(wanted.contains) == wanted, "\(world.order)")
        let grants = try #require(world.requests.lastIndex { $0.name == "grants" })
        let answer = world.requests[...grants]
        #expect(answer.filter { $0.name == "seek" }.count == world.people.count)
        #expect(world.lasts == world.truth)
    }

    @Test("where old activities are deleted, the beginning is never claimed, and not looked for again in every pass")
    func retention() {
        var world = PlanWorld.random(seed: 6, people: 6, issues: 60, days: 60, concurrency: 1)
        world.configuration = SyncConfiguration(
            interval: .seconds(900), history: .days(400), concurrency: 1, retention: .days(500))
        world.pass()
        #expect(!world.state.reachesBeginning && world.state.backfill == nil)
        #expect(world.state.completeSince.map { $0 <= world.now - .days(400) } == true)
        world.forgetAsked()
        world.now = world.now + .seconds(900)
        world.pass()
        #expect(!world.order.contains("oldest") && !world.order.contains("older worklogs"), "\(world.order)")
    }

    @Test("what was stored for a time that is still to come, while a clock was set, is known up to now only")
    func clockWasAhead() {
        var world = PlanWorld.random(seed: 3, people: 6, issues: 60, days: 60, concurrency: 1)
        world.pass()
        #expect(world.state.completeUntil == world.now && !world.proofs.isEmpty)
        let ahead = world.now
        // The clock by which all that was stored had been two days ahead.
        world.now = ahead - .days(2)
        world.state.factsReadAt = nil
        var plan = world.plan()
        #expect(plan.next(now: world.now) == .readFacts)
        let writes = plan.take(.facts(offset: nil, zone: world.zone), of: .readFacts, now: world.now)
        let distrusted: [Instant] = writes.compactMap { if case .distrusted(let since) = $0 { since } else { nil } }
        #expect(distrusted == [world.now] && writes.count == 1)
        #expect(plan.state.completeUntil == world.now && plan.state.confirmedAt == world.now)
        #expect(plan.state.trailedAt == nil && !plan.state.claimsMore(than: world.now))
        // Usually nothing is taken back.
        world.now = ahead + .seconds(900)
        plan = world.plan()
        #expect(plan.next(now: world.now) == .readFacts)
        #expect(plan.take(.facts(offset: nil, zone: world.zone), of: .readFacts, now: world.now).isEmpty)
        #expect(plan.state.completeUntil == ahead)
    }

    @Test("what a catch-up closes, the feed of worklogs is read up to as well")
    func worklogsAfterClosing() throws {
        var world = PlanWorld.random(seed: 4, people: 20, issues: 150, days: 900, concurrency: 1)
        world.tick = .seconds(1)
        world.pass()
        let closed = try #require(world.requests.lastIndex { $0.name == "changes" })
        let read = try #require(world.requests.lastIndex { $0.name == "worklogs" })
        #expect(read > closed)
        #expect(world.requests.filter { $0.name == "worklogs" }.count == 2)
        #expect(world.state.coverage.completeUntil == world.state.completeUntil)
    }

    @Test("whoever will be quiet soon is proven with those who are, so that the passes that follow have nobody")
    func provenAhead() {
        var world = PlanWorld.random(seed: 9, people: 4, issues: 40, days: 80, concurrency: 1)
        world.people.append(contentsOf: [21, 22, 23].map(PlanWorld.account))
        for (hours, number) in [(400.0, 21), (335.5, 22), (325.0, 23)] {
            var issue = PlanWorld.Issue(
                id: IssueID(rawValue: Int64(number * 100)), updated: world.now - .seconds(Int(hours * 3600)))
            issue.touches = [.init(account: PlanWorld.account(number), at: issue.updated)]
            world.issues.append(issue)
        }
        world.pass()
        #expect(world.proofs[PlanWorld.account(21)] != nil && world.proofs[PlanWorld.account(22)] != nil)
        #expect(world.proofs[PlanWorld.account(23)] == nil)
        for _ in 1...5 {
            world.forgetAsked()
            world.now = world.now + .seconds(3600)
            world.pass()
            #expect(!world.order.contains("touched") && !world.order.contains("seek"), "\(world.order)")
        }
        world.forgetAsked()
        world.now = world.now + .seconds(7 * 3600)
        world.pass()
        #expect(world.proofs[PlanWorld.account(23)] != nil)
    }

    @Test("worklogs that were asked for count once the permission to browse is seen again", arguments: [true, false])
    func worklogsConfirmed(isHeld: Bool) {
        var world = PlanWorld.random(seed: 5, people: 6, issues: 60, days: 60, concurrency: 1)
        world.pass()
        let checkedAt = world.state.worklogsCheckedAt
        world.now = world.now + .seconds(900)
        world.pass()
        #expect(world.state.worklogsCheckedAt == world.now && checkedAt != world.now)
        world.forgetAsked()
        world.now = world.now + .seconds(900)
        world.worklogs = 3
        var plan = world.plan()
        while world.advance(&plan) {
            if world.requests.last?.name == "worklogs" {
                if !isHeld { world.missing = ["BROWSE_PROJECTS"] }
                #expect(world.state.worklogsCheckedAt != world.now)
            }
        }
        #expect(world.requests.last?.name == "permissions")
        #expect(world.state.worklogsCheckedAt == (isHeld ? world.now : nil))
        #expect(world.state.coverage.completeUntil == (isHeld ? world.now : nil))
    }

    @Test("of roles and groups those of the quiet are read first")
    func quietFirst() {
        var world = PlanWorld.random(seed: 3, concurrency: 1)
        world.pass()
        let accounts = world.asked.compactMap { step in if case .readAccess(let account) = step { account } else { nil }
        }
        let quiet = Set(
            world.people.filter { account in
                world.truth[account].map { $0 < world.now - world.configuration.threshold } ?? true
            })
        #expect(!quiet.isEmpty && Set(accounts) == Set(world.people) && accounts.count == world.people.count)
        #expect(Set(accounts.prefix(quiet.count)) == quiet)
    }

    @Test("in the end everything that reading can show is known", arguments: 1...5 as ClosedRange<UInt64>)
    func everything(seed: UInt64) {
        var world = PlanWorld.random(seed: seed, people: 20, issues: 150, days: 700)
        world.pass()
        #expect(world.lasts == world.truth)
        #expect(world.pending.isEmpty && world.state.walks.isEmpty && world.state.backfill == nil)
        #expect(world.known == Dictionary(uniqueKeysWithValues: world.issues.map { ($0.id, $0.updated) }))
        #expect(world.state.reachesBeginning && world.state.lastCompletedAt == world.now)
    }

    @Test(
        "nothing counts as covered before a look at the permissions that follows a catch-up",
        arguments: 1...3 as ClosedRange<UInt64>)
    func claims(seed: UInt64) {
        var world = PlanWorld.random(seed: seed, people: 20, issues: 150, days: 700)
        world.tick = .milliseconds(300)
        world.pass()
        #expect(world.claims.count >= 2 && world.claims.allSatisfy { $0.step == .readPermissions })
        let frontiers = world.claims.compactMap(\.state.completeSince)
        #expect(frontiers == frontiers.sorted(by: >), "the frontier only moves back")
        let ends = world.claims.compactMap(\.state.completeUntil)
        #expect(ends == ends.sorted())
        for (_, state) in world.claims.dropLast() where state.backfill != nil { #expect(!state.reachesBeginning) }
    }

    @Test(
        "windows lie side by side from now to the oldest issue, none over another",
        arguments: ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati"])
    func windows(zone: String) throws {
        var world = PlanWorld.random(seed: 4, people: 200, issues: 2500, days: 900)
        world.zone = zone
        world.pageSize = 100
        world.pass()
        let windows = world.windows.sorted { $0.lower > $1.lower }
        #expect(windows.count > 2)
        #expect(windows.first?.upper == nil)
        for (newer, older) in zip(windows, windows.dropFirst()) { #expect(older.upper == newer.lower) }
        let oldest = try #require(world.issues.map(\.updated).min())
        #expect(windows.last.map { $0.lower <= oldest } == true)
    }

    @Test("of those without a trace in a limited history it is found out, once, who never did anything")
    func allTime() {
        var world = PlanWorld.random(seed: 9, people: 240, issues: 400, days: 900, history: .days(200))
        world.pass()
        let recent = Set(world.lasts.keys)
        let never = Set(world.people).subtracting(world.truth.keys)
        let earlier = Set(world.people).subtracting(never).subtracting(recent)
        #expect(!never.isEmpty && !earlier.isEmpty && !world.state.reachesBeginning)
        #expect(world.earlier == earlier)
        for account in never { #expect(world.proofs[account].map { $0.outcome == .quiet && $0.from == nil } == true) }
        for account in earlier { #expect(world.proofs[account]?.from != nil) }

        world.now = world.now + .seconds(900)
        world.forgetAsked()
        world.pass()
        #expect(!world.order.contains("touched"), "\(world.order)")

        world.now = world.now + .days(8)
        world.forgetAsked()
        world.pass()
        let asked = world.asked.flatMap { step -> [Probe] in
            if case .countTouched(let group) = step { group } else { [] }
        }
        #expect(Set(asked.filter { $0.from == nil }.map(\.candidate.account)) == never)
    }

    @Test("a site without an issue is known to its beginning")
    func empty() {
        var world = PlanWorld(now: PlanWorld.noon)
        world.people = (1...3).map(PlanWorld.account)
        world.pass()
        #expect(world.state.reachesBeginning && world.state.backfill == nil && world.state.completeUntil != nil)
        #expect(world.requests.count < 30)
    }

    @Test("issues that were all updated at one instant are read once each")
    func sameInstant() {
        var world = PlanWorld(now: PlanWorld.noon)
        world.people = (1...3).map(PlanWorld.account)
        let instant = world.now - .days(100)
        world.issues = (1...55).map { number in
            PlanWorld.Issue(
                id: IssueID(rawValue: Int64(number)), updated: instant,
                touches: [.init(account: PlanWorld.account(1), at: instant)])
        }
        world.pass()
        #expect(world.known.count == 55 && world.state.reachesBeginning)
        let read = world.asked.flatMap { step in if case .readHistories(let some) = step { some } else { [] } }
        #expect(read.count == 55)
    }

    @Test("issues that change while the site is read are not lost", arguments: 1...5 as ClosedRange<UInt64>)
    func moving(seed: UInt64) {
        var world = PlanWorld.random(seed: seed, people: 15, issues: 200, days: 400)
        world.tick = .milliseconds(200)
        world.pagesByNumber = true
        var generator = SplitMix64(seed: seed)
        for step in stride(from: 12, to: 60, by: 2) {
            let (issue, person) = (
                Int.random(in: 0..<200, using: &generator), Int.random(in: 1...15, using: &generator)
            )
            world.events.append((step, { $0.touch(issue, by: PlanWorld.account(person), at: $0.now) }))
        }
        world.pass()
        world.now = world.now + .seconds(900)
        world.pass()
        #expect(world.lasts == world.truth)
        #expect(world.known.count == 200)
    }

    @Test("a directory that is refused is told as the permission that it takes, and the issues are read all the same")
    func rosterRefused() {
        var world = PlanWorld.random(seed: 5)
        world.rosterIsRefused = true
        world.pass()
        #expect(world.state.missingPermissions == ["USER_PICKER"] && world.state.rosterReadAt == nil)
        #expect(world.known.count == world.issues.count && world.state.reachesBeginning)
        #expect(!world.order.contains("access") && !world.order.contains("grants"))
        world.rosterIsRefused = false
        world.pass()
        #expect(world.state.missingPermissions.isEmpty && world.state.rosterReadAt != nil)
        #expect(world.accessRead.count == world.people.count)
    }

    @Test("without the permission to browse nothing is read, and nothing claimed")
    func cannotBrowse() {
        var world = PlanWorld.random(seed: 6)
        world.missing = ["BROWSE_PROJECTS"]
        world.pass()
        #expect(world.state.completeUntil == nil && world.known.isEmpty && world.state.lastCompletedAt == nil)
        #expect(world.state.missingPermissions == ["BROWSE_PROJECTS"])
    }
}
