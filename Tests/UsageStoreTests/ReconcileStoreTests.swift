import Testing
import UsageModel

@testable import UsageStore

private func row(_ id: Int64, _ key: String, updated second: Int = 0) -> IssueRow {
    IssueRow(
        version: IssueVersion(id: IssueID(rawValue: id), updated: PeopleSite.at(second)), key: key, pending: [])
}

private func project(_ id: Int64, _ key: String) -> ProjectRow {
    ProjectRow(id: id, key: key, name: "Name of \(key)", isArchived: false)
}

@Suite("The store: what Jira shows")
struct ReconcileStoreTests {
    @Test("visible issues are counted by project, from an instant on")
    func counts() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site.key)
            try await store.keep(
                [.issues([row(1, "A-1"), row(2, "A-2", updated: 9), row(3, "AB-1", updated: 9), row(4, "A_B-4")])],
                on: site)
            let all = try await store.storedProjects(updatedFrom: PeopleSite.at(0), on: site)
            #expect(all.issues == ["A": 2, "AB": 1, "A_B": 1])
            try await store.keep([.missed([IssueID(rawValue: 2)], at: PeopleSite.at(10))], on: site)
            let late = try await store.storedProjects(updatedFrom: PeopleSite.at(9), on: site)
            #expect(late.issues == ["AB": 1])
            #expect(try await store.counts(of: site).issues == 3)
        }
    }

    @Test("a missed issue is counted as invisible until Jira shows it again, and what it told stays")
    func missed() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site.key)
            let activity = Activity(
                source: .init(kind: .created, id: 1, ordinal: 0), account: try PeopleSite.account("a"),
                issue: IssueID(rawValue: 1), at: PeopleSite.at(0))
            try await store.keep([.issues([row(1, "A-1")]), .activities([activity])], on: site)
            try await store.keep([.missed([IssueID(rawValue: 1)], at: PeopleSite.at(5))], on: site)
            try await store.keep([.missed([IssueID(rawValue: 1)], at: PeopleSite.at(6))], on: site)
            #expect(try await store.invisible(on: site).issues == 1)
            let counts = try await store.counts(of: site)
            #expect(counts.issues == 0)
            #expect(counts.activities == 1)
            try await store.keep([.issues([row(1, "A-1")])], on: site)
            #expect(try await store.invisible(on: site).issues == 0)
            #expect(try await store.counts(of: site).issues == 1)
        }
    }

    @Test("a project is missed since the first time, until it is listed again")
    func projects() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site.key)
            try await store.keep([.projects([project(1, "A"), project(2, "B")], readAt: PeopleSite.at(0))], on: site)
            try await store.keep([.projectsMissed([2], at: PeopleSite.at(5))], on: site)
            try await store.keep([.projectsMissed([2], at: PeopleSite.at(6))], on: site)
            let invisible = try await store.invisible(on: site).projects
            #expect(invisible.map(\.key) == ["B"])
            #expect(invisible.map(\.name) == ["Name of B"])
            #expect(invisible.map(\.since) == [PeopleSite.at(5)])
            #expect(try await store.storedProjects(updatedFrom: PeopleSite.at(0), on: site).visible == [1])
            try await store.keep([.projects([project(2, "C")], readAt: PeopleSite.at(7))], on: site)
            #expect(try await store.invisible(on: site).projects.isEmpty)
            #expect(try await store.storedProjects(updatedFrom: PeopleSite.at(0), on: site).visible == [1, 2])
        }
    }

    @Test("how far a project has been compared is kept when the project is listed again")
    func checks() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site.key)
            var check = ProjectCheck(
                project: 1, checkedAt: PeopleSite.at(3), census: .init(startedAt: PeopleSite.at(4)))
            check.census?.pageToken = "p2"
            for isThrough in [false, true] {
                check.census?.isThrough = isThrough
                try await store.keep(
                    [
                        .projects([project(1, "A")], readAt: PeopleSite.at(0)), .projectChecked(check),
                        .projects([project(1, "A")], readAt: PeopleSite.at(9)),
                    ], on: site)
                #expect(
                    try await store.storedProjects(updatedFrom: PeopleSite.at(0), on: site).checks == [1: check])
            }
        }
    }

    @Test("suspects are a project's visible issues that no census showed and that have not changed lately")
    func unshown() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site.key)
            try await store.keep(
                [
                    .issues([
                        row(1, "A-1"), row(2, "A-2"), row(3, "A-3"), row(4, "A-4", updated: 50), row(5, "AB-5"),
                        row(6, "A-6"), row(7, "A-7", updated: -1),
                    ]),
                    .shown([IssueID(rawValue: 2)], at: PeopleSite.at(60)),
                    .shown([IssueID(rawValue: 3)], at: PeopleSite.at(59)),
                    .missed([IssueID(rawValue: 6)], at: PeopleSite.at(5)),
                ], on: site)
            let query = UnshownQuery(
                project: "A", since: PeopleSite.at(60), lower: PeopleSite.at(0), upper: PeopleSite.at(50))
            func found(after id: Int64, limit: Int) async throws -> [Int64] {
                try await store.unshown(query, after: IssueID(rawValue: id), limit: limit, on: site)
                    .map(\.version.id.rawValue)
            }
            #expect(try await found(after: 0, limit: 10) == [1, 3])
            #expect(try await found(after: 0, limit: 1) == [1])
            #expect(try await found(after: 1, limit: 10) == [3])
        }
    }

    @Test("another account may see other projects: what one saw is not held against the other")
    func reconnected() async throws {
        try await PeopleSite.with { people in
            let (store, site) = (people.store, people.site)
            try await store.keep(
                [
                    .projects([project(1, "A")], readAt: PeopleSite.at(0)),
                    .projectsMissed([1], at: PeopleSite.at(1)),
                ], on: site.key)
            _ = try await store.connect(
                cloudID: site.cloudID, name: site.name, url: site.url, grantAccount: try PeopleSite.account("other"),
                at: PeopleSite.at(2))
            #expect(try await store.invisible(on: site.key).projects.isEmpty)
        }
    }
}
