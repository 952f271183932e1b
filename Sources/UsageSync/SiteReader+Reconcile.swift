import JiraCloud
import UsageModel
import UsageStore

extension SiteReader {
    func reconcile(_ step: ReconcileStep) async throws -> Outcome {
        switch step {
        case .readProjects(let start):
            let projects = try await jira.projects().map {
                ProjectRow(id: $0.id, key: $0.key, name: $0.name, isArchived: $0.isArchived)
            }
            return Outcome(.projects(projects, try await store.storedProjects(updatedFrom: start, on: site.key)))
        case .confirm: return Outcome(.permission(isHeld: try await mayBrowse()))
        case .countAll(let jql), .count(_, let jql): return Outcome(.count(try await jira.approximateCount(jql: jql)))
        case .recent(let project, let jql, let limit):
            let page = try await jira.searchIssueIDs(jql: jql, pageToken: nil, limit: limit)
            let comparison = try await comparison(of: page.ids, with: project)
            return Outcome(
                .recent(unknown: comparison.new.count + comparison.moved.count, isWhole: page.next == nil))
        case .census(let project, let census, let jql, let limit):
            return try await self.census(of: project, census, jql, limit)
        case .settle(let query, let position, let limit): return try await settle(query, after: position, limit)
        }
    }

    private func mayBrowse() async throws -> Bool {
        try await jira.permissions(["BROWSE_PROJECTS"])["BROWSE_PROJECTS"] ?? false
    }

    private func comparison(of ids: [IssueID], with project: ProjectRow) async throws -> CensusComparison {
        CensusComparison(ids: ids, known: try await store.issues(ids, on: site.key), project: project.key)
    }

    private func census(
        of project: ProjectRow, _ census: ProjectCheck.Census, _ jql: String, _ limit: Int
    ) async throws -> Outcome {
        let page: IssueIDPage
        do {
            page = try await jira.searchIssueIDs(jql: jql, pageToken: census.pageToken, limit: limit)
        } catch JiraError.badRequest(.search, _) where census.pageToken != nil {
            return Outcome(.pageTokenRefused)
        }
        let known = try await store.issues(page.ids, on: site.key)
        let comparison = CensusComparison(ids: page.ids, known: known, project: project.key)
        let moved = comparison.moved.isEmpty ? [] : try await jira.issues(ids: comparison.moved)
        let (reading, writes) = try await renewal(of: moved, known: known, new: comparison.new)
        return Outcome(.census(reading, next: page.next), writes + [.shown(page.ids, at: census.startedAt)])
    }

    private func settle(_ query: UnshownQuery, after position: IssueID, _ limit: Int) async throws -> Outcome {
        let suspects = try await store.unshown(query, after: position, limit: limit, on: site.key)
        let known = Dictionary(uniqueKeysWithValues: suspects.map { ($0.version.id, $0) })
        let shown = suspects.isEmpty ? [] : try await jira.issues(ids: suspects.map(\.version.id))
        let missed = Set(known.keys).subtracting(shown.map(\.id)).sorted()
        // Without the permission everything is gone.
        if !missed.isEmpty, try await !mayBrowse() { return Outcome(.permission(isHeld: false)) }
        let (reading, writes) = try await renewal(of: shown, known: known, new: [])
        let end = suspects.count < limit ? nil : suspects.last?.version.id
        return Outcome(.settled(reading, end: end), writes + [.missed(missed, at: query.since)])
    }

    /// Of known issues what is new: the key, or everything where they have changed.
    private func renewal(
        of shown: [IssueSummary], known: [IssueID: StoredIssue], new: [IssueID]
    ) async throws -> (reading: IssueReading, writes: [SiteWrite]) {
        let unchanged = shown.filter { known[$0.id]?.version.updated == $0.updated }
        let renamed = unchanged.filter { known[$0.id]?.key != $0.key }
        let changed = Set(shown.map(\.id)).subtracting(unchanged.map(\.id)).sorted()
        let unread = new + changed
        let issues = unread.isEmpty ? [] : try await jira.issuesWithComments(ids: unread)
        let (reading, writes) = try await reading(of: issues, next: nil, readsKnown: true)
        let rows = renamed.map {
            IssueRow(version: IssueVersion(id: $0.id, updated: $0.updated), key: $0.key, pending: [])
        }
        return (reading, writes + [.issues(rows)])
    }
}

extension SiteReader.Outcome {
    fileprivate init(_ answer: ReconcileAnswer, _ writes: [SiteWrite] = []) {
        self.init(answer: .reconciled(answer), writes: writes)
    }
}
