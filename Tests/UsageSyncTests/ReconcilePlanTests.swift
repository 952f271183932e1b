import Testing
import UsageModel
import UsageStore

@testable import UsageSync

private let now = Instant(milliseconds: 1_700_000_000_000)
private let lastWeek = now - .days(7)
private let alpha = ProjectRow(id: 1, key: "ALPHA", name: "Alpha", isArchived: false)
private let beta = ProjectRow(id: 2, key: "BETA", name: "Beta", isArchived: false)
private let attic = ProjectRow(id: 3, key: "ATTIC", name: "Attic", isArchived: true)
private let nothing = IssueReading(rows: 0, unread: [], cut: [], left: [], next: nil)

/// A plan and what it has written.
private struct Course {
    var plan = ReconcilePlan(
        extent: .all, knownUntil: now, round: lastWeek,
        query: IssueQuery(zone: ProfileZone(identifier: "Europe/Berlin")), largestAnswer: 6500, now: now)
    var writes: [SiteWrite] = []

    /// After the list of projects.
    ///
    /// - Parameter areNew: whether none of them has been compared before.
    init(_ projects: [ProjectRow], _ stored: StoredProjects, areNew: Bool = false) {
        var stored = stored
        for project in projects where !areNew && stored.checks[project.id] == nil {
            stored.checks[project.id] = ProjectCheck(project: project.id, checkedAt: lastWeek - .days(1))
        }
        answer { _ in .projects(projects, stored) }
    }

    /// Answers all that can be asked now; what `reply` knows no answer to stays under way.
    mutating func answer(_ reply: (ReconcileStep) -> ReconcileAnswer?) {
        var steps: [ReconcileStep] = []
        while let step = plan.next() { steps.append(step) }
        for step in steps {
            if let answer = reply(step) { writes += plan.take(answer, of: step) }
        }
    }

    /// All steps that can be asked now.
    mutating func steps() -> [ReconcileStep] {
        var steps: [ReconcileStep] = []
        while let step = plan.next() { steps.append(step) }
        return steps
    }

    /// What has been compared in this round.
    var checked: [Int64: Instant] {
        writes.reduce(into: [:]) { checked, write in
            guard case .projectChecked(let check) = write, check.checkedAt.map({ $0 >= lastWeek }) ?? false else {
                return
            }
            checked[check.project] = check.checkedAt
        }
    }
}

@Suite("The plan of a reconcile")
struct ReconcilePlanTests {
    @Test("equal counts end it: an archived project is not counted")
    func agreement() {
        var course = Course([alpha, beta, attic], StoredProjects(issues: ["ALPHA": 5, "BETA": 6, "ATTIC": 7]))
        course.answer { step in
            guard case .count(let project, let jql) = step else { return nil }
            #expect(jql == "project = \"\(project.key)\" AND updated >= \"1990-01-01\"")
            return .count(project == alpha ? 5 : 6)
        }
        #expect(course.plan.isThrough)
        #expect(course.checked == [1: now, 2: now])
    }

    @Test(
        "projects that were never compared are counted in one, and one by one where that differs", arguments: [11, 12])
    func first(count: Int) {
        var course = Course(
            [alpha, beta, attic], StoredProjects(issues: ["ALPHA": 5, "BETA": 6, "ATTIC": 7]), areNew: true)
        let all = ReconcileStep.countAll(jql: "updated >= \"1990-01-01\"")
        #expect(course.steps() == [all])
        #expect(!course.plan.isThrough)
        course.writes += course.plan.take(.count(count), of: all)
        #expect(course.plan.isThrough == (count == 11))
        #expect(course.checked == (count == 11 ? [1: now, 2: now] : [:]))
        let counted = course.steps().compactMap { if case .count(let project, _) = $0 { project } else { nil } }
        #expect(Set(counted) == (count == 11 ? [] : [alpha, beta]))
    }

    @Test("a surplus that Jira gained since the last catch-up needs no census", arguments: [2, 1])
    func recent(unknown: Int) {
        var course = Course([alpha], StoredProjects(issues: ["ALPHA": 5]))
        course.answer { _ in .count(7) }
        course.answer { step in
            guard case .recent(_, let jql, _) = step else { return nil }
            #expect(jql == "project = \"ALPHA\" AND updated >= \"2023-11-14 22:43\" ORDER BY id ASC")
            return .recent(unknown: unknown, isWhole: true)
        }
        #expect(course.plan.isThrough == (unknown == 2))
        #expect(course.checked == (unknown == 2 ? [1: now] : [:]))
    }

    @Test("what is short of the known is walked through page by page, and settled after all pages of all projects")
    func census() {
        var course = Course([alpha, beta], StoredProjects(issues: ["ALPHA": 5, "BETA": 6]))
        course.answer { _ in .count(4) }
        var tokens: [String?] = []
        for next in ["p2", nil] {
            course.answer { step in
                guard case .census(let project, let census, let jql, let limit) = step else { return nil }
                #expect(jql == "project = \"\(project.key)\" AND updated >= \"1990-01-01\" ORDER BY id ASC")
                #expect(limit == 5000)
                if project == alpha { tokens.append(census.pageToken) }
                return project == alpha ? .census(nothing, next: next) : .census(nothing, next: nil)
            }
            if next != nil { #expect(!course.plan.isThrough) }
        }
        #expect(tokens == [nil, "p2"])
        #expect(course.checked.isEmpty)
        let settles = course.steps()
        #expect(settles.count == 2)
        for step in settles {
            guard case .settle(let query, _, 1000) = step else { Issue.record("\(step)"); continue }
            #expect(query.since == now)
            #expect(query.upper == now - IssueQuery.overlap)
            course.writes += course.plan.take(.settled(nothing, end: nil), of: step)
        }
        #expect(course.plan.isThrough)
        #expect(course.checked == [1: now, 2: now])
    }

    @Test("nothing is settled while another project is still walked through")
    func order() {
        var course = Course([alpha, beta], StoredProjects(issues: ["ALPHA": 5, "BETA": 6]))
        course.answer { _ in .count(4) }
        course.answer { step in
            if case .census(alpha, _, _, _) = step { .census(nothing, next: nil) } else { nil }
        }
        #expect(course.steps().isEmpty)
    }

    @Test(
        "a project that is not listed is missed once it is clear that projects may be browsed",
        arguments: [true, false])
    func unlisted(isHeld: Bool) {
        let stored = StoredProjects(
            checks: [1: ProjectCheck(project: 1), 2: ProjectCheck(project: 2)], visible: [1, 2],
            issues: ["ALPHA": 5, "BETA": 6])
        var course = Course([alpha], stored)
        let steps = course.steps()
        #expect(steps == [.confirm])
        course.writes += course.plan.take(.permission(isHeld: isHeld), of: .confirm)
        let missed = course.writes.contains { if case .projectsMissed([2], _) = $0 { true } else { false } }
        #expect(missed == isHeld)
        course.answer { if case .count = $0 { .count(5) } else { nil } }
        let settles = course.steps()
        #expect(settles.count == (isHeld ? 1 : 0))
        for step in settles { _ = course.plan.take(.settled(nothing, end: nil), of: step) }
        #expect(course.plan.isThrough == isHeld)
    }

    @Test("a permission that is gone when issues are to be missed ends the plan unfinished")
    func refused() {
        var course = Course([alpha], StoredProjects(issues: ["ALPHA": 5]))
        course.answer { _ in .count(0) }
        course.answer { _ in .census(nothing, next: nil) }
        course.answer { _ in .permission(isHeld: false) }
        #expect(course.steps().isEmpty)
        #expect(!course.plan.isThrough)
        #expect(course.checked.isEmpty)
    }

    @Test("many suspects are settled batch by batch")
    func batches() {
        var course = Course([alpha], StoredProjects(issues: ["ALPHA": 5]))
        course.answer { _ in .count(0) }
        course.answer { _ in .census(nothing, next: nil) }
        var positions: [Int64] = []
        for end in [IssueID(rawValue: 77), nil] {
            #expect(course.checked.isEmpty)
            course.answer { step in
                if case .settle(_, let position, _) = step { positions.append(position.rawValue) }
                return .settled(nothing, end: end)
            }
        }
        #expect(positions == [0, 77])
        #expect(course.checked == [1: now])
    }

    @Test("after a stop projects that were compared are left alone, and a census goes on where it was")
    func resumption() {
        var running = ProjectCheck.Census(startedAt: now - .days(1))
        running.pageToken = "p9"
        let checks: [Int64: ProjectCheck] = [
            1: ProjectCheck(project: 1, checkedAt: now - .days(1)),
            2: ProjectCheck(project: 2, checkedAt: now - .days(9), census: running),
        ]
        var course = Course([alpha, beta], StoredProjects(checks: checks, issues: ["ALPHA": 5, "BETA": 6]))
        let steps = course.steps()
        #expect(steps.count == 1)
        guard case .census(beta, running, _, _)? = steps.first else { Issue.record("\(steps)"); return }
    }

    @Test("a census of an earlier round, or older than its page tokens, is not gone on with", arguments: [6, 8])
    func oldCensus(days: Int) {
        let census = ProjectCheck.Census(startedAt: now - .days(days))
        let checks: [Int64: ProjectCheck] = [1: ProjectCheck(project: 1, checkedAt: nil, census: census)]
        var course = Course([alpha], StoredProjects(checks: checks, issues: ["ALPHA": 5]))
        guard case .count(alpha, _)? = course.steps().first else { Issue.record("not counted"); return }
    }

    @Test("where Jira refuses the page token the census begins anew")
    func tokenRefused() {
        var course = Course([alpha], StoredProjects(issues: ["ALPHA": 5]))
        course.answer { _ in .count(4) }
        course.answer { _ in .census(nothing, next: "p2") }
        course.answer { _ in .pageTokenRefused }
        guard case .census(alpha, ProjectCheck.Census(startedAt: now), _, _)? = course.steps().first else {
            Issue.record("the census does not begin anew")
            return
        }
    }

    @Test("a site that is known from some instant on is compared from there on")
    func limited() {
        let bound = now - .days(100)
        let zone = ProfileZone(identifier: "Europe/Berlin")
        var plan = ReconcilePlan(
            extent: .since(bound), knownUntil: now, round: lastWeek, query: IssueQuery(zone: zone),
            largestAnswer: 6500, now: now)
        #expect(plan.next() == .readProjects(updatedFrom: bound))
        _ = plan.take(.projects([alpha], StoredProjects()), of: .readProjects(updatedFrom: bound))
        #expect(plan.next() == .count(alpha, jql: "project = \"ALPHA\" AND updated >= \(zone.literal(bound))"))
    }

    @Test("of a census, what is unknown or was missed is new, and what another project had has moved")
    func comparison() {
        func known(_ id: Int64, _ key: String, isMissed: Bool = false) -> (IssueID, StoredIssue) {
            let version = IssueVersion(id: IssueID(rawValue: id), updated: now)
            return (version.id, StoredIssue(version: version, key: key, isMissed: isMissed))
        }
        let comparison = CensusComparison(
            ids: [1, 2, 3, 4, 5].map(IssueID.init(rawValue:)),
            known: Dictionary(
                uniqueKeysWithValues: [
                    known(1, "ALPHA-1"), known(2, "ALPHA-2", isMissed: true), known(3, "ALPHABET-3"),
                    known(4, "BETA-4", isMissed: true),
                ]),
            project: "ALPHA")
        #expect(comparison.new.map(\.rawValue) == [2, 4, 5])
        #expect(comparison.moved.map(\.rawValue) == [3])
    }
}
