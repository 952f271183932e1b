/// Who touched what since the simulator started, by person.
struct ChangedTouches: Sendable {
    struct Touch: Sendable {
        let position: Int
        let at: Moment
    }

    struct Work: Sendable {
        let position: Int
        /// When the worklog was made.
        let at: Moment
        let started: Moment
    }

    private var touches: [PersonIndex: [Touch]] = [:]
    private(set) var work: [PersonIndex: [Work]] = [:]
    /// Issues of whose comments one was edited: an edit before that one no longer counts as a touch.
    private(set) var commentEdits = PositionSet()

    mutating func add(_ issue: Issue, at position: Int) {
        touch(issue.creator, position, at: issue.created)
    }

    mutating func add(_ event: SiteChanges.Event, at position: Int) {
        if let history = event.change.history { touch(history.author, position, at: event.at) }
        switch event.change {
        case .comment(let comment): touch(comment.author, position, at: event.at)
        case .commentEdit(_, let editor, _):
            touch(editor, position, at: event.at)
            commentEdits.insert(position)
        case .worklog(let worklog, _):
            guard let author = worklog.author else { return }
            work[author, default: []].append(Work(position: position, at: event.at, started: worklog.started))
        case .history, .worklogEdit, .attachment, .move, .deletion: break
        }
    }

    private mutating func touch(_ person: PersonIndex?, _ position: Int, at moment: Moment) {
        guard let person else { return }
        touches[person, default: []].append(Touch(position: position, at: moment))
    }

    func touches(of person: PersonIndex) -> [Touch] { touches[person] ?? [] }
}

/// Where the keys lead that issues were given since: those of new issues, and those of moved ones.
struct MovedKeys: Sendable {
    private struct Key: Hashable {
        let project: Int
        let number: Int
    }

    private var positions: [Key: Int] = [:]

    mutating func add(project: Int, number: Int, at position: Int) {
        positions[Key(project: project, number: number)] = position
    }

    func position(project: Int, number: Int) -> Int? {
        positions[Key(project: project, number: number)]
    }
}
