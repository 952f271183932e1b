/// What kind of thing a person did. The raw value is the word on the wire.
///
/// The order is the order in which activities of the same instant are told: of a history that moved an issue and
/// edited a field, the edit is "the last activity". It is arbitrary, but it is the same everywhere.
package enum ActivityKind: String, CaseIterable, Sendable, Comparable {
    /// Created an issue: its `creator`, not its `reporter`, whom anybody may set.
    case created
    /// A history with a `status` item.
    case transitioned
    /// A history with any other field, a deleted comment's `Comment` item included.
    case edited
    /// A history with an `Attachment` item.
    case attached
    /// Logged work, or changed or deleted a worklog.
    case worklogged
    /// Wrote a comment, or edited one.
    case commented

    /// The place in the order above, from 0.
    package var rank: Int {
        switch self {
        case .created: 0
        case .transitioned: 1
        case .edited: 2
        case .attached: 3
        case .worklogged: 4
        case .commented: 5
        }
    }

    package static func < (lhs: ActivityKind, rhs: ActivityKind) -> Bool { lhs.rank < rhs.rank }
}

/// One thing that one person did, with what identifies it at Jira.
package struct Activity: Hashable, Sendable {
    /// What this activity is known by. The same source read twice is one activity.
    package struct Source: Hashable, Sendable {
        package let kind: ActivityKind
        /// The issue's id for `created`, the comment's for `commented`, the worklog's for `worklogged`, otherwise the
        /// history's.
        package let id: Int64
        /// 0 for what happens once; 1 for a comment's last edit; for a worklog, twice the instant in milliseconds,
        /// and one more where the worklog itself tells of it and not the changelog.
        package let ordinal: Int64

        package init(kind: ActivityKind, id: Int64, ordinal: Int64 = 0) {
            self.kind = kind
            self.id = id
            self.ordinal = ordinal
        }

        /// What a history tells of a worklog: that it was logged, changed or deleted.
        package static func worklogHistory(_ worklog: Int64, at instant: Instant) -> Source {
            Source(kind: .worklogged, id: worklog, ordinal: instant.milliseconds * 2)
        }

        /// What a worklog tells of itself. The same event has a history as a rule, some milliseconds later, which
        /// then stands instead.
        package static func worklog(_ worklog: Int64, at instant: Instant) -> Source {
            Source(kind: .worklogged, id: worklog, ordinal: instant.milliseconds * 2 + 1)
        }
    }

    package let source: Source
    package let account: AccountID
    package let issue: IssueID
    package let at: Instant

    package init(source: Source, account: AccountID, issue: IssueID, at: Instant) {
        self.source = source
        self.account = account
        self.issue = issue
        self.at = at
    }
}

/// How many activities of one kind a person has, and when the last one was.
package struct ActivityTally: Hashable, Sendable {
    /// 0 or more.
    package let count: Int
    /// `nil` exactly where `count` is 0.
    package let lastAt: Instant?

    package init(count: Int, lastAt: Instant?) {
        self.count = count
        self.lastAt = lastAt
    }

    package static let none = ActivityTally(count: 0, lastAt: nil)
}

/// The latest thing that a person did, as evidence for a verdict.
package struct LastActivity: Hashable, Sendable {
    package let at: Instant
    package let kind: ActivityKind
    package let issue: IssueID
    /// The key the issue had when it was last read; it changes when the issue moves.
    package let issueKey: String?

    package init(at: Instant, kind: ActivityKind, issue: IssueID, issueKey: String?) {
        self.at = at
        self.kind = kind
        self.issue = issue
        self.issueKey = issueKey
    }
}
