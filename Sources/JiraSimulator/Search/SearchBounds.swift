/// What a condition's outermost conjunction says about where to look.
struct SearchBounds {
    private(set) var updated = MomentRange()
    private(set) var created = MomentRange()
    private(set) var positions: Set<Int>?
    private(set) var range: Range<Int>?
    private(set) var projects: Set<Int>?
    /// Issues touched since then, by `updatedBy`.
    private var touched = MomentRange()
    /// The whole condition is about `updated`.
    private(set) var isOnlyUpdated: Bool

    init(_ condition: IssueCondition) {
        isOnlyUpdated = true
        add(condition)
    }

    private mutating func add(_ condition: IssueCondition) {
        switch condition {
        case .all(let parts): for part in parts { add(part) }
        case .test(.updated(let range)): updated = updated.intersection(range)
        case .test(.created(let range)):
            created = created.intersection(range)
            isOnlyUpdated = false
        case .test(.issue(let some)):
            positions = positions.map { $0.intersection(some) } ?? some
            isOnlyUpdated = false
        case .test(.positions(let some)):
            range = range.map { $0.clamped(to: some) } ?? some
            isOnlyUpdated = false
        case .test(.project(let some)):
            projects = projects.map { $0.intersection(some) } ?? some
            isOnlyUpdated = false
        case .test(.touched(_, let range)):
            touched.lower = [touched.lower, range.lower].compactMap { $0 }.max()
            isOnlyUpdated = false
        case .any, .not, .test: isOnlyUpdated = false
        }
    }

    /// Issues touched without a move of `updated` may lie outside `candidatesByUpdated`.
    var seeksTouched: Bool { touched.lower != nil }

    /// The `updated` of all candidates.
    func candidatesByUpdated(in snapshot: SiteSnapshot) -> MomentRange {
        guard snapshot.data.updatedIsLast else { return updated }
        return MomentRange(lower: [updated.lower, touched.lower].compactMap { $0 }.max(), upper: updated.upper)
    }

    /// Whether the range of `updated` leaves out most of the site.
    func isNarrow(in snapshot: SiteSnapshot) -> Bool {
        let range = candidatesByUpdated(in: snapshot)
        guard range.lower != nil || range.upper != nil else { return false }
        return UpdatedWalk(snapshot, range: range).count() < snapshot.positionCount / 2
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
