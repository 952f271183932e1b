/// A query ready to run on a snapshot of a site.
struct IssueSearch {
    private let snapshot: SiteSnapshot
    private let condition: IssueCondition
    private let order: [SearchSort]
    private let bounds: SearchBounds

    /// - Throws: `JQLError` for what Jira refuses, queries without any restriction among them.
    init(_ jql: String, on snapshot: SiteSnapshot, dates: JQLDates) throws(JQLError) {
        let query = try JQLParser.parse(jql)
        var order: [SearchSort] = []
        for sort in query.order { order.append(try SearchSort(sort)) }
        guard let clause = query.clause else { throw .unbounded }
        condition = try ConditionBinder(snapshot: snapshot, dates: dates).bind(clause)
        bounds = SearchBounds(condition)
        self.order = order.isEmpty ? [.byDefault] : order
        self.snapshot = snapshot
    }

    /// Where a page ended: the next begins with what comes after this issue in the query's order.
    struct Cursor: Equatable {
        let position: Int
        /// The issue's `updated` when it was given out. An issue that moves later is not lost from an ascending walk.
        let updated: Moment
    }

    struct Page {
        let positions: [Int]
        /// `nil` on the last page.
        let next: Cursor?
    }

    func page(after cursor: Cursor?, limit: Int) -> Page {
        let rows = rows(after: cursor, limit: limit + 1)
        let given = rows.prefix(limit)
        let next = rows.count > limit ? given.last.map { Cursor(position: $0.position, updated: $0.updated) } : nil
        return Page(positions: given.map(\.position), next: next)
    }

    func count() -> Int {
        if bounds.isOnlyUpdated, snapshot.visibleProjects.hidden.isEmpty, snapshot.visibleProjects.mayBrowse {
            return UpdatedWalk(snapshot, range: bounds.updated).count()
        }
        return candidates().reduce(0) { matches($1) == nil ? $0 : $0 + 1 }
    }

    // MARK: - Walks

    private func rows(after cursor: Cursor?, limit: Int) -> [FoundIssue] {
        let first = order[0]
        let isFirstOfMany = bounds.positions == nil
        switch first.key {
        case .updated where isFirstOfMany:
            return walkByUpdated(after: cursor, limit: limit, isDescending: first.isDescending)
        case .id where isFirstOfMany && !bounds.isNarrow(in: snapshot),
            .created where isFirstOfMany && !bounds.isNarrow(in: snapshot) && snapshot.data.isInOrderOfCreation:
            return walkByPosition(after: cursor, limit: limit, isDescending: first.isDescending)
        default:
            return sorted(after: cursor, limit: limit)
        }
    }

    /// By `updated`, from the index; issues touched at the same instant are put in order by the other terms.
    private func walkByUpdated(after cursor: Cursor?, limit: Int, isDescending: Bool) -> [FoundIssue] {
        var walk = UpdatedWalk(snapshot, range: bounds.updated, isDescending: isDescending, from: cursor?.updated)
        let last = cursor.map { found(IssueView($0.position, in: snapshot), updated: $0.updated) }
        var rows: [FoundIssue] = []
        var previous: Moment?
        while let place = walk.next() {
            if rows.count >= limit, place.updated != previous { break }
            guard let row = matches(place.position) else { continue }
            if let last, !(last < row) { continue }
            rows.append(row)
            previous = place.updated
        }
        rows.sort()
        return Array(rows.prefix(limit))
    }

    /// By position, which is the order of ids and of creation.
    private func walkByPosition(after cursor: Cursor?, limit: Int, isDescending: Bool) -> [FoundIssue] {
        var range = bounds.positionRange(in: snapshot)
        if let position = cursor?.position {
            range =
                isDescending
                ? range.clamped(to: 0..<position) : range.clamped(to: (position + 1)..<Int.max)
        }
        var rows: [FoundIssue] = []
        func take(_ position: Int) -> Bool {
            if let row = matches(position) { rows.append(row) }
            return rows.count < limit
        }
        if isDescending {
            for position in range.reversed() { guard take(position) else { break } }
        } else {
            for position in range { guard take(position) else { break } }
        }
        return rows
    }

    /// All that is found, put in order: for orders without an index.
    private func sorted(after cursor: Cursor?, limit: Int) -> [FoundIssue] {
        let last = cursor.map { found(IssueView($0.position, in: snapshot), updated: $0.updated) }
        let rows = candidates().compactMap { matches($0) }.filter { row in last.map { $0 < row } ?? true }
        return Array(rows.sorted().prefix(limit))
    }

    private func candidates() -> [Int] {
        if let positions = bounds.positions { return Array(positions) }
        if bounds.isNarrow(in: snapshot) {
            var walk = UpdatedWalk(snapshot, range: bounds.candidatesByUpdated(in: snapshot))
            var positions: [Int] = []
            while let place = walk.next() { positions.append(place.position) }
            if bounds.seeksTouched { positions = Array(Set(positions).union(snapshot.changes.changedPositions)) }
            return positions
        }
        if let projects = bounds.projects {
            return projects.flatMap { snapshot.positions(inProject: $0) }
        }
        return Array(bounds.positionRange(in: snapshot))
    }

    // MARK: - Rows

    private func matches(_ position: Int) -> FoundIssue? {
        var view = IssueView(position, in: snapshot)
        guard snapshot.isVisible(view.outline), view.satisfies(condition) else { return nil }
        return found(view, updated: view.outline.updated)
    }

    private func found(_ view: IssueView, updated: Moment) -> FoundIssue {
        var view = view
        let terms = order.map { sort in
            FoundIssue.Term(value: value(of: sort.key, &view, updated: updated), isDescending: sort.isDescending)
        }
        return FoundIssue(position: view.position, updated: updated, terms: terms)
    }

    private func value(
        of key: SearchSort.Key, _ view: inout IssueView, updated: Moment
    ) -> FoundIssue.Value {
        let outline = view.outline
        func name(_ person: PersonIndex?) -> FoundIssue.Value {
            .text(person.map { snapshot.people[$0].displayName } ?? "", 0)
        }
        switch key {
        case .id: return .number(outline.id)
        case .key: return .text(snapshot.projects[outline.project].key, outline.number)
        case .project: return .text(snapshot.projects[outline.project].name, 0)
        case .created: return .number(outline.created.milliseconds)
        case .updated: return .number(updated.milliseconds)
        case .creator: return name(view.issue.creator)
        case .reporter: return name(view.issue.reporter)
        case .assignee: return name(view.issue.assignee)
        case .status: return .text(view.issue.status.id, 0)
        case .type: return .text(view.issue.type.name, 0)
        case .priority: return .text(view.issue.priority.id, 0)
        case .summary: return .text(view.issue.summary, 0)
        }
    }
}

/// A found issue with the values by which it is put in order.
struct FoundIssue: Comparable {
    let position: Int
    let updated: Moment
    let terms: [Term]

    struct Term: Equatable {
        let value: Value
        let isDescending: Bool
    }

    enum Value: Comparable {
        case number(Int64)
        case text(String, Int)
    }

    static func == (left: FoundIssue, right: FoundIssue) -> Bool {
        left.position == right.position && left.terms == right.terms
    }

    static func < (left: FoundIssue, right: FoundIssue) -> Bool {
        for (one, other) in zip(left.terms, right.terms) where one.value != other.value {
            return one.isDescending ? one.value > other.value : one.value < other.value
        }
        return left.position < right.position
    }
}
