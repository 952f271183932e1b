import ControlProtocol
import UsageModel

extension VerdictReport {
    /// The verdict in words. They speak of activity that was seen: who only reads leaves no trace.
    func words(lastActivity: LastActivity?) -> String {
        switch state {
        case .active: "active"
        case .inactive:
            // Where the last activity lies before what was collected, only the collection's beginning is known.
            if let since = lastActivity?.at ?? completeSince {
                "no activity seen since \(since.day)"
            } else {
                "no activity seen in \(counted(thresholdDays, "day"))"
            }
        case .neverActive: "no activity ever seen"
        case .unknown: reason.map { "unknown: \($0.words)" } ?? "unknown"
        }
    }

    var emphasis: Style.Emphasis? {
        switch state {
        case .active: .good
        case .inactive, .neverActive: .warning
        case .unknown: nil
        }
    }
}

extension CoverageCause {
    /// Why absence proves nothing.
    var words: String {
        switch self {
        case .backfill: "the reading of the site has not got back that far yet"
        case .beforeHistory: "the window begins before the collected history"
        case .notSynced: "the window ends after the last complete sync"
        case .browseProjectsMissing: "the connected account may not browse projects"
        case .userPickerMissing: "the connected account may not browse users and groups"
        case .neverSynced: "no sync has been completed yet"
        case .unproven: "nothing was seen, and Jira's own search has not confirmed it yet"
        case .erased: "what was known of this person has been erased"
        case .probeDisagrees: "nothing was seen, but Jira's own search says that there was something"
        }
    }
}

extension CoverageState.Hole.Reason {
    /// What is missing there.
    func words(issues: Int?) -> String {
        switch self {
        case .backfill: "the reading of the site goes on"
        case .notSynced: "no sync has been completed since"
        case .neverSynced: CoverageCause.neverSynced.words
        case .browseProjectsMissing: CoverageCause.browseProjectsMissing.words
        case .userPickerMissing: CoverageCause.userPickerMissing.words
        case .issuesPending:
            "of \(issues.map { counted($0, "issue") } ?? "some issues") the histories or comments are still to be read"
        }
    }
}

extension ActivityKind {
    /// What the person did, before the issue's key.
    var words: String {
        switch self {
        case .created: "created"
        case .transitioned: "moved on"
        case .edited: "edited"
        case .attached: "attached a file to"
        case .worklogged: "logged work on"
        case .commented: "commented on"
        }
    }
}

extension LastActivity {
    var words: String { "\(kind.words) \(issueKey ?? "issue \(issue)")" }
}
