/// A query ready to run on a snapshot of a site.
struct IssueSearch {
    let snapshot: SiteSnapshot
    let condition: IssueCondition
    let order: [SearchSort]
    let bounds: SearchBounds
    /// What the indexes found of the people whom the query asks for; `nil`: it asks for none, or they cannot tell.
    let found: IndexedCondition.Found?

    /// - Throws: `JQLError` for what Jira refuses, queries without any restriction among them.
    ///
    /// - Parameter updatedByLimit: how many calls of `updatedBy()` a query may hold.
    init(
        _ jql: String, on snapshot: SiteSnapshot, dates: JQLDates, updatedByLimit: Int? = nil
    ) throws(JQLError) {
        let query = try JQLParser.parse(jql)
        if let limit = updatedByLimit, query.clause?.countCalls(of: "updatedby") ?? 0 > limit {
            throw .tooManyCalls("updatedBy", limit: limit)
        }
        var order: [SearchSort] = []
        for sort in query.order { order.append(try SearchSort(sort)) }
        guard let clause = query.clause else { throw .unbounded }
        condition = try ConditionBinder(snapshot: snapshot, dates: dates).bind(clause)
        bounds = SearchBounds(condition)
        self.order = order.isEmpty ? [.byDefault] : order
        self.snapshot = snapshot
        found = condition.isAboutDeeds ? IndexedCondition(snapshot).find(condition) : nil
    }

    /// Where a page ended: the next begins with what comes after this issue in the query's order. `updated` is what it was
    /// when the issue was given out; an issue that moves later is not lost from an ascending walk.
    typealias Cursor = IssueIndex.Place

    /// Where a page begins.
    enum Start: Equatable {
        case after(Cursor)
        /// Counted from 0.
        case row(Int)
    }

    struct Page {
        let positions: [Int]
        /// `nil` on the last page.
        let next: Start?
    }

    /// - Parameter start: `nil` for the first page.
    func page(from start: Start?, limit: Int, tokens: PageTokens) -> Page {
        var skipped = 0
        var rows: [IssueIndex.Place]
        switch start {
        case nil: rows = self.rows(after: nil, limit: limit + 1)
        case .after(let cursor): rows = self.rows(after: cursor, limit: limit + 1)
        case .row(let number):
            skipped = number
            rows = Array(self.rows(after: nil, limit: number + limit + 1).dropFirst(number))
        }
        let isLast = rows.count <= limit
        rows = Array(rows.prefix(limit))
        let next: Start? =
            switch tokens {
            case .keyset: rows.last.map { .after($0) }
            case .offset: .row(skipped + rows.count)
            }
        return Page(positions: rows.map(\.position), next: isLast ? nil : next)
    }

    func count() -> Int {
        if bounds.isToldByIndex { return bounds.countByUpdated(in: snapshot) }
        if let found, found.rest == nil, snapshot.visibleProjects.areAll {
            // Only issues that were deleted are not to be seen.
            let changed = snapshot.changedPositions
            return found.positions.count - changed.count { found.positions.contains($0) && !matches($0) }
        }
        return candidates.reduce(0) { matches($1) ? $0 + 1 : $0 }
    }

    /// Whether the issue at a position is found.
    func matches(_ position: Int) -> Bool {
        guard snapshot.isVisible(at: position) else { return false }
        guard let found else {
            var view = IssueView(position, in: snapshot)
            return view.satisfies(condition)
        }
        guard found.positions.contains(position) else { return false }
        guard let rest = found.rest else { return true }
        var view = IssueView(position, in: snapshot)
        return view.satisfies(rest)
    }

    /// All positions among which the issues to be found are.
    var candidates: PositionSet {
        if let found { return found.positions }
        if let positions = bounds.positions {
            var set = PositionSet(capacity: snapshot.positionCount)
            for position in positions { set.insert(position) }
            return set
        }
        if bounds.updated != MomentRange() || bounds.projects != nil {
            return bounds.positionsByUpdated(in: snapshot)
        }
        return PositionSet(bounds.positionRange(in: snapshot), capacity: snapshot.positionCount)
    }
}
