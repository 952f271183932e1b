/// A restriction whose names are looked up: what an issue must be to be found.
indirect enum IssueCondition: Sendable {
    case all([IssueCondition])
    case any([IssueCondition])
    case not(IssueCondition)
    case test(IssueTest)
}

/// One thing to look at in an issue.
enum IssueTest: Sendable {
    case project(Set<Int>)
    /// Positions.
    case issue(Set<Int>)
    case positions(Range<Int>)
    case created(MomentRange)
    case updated(MomentRange)
    case person(PersonField, Set<PersonIndex?>)
    /// Names or ids in lower case.
    case named(NamedField, Set<String>)
    case summary(String)
    /// A worklog by one of these people, or by anybody, that was started then.
    case worklog(by: Set<PersonIndex?>?, started: MomentRange)
    /// `updatedBy()`: by whom, and when.
    case touched(PersonIndex?, MomentRange)
}

enum PersonField: Sendable {
    case creator, reporter, assignee
}

enum NamedField: Sendable {
    case status, type, priority
}

/// From `lower` on, and before `upper`.
struct MomentRange: Sendable, Equatable {
    var lower: Moment?
    var upper: Moment?

    func contains(_ moment: Moment) -> Bool {
        if let lower, moment < lower { return false }
        if let upper, moment >= upper { return false }
        return true
    }

    func intersection(_ other: MomentRange) -> MomentRange {
        MomentRange(
            lower: [lower, other.lower].compactMap { $0 }.max(), upper: [upper, other.upper].compactMap { $0 }.min())
    }
}

/// An issue under examination; its story is told only if a test asks for it.
struct IssueView {
    let position: Int
    private let snapshot: SiteSnapshot
    private var told: Issue?
    private var outlined: IssueOutline?

    init(_ position: Int, in snapshot: SiteSnapshot) {
        self.position = position
        self.snapshot = snapshot
    }

    var outline: IssueOutline {
        mutating get {
            if let outlined { return outlined }
            let outline = snapshot.outline(at: position)
            outlined = outline
            return outline
        }
    }

    var issue: Issue {
        mutating get {
            if let told { return told }
            let issue = snapshot.issue(at: position)
            told = issue
            return issue
        }
    }

    mutating func satisfies(_ condition: IssueCondition) -> Bool {
        switch condition {
        case .all(let parts):
            for part in parts where !satisfies(part) { return false }
            return true
        case .any(let parts):
            for part in parts where satisfies(part) { return true }
            return false
        case .not(let part): return !satisfies(part)
        case .test(let test): return passes(test)
        }
    }

    private mutating func passes(_ test: IssueTest) -> Bool {
        switch test {
        case .project(let projects): return projects.contains(snapshot.project(at: position))
        case .issue(let positions): return positions.contains(position)
        case .positions(let range): return range.contains(position)
        case .created(let range): return range.contains(outline.created)
        case .updated(let range): return range.contains(snapshot.updated(at: position))
        case .person(.creator, let people): return people.contains(issue.creator)
        case .person(.reporter, let people): return people.contains(issue.reporter)
        case .person(.assignee, let people): return people.contains(issue.assignee)
        case .named(.status, let names): return names.contains(issue.status)
        case .named(.type, let names): return names.contains(issue.type)
        case .named(.priority, let names): return names.contains(issue.priority)
        case .summary(let words): return issue.summary.lowercased().contains(words)
        case .worklog(let people, let range):
            return issue.worklogs.contains { worklog in
                range.contains(worklog.started) && (people.map { $0.contains(worklog.author) } ?? true)
            }
        case .touched(let person, let range): return issue.wasTouched(by: person, in: range)
        }
    }
}

extension Set<String> {
    fileprivate func contains(_ named: Named) -> Bool {
        contains(named.name.lowercased()) || contains(named.id)
    }
}

extension Issue {
    /// What `updatedBy()` matches: creation, changes of fields, new and deleted comments, and of edited comments the
    /// last edit (https://support.atlassian.com/jira-software-cloud/docs/jql-functions/).
    func wasTouched(by person: PersonIndex?, in range: MomentRange) -> Bool {
        var wasTouched = false
        forEachTouch { somebody, moment in
            if somebody == person, range.contains(moment) { wasTouched = true }
        }
        return wasTouched
    }

    /// Everybody's touches, as far as it is known whose they are.
    func forEachTouch(_ body: (PersonIndex, Moment) -> Void) {
        if let creator { body(creator, created) }
        for history in histories {
            if let author = history.author { body(author, history.created) }
        }
        for comment in comments {
            if let author = comment.author { body(author, comment.created) }
            if let editor = comment.updateAuthor, comment.updated != comment.created { body(editor, comment.updated) }
        }
    }
}
