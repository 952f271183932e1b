import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private let start = Instant(milliseconds: 1_800_000_000_000)

/// Answers a plan's actions from a list of issues' ages, and notes what was asked.
private struct Site {
    /// `updated` of every issue, oldest first.
    var issues: [Instant] = []
    /// `updated` of those that catch-ups find, oldest first.
    var changed: [Instant] = []
    var missing: [String] = []
    var rosterIsRefused = false
    var now = start
    var pageSize = 10
    private(set) var asked: [String] = []
    /// A plan that does not end is cut off here.
    private var actionsLeft = 1000

    init(issues: [Instant] = [], missing: [String] = []) {
        self.issues = issues
        self.missing = missing
    }

    /// Performs one action; `false` at the end.
    mutating func perform(_ plan: inout PassPlan) -> Bool {
        actionsLeft -= 1
        guard actionsLeft > 0 else {
            Issue.record("the plan does not end: \(asked.suffix(20))")
            return false
        }
        let action = plan.action(now: now)
        switch action {
        case .readClock:
            asked.append("clock")
            plan.clockRead(offset: .zero, now: now)
        case .readPermissions:
            asked.append("permissions")
            plan.permissionsRead(missing: missing, now: now)
        case .readRoster:
            asked.append("roster")
            rosterIsRefused ? plan.rosterRefused() : plan.rosterRead(startedAt: now)
        case .readAccess:
            asked.append("access")
            plan.accessRead(now: now)
        case .readIssues(let query, let token):
            let isHistory = plan.state.backfill?.query == query
            asked.append(isHistory ? "history" : "changes")
            // A token says how many newer issues have been shown.
            var shown = token.flatMap(Int.init) ?? 0
            let walk = isHistory ? issues.reversed() : changed.reversed()
            let page = walk.dropFirst(shown).prefix(pageSize)
            shown += page.count
            plan.issuesRead(
                pages: 1, oldest: page.last, next: shown < walk.count ? "\(shown)" : nil, now: now)
        case .probeOlder:
            asked.append("probe")
            plan.olderProbed(exist: true, now: now)
        case .readWorklogs:
            asked.append("worklogs")
            plan.worklogsRead(until: now, isLast: true)
        case .finish:
            plan.finished(now: now)
            return false
        }
        now = now + .seconds(1)
        return true
    }

    mutating func run(_ plan: inout PassPlan) {
        while perform(&plan) {}
    }
}

private func ages(_ count: Int) -> [Instant] {
    (0..<count).map { start - .days(count - $0) }
}

@Suite("The plan of a pass")
struct PassPlanTests {
    @Test("the first pass: people, then history, newest first, which counts once a catch-up has closed it")
    func firstPass() {
        var site = Site(issues: ages(25))
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        var coverageSeen: [Instant?] = []
        while site.perform(&plan) { coverageSeen.append(plan.state.completeSince) }
        #expect(
            site.asked == [
                "clock", "permissions", "roster", "access", "history", "history", "history", "probe", "changes",
                "permissions", "worklogs",
            ])
        #expect(coverageSeen.dropLast(2).allSatisfy { $0 == nil }, "nothing is covered before the closing")
        #expect(plan.state.backfill == nil)
        #expect(plan.state.completeSince.map { $0 <= start - .days(399) } == true)
        #expect(plan.state.lastCompletedAt != nil)
    }

    @Test("a long history becomes coverage in steps, each closed by a catch-up")
    func longHistory() {
        var site = Site(issues: ages(300))
        var plan = PassPlan(state: SiteState(), history: nil, readsRoster: false)
        var frontiers: [Instant] = []
        while site.perform(&plan) {
            if let since = plan.state.completeSince, frontiers.last != since { frontiers.append(since) }
        }
        #expect(frontiers.count == 3)
        #expect(frontiers == frontiers.sorted(by: >), "the frontier only moves back")
        #expect(plan.state.reachesBeginning)
    }

    @Test("the site's beginning counts as read with the closing, not before")
    func beginning() {
        var site = Site(issues: ages(25))
        var plan = PassPlan(state: SiteState(), history: nil, readsRoster: false)
        while site.perform(&plan) {
            if plan.state.completeSince == nil { #expect(!plan.state.reachesBeginning) }
        }
        #expect(plan.state.reachesBeginning)
    }

    @Test("what moved during a catch-up of several pages is looked for again, and not claimed")
    func longCatchUp() throws {
        var site = Site(issues: ages(5))
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        site.run(&plan)
        site.now = site.now + .days(1)
        site.changed = ages(35)
        let asked = site.asked.count
        let start = site.now
        var next = PassPlan(state: plan.state, history: .days(400), readsRoster: false)
        site.run(&next)
        #expect(site.asked.dropFirst(asked).filter { $0 == "changes" }.count == 8, "two walks of four pages")
        // The first walk began after clock, directory and access had been read.
        let until = try #require(next.state.completeUntil)
        #expect(until > start && until <= start + .seconds(4))
    }

    @Test("now and then a catch-up looks back a whole day, for what Jira's index showed late")
    func trailing() throws {
        var site = Site(issues: ages(5))
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        site.run(&plan)
        let trailed = try #require(plan.state.trailedAt)
        var soon = PassPlan(state: plan.state, history: .days(400), readsRoster: false)
        site.run(&soon)
        #expect(soon.state.trailedAt == trailed)
        site.now = site.now + .seconds(7 * 3600)
        var later = PassPlan(state: soon.state, history: .days(400), readsRoster: false)
        site.run(&later)
        #expect(later.state.trailedAt.map { $0 > trailed } == true)
    }

    @Test("a later pass with nothing new asks four things")
    func quietPass() {
        var site = Site(issues: ages(25))
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        site.run(&plan)
        let until = plan.state.completeUntil
        var next = Site(issues: ages(25))
        next.now = site.now + .seconds(900)
        var quiet = PassPlan(state: plan.state, history: .days(400), readsRoster: false)
        next.run(&quiet)
        #expect(next.asked == ["clock", "access", "changes", "permissions", "worklogs"])
        #expect(quiet.state.completeUntil.flatMap { now in until.map { now > $0 } } == true)
        #expect(quiet.state.completeSince == plan.state.completeSince)
    }

    @Test("what was read while a permission was missing does not count")
    func permissionLost() {
        var site = Site(issues: ages(5))
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        site.run(&plan)
        let covered = plan.state
        site.missing = ["BROWSE_PROJECTS"]
        var blind = PassPlan(state: covered, history: .days(400), readsRoster: false)
        site.run(&blind)
        #expect(blind.state.completeUntil == covered.completeUntil)
        #expect(blind.state.coverage.gap(from: nil, to: start) == .browseProjectsMissing)
        site.missing = []
        var seeing = PassPlan(state: blind.state, history: .days(400), readsRoster: false)
        site.run(&seeing)
        #expect(seeing.state.missingPermissions.isEmpty)
        #expect(seeing.state.completeUntil.flatMap { now in covered.completeUntil.map { now > $0 } } == true)
    }

    @Test("a directory that is refused is told as the permission that it takes, and the issues are read all the same")
    func rosterRefused() {
        var site = Site(issues: ages(5))
        site.rosterIsRefused = true
        var plan = PassPlan(state: SiteState(), history: .days(400), readsRoster: false)
        site.run(&plan)
        #expect(plan.state.rosterReadAt == nil)
        #expect(site.asked.contains("history"))
    }

    @Test("a page token that Jira no longer takes sends the walk back to its frontier, not to its start")
    func tokenRefused() throws {
        var site = Site(issues: ages(300))
        var plan = PassPlan(state: SiteState(), history: nil, readsRoster: false)
        for _ in 0..<8 { _ = site.perform(&plan) }
        let frontier = try #require(plan.state.backfill?.frontier)
        plan.pageTokenRefused(now: site.now)
        #expect(plan.state.backfill?.frontier == frontier)
        guard case .readIssues(let query, let token) = plan.action(now: site.now) else {
            Issue.record("the walk does not go on")
            return
        }
        #expect(token == nil)
        #expect(query.contains("updated <="))
    }

    @Test("a longer history in the configuration begins a new way back where the old one ended")
    func historyExtended() {
        var site = Site(issues: ages(25))
        var plan = PassPlan(state: SiteState(), history: .days(10), readsRoster: false)
        site.run(&plan)
        let since = plan.state.completeSince
        var longer = PassPlan(state: plan.state, history: .days(400), readsRoster: false)
        site.run(&longer)
        #expect(longer.state.completeSince.flatMap { new in since.map { new < $0 } } == true)
    }
}

@Suite("The JQL of walks")
struct IssueQueryTests {
    let now = Instant("2026-11-24T12:00:30Z") ?? start

    @Test("recent changes are asked for in minutes, which mean the same in every zone, and never too few")
    func relative() {
        #expect(
            IssueQuery.changed(since: now - .seconds(900), overlap: IssueQuery.overlap, now: now)
                == "updated >= \"-46m\" ORDER BY updated DESC, id DESC")
        #expect(
            IssueQuery.changed(since: now, overlap: .zero, now: now)
                == "updated >= \"-1m\" ORDER BY updated DESC, id DESC")
    }

    @Test("older ones by a date that is early enough in every zone")
    func literal() {
        #expect(
            IssueQuery.changed(since: now - .days(3), overlap: .zero, now: now)
                == "updated >= \"2026-11-20 22:00\" ORDER BY updated DESC, id DESC")
        #expect(
            IssueQuery.back(to: now - .days(400), from: nil, now: now)
                == "updated >= \"2025-10-19 22:00\" ORDER BY updated DESC, id DESC")
        #expect(
            IssueQuery.back(to: nil, from: now - .seconds(200), now: now)
                == "updated >= \"1990-01-01 00:00\" AND updated <= \"-2m\" ORDER BY updated DESC, id DESC")
    }
}
