/// Answers conditions about what people did from the indexes, without a look at the issues' stories.
struct IndexedCondition {
    private let snapshot: SiteSnapshot

    init(_ snapshot: SiteSnapshot) {
        self.snapshot = snapshot
    }

    /// What the indexes found.
    struct Found {
        var positions: PositionSet
        /// What the issues found must satisfy besides; `nil`: nothing.
        var rest: IssueCondition?
    }

    /// `nil` if the indexes cannot tell. Deleted issues, and those that the caller may not see, may be among the found.
    func find(_ condition: IssueCondition) -> Found? {
        switch condition {
        case .all(let parts): return findAll(parts)
        case .any(let parts):
            var positions = PositionSet(capacity: snapshot.positionCount)
            for part in parts {
                if add(part, to: &positions) { continue }
                guard let found = exact(part) else { return nil }
                positions.formUnion(found)
            }
            return Found(positions: positions)
        case .not(let part):
            return exact(part).map { Found(positions: $0.complement(below: snapshot.positionCount)) }
        case .test(let test):
            var positions = PositionSet(capacity: snapshot.positionCount)
            return add(test, to: &positions) ? Found(positions: positions) : nil
        }
    }

    /// Looks up the terms about people, who touch few of all issues, and leaves other terms for a look at what is found.
    private func findAll(_ parts: [IssueCondition]) -> Found? {
        let asksForPeople = parts.contains { $0.isAboutDeeds }
        var positions: PositionSet?
        var rest: [IssueCondition] = []
        for part in parts {
            guard part.isAboutDeeds == asksForPeople, let found = find(part) else {
                rest.append(part)
                continue
            }
            if positions == nil { positions = found.positions } else { positions?.formIntersection(found.positions) }
            if let condition = found.rest { rest.append(condition) }
        }
        return positions.map { Found(positions: $0, rest: rest.isEmpty ? nil : .all(rest)) }
    }

    private func exact(_ condition: IssueCondition) -> PositionSet? {
        guard var found = find(condition) else { return nil }
        guard let rest = found.rest else { return found.positions }
        for position in found.positions {
            var view = IssueView(position, in: snapshot)
            if !view.satisfies(rest) { found.positions.remove(position) }
        }
        return found.positions
    }

    private func add(_ condition: IssueCondition, to positions: inout PositionSet) -> Bool {
        guard case .test(let test) = condition else { return false }
        return add(test, to: &positions)
    }

    /// Adds what passes a test; says whether the indexes know.
    private func add(_ test: IssueTest, to positions: inout PositionSet) -> Bool {
        switch test {
        case .touched(let person, let range):
            if let person { addTouched(by: person, in: range, to: &positions) }
        case .worklog(let people?, let range):
            guard !people.contains(nil) else { return false }
            for person in people.compactMap({ $0 }) { addWork(of: person, started: range, to: &positions) }
        case .updated(let range):
            UpdatedWalk(snapshot, range: range).add(to: &positions)
        case .issue(let some):
            for position in some { positions.insert(position) }
        case .positions(let range):
            for position in range { positions.insert(position) }
        case .project, .created, .person, .named, .summary, .worklog(by: nil, _): return false
        }
        return true
    }

    private func addTouched(by person: PersonIndex, in range: MomentRange, to positions: inout PositionSet) {
        let changes = snapshot.changes.touches
        func add(_ position: Int) {
            // Of a comment only the last edit counts: a later one may have made this touch void.
            if changes.commentEdits.contains(position),
                !snapshot.issue(at: position).wasTouched(by: person, in: range)
            {
                return
            }
            positions.insert(position)
        }
        snapshot.touchIndex.forEachTouch(by: person, in: range, add)
        for touch in changes.touches(of: person) where isSeen(touch.at) && range.contains(touch.at) {
            add(touch.position)
        }
    }

    private func addWork(of person: PersonIndex, started range: MomentRange, to positions: inout PositionSet) {
        snapshot.touchIndex.forEachWork(by: person, started: range) { positions.insert($0) }
        for work in snapshot.changes.touches.work[person] ?? [] where isSeen(work.at) && range.contains(work.started) {
            positions.insert(work.position)
        }
    }

    private func isSeen(_ moment: Moment) -> Bool {
        snapshot.cut.map { moment <= $0 } ?? true
    }
}

extension IssueCondition {
    /// Whether any term asks who did something or logged work.
    var isAboutDeeds: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains { $0.isAboutDeeds }
        case .not(let part): part.isAboutDeeds
        case .test(.touched), .test(.worklog): true
        case .test: false
        }
    }
}
