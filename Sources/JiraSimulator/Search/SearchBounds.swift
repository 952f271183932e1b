/// What a condition's outermost conjunction says about where to look.
struct SearchBounds {
    private(set) var updated = MomentRange()
    private(set) var created = MomentRange()
    private(set) var positions: Set<Int>?
    private(set) var range: Range<Int>?
    private(set) var projects: Set<Int>?
    /// The whole condition is about `updated` and projects: the index alone can tell how many issues there are.
    private(set) var isToldByIndex: Bool

    init(_ condition: IssueCondition) {
        isToldByIndex = true
        add(condition)
    }

    private mutating func add(_ condition: IssueCondition) {
        switch condition {
        case .all(let parts): for part in parts { add(part) }
        case .test(.updated(let range)): updated = updated.intersection(range)
        case .test(.project(let some)): projects = projects.map { $0.intersection(some) } ?? some
        case .test(.created(let range)):
            created = created.intersection(range)
            isToldByIndex = false
        case .test(.issue(let some)):
            positions = positions.map { $0.intersection(some) } ?? some
            isToldByIndex = false
        case .test(.positions(let some)):
            range = range.map { $0.clamped(to: some) } ?? some
            isToldByIndex = false
        case .any, .not, .test: isToldByIndex = false
        }
    }

    /// The projects to walk through one by one; `nil`: all issues at once.
    func lanes(in snapshot: SiteSnapshot) -> [Int]? {
        if let projects { return projects.filter { snapshot.visibleProjects.contains($0) } }
        if snapshot.visibleProjects.areAll { return nil }
        return snapshot.projects.indices.filter { snapshot.visibleProjects.contains($0) }
    }

    /// The one project whose issues are wanted, if it is one.
    var onlyProject: Int? { projects?.count == 1 ? projects?.first : nil }

    /// How many issues the ranges of `updated` and the projects leave.
    func countByUpdated(in snapshot: SiteSnapshot) -> Int {
        guard let lanes = lanes(in: snapshot) else { return UpdatedWalk(snapshot, range: updated).count() }
        return lanes.reduce(0) { $0 + UpdatedWalk(snapshot, range: updated, project: $1).count() }
    }

    /// The issues that the ranges of `updated` and the projects leave.
    func positionsByUpdated(in snapshot: SiteSnapshot) -> PositionSet {
        var found = PositionSet(capacity: snapshot.positionCount)
        if let lanes = lanes(in: snapshot) {
            for lane in lanes { UpdatedWalk(snapshot, range: updated, project: lane).add(to: &found) }
        } else {
            UpdatedWalk(snapshot, range: updated).add(to: &found)
        }
        return found
    }

    func positionRange(in snapshot: SiteSnapshot) -> Range<Int> {
        var found = 0..<snapshot.positionCount
        if let range { found = found.clamped(to: range) }
        guard snapshot.data.isInOrderOfCreation else { return found }
        let first = created.lower.map { snapshot.firstPosition(createdFrom: $0) } ?? 0
        let end = created.upper.map { snapshot.firstPosition(createdFrom: $0) } ?? snapshot.positionCount
        return found.clamped(to: first..<max(first, end))
    }
}
