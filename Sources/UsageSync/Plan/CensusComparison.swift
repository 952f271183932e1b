import UsageModel
import UsageStore

/// What a page of the ids of a project's issues says beside what is known.
struct CensusComparison: Hashable, Sendable {
    /// Not known, or last time not shown: to be read.
    let new: [IssueID]
    /// Known as another project's: the key is another now.
    let moved: [IssueID]

    init(ids: [IssueID], known: [IssueID: StoredIssue], project: String) {
        new = ids.filter { known[$0]?.isMissed ?? true }
        moved = ids.filter { id in
            known[id].map { !$0.isMissed && !$0.isIn(project: project) } ?? false
        }
    }
}
