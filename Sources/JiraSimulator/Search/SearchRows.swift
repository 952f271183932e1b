/// The walks by which found issues come in the order that the query asks for.
extension IssueSearch {
    /// Up to `limit` issues that come after `cursor`.
    func rows(after cursor: Cursor?, limit: Int) -> [IssueIndex.Place] {
        let first = order[0]
        switch first.key {
        case .updated where found == nil && bounds.positions == nil:
            return walkByUpdated(after: cursor, limit: limit, isDescending: first.isDescending)
        case .id,
            .created where snapshot.data.isInOrderOfCreation:
            return walkByPosition(after: cursor, limit: limit, isDescending: first.isDescending)
        case .updated:
            return pickByUpdated(after: cursor, limit: limit, isDescending: first.isDescending)
        default:
            return Array(sorted(candidates.filter(matches).map(place), after: cursor).prefix(limit))
        }
    }

    private func place(_ position: Int) -> IssueIndex.Place {
        IssueIndex.Place(updated: snapshot.updated(at: position), position: position)
    }

    /// By `updated`, from the index; issues touched at the same instant are put in order by the other terms.
    private func walkByUpdated(after cursor: Cursor?, limit: Int, isDescending: Bool) -> [IssueIndex.Place] {
        var walk = UpdatedWalk(
            snapshot, range: bounds.updated, project: bounds.onlyProject, isDescending: isDescending,
            from: cursor?.updated)
        var rows: [IssueIndex.Place] = []
        var sameInstant: [IssueIndex.Place] = []
        while let place = walk.next() {
            if let instant = sameInstant.first?.updated, instant != place.updated {
                rows += sorted(sameInstant, after: cursor)
                sameInstant.removeAll(keepingCapacity: true)
                if rows.count >= limit { break }
            }
            if matches(place.position) { sameInstant.append(place) }
        }
        rows += sorted(sameInstant, after: cursor)
        return Array(rows.prefix(limit))
    }

    /// By position, which is the order of ids and of creation.
    private func walkByPosition(after cursor: Cursor?, limit: Int, isDescending: Bool) -> [IssueIndex.Place] {
        var walk = PositionWalk(self, isDescending: isDescending, after: cursor?.position, limit: limit)
        var rows: [IssueIndex.Place] = []
        while rows.count < limit, let position = walk.next() {
            if matches(position) { rows.append(place(position)) }
        }
        return rows
    }

    /// By `updated`, out of a set of issues: those that come first, without putting all of them in order.
    private func pickByUpdated(after cursor: Cursor?, limit: Int, isDescending: Bool) -> [IssueIndex.Place] {
        let sign: Int64 = isDescending ? -1 : 1
        func rank(_ place: IssueIndex.Place) -> Int64 { sign * place.updated.milliseconds }
        let start = cursor.map(rank) ?? .min
        var best: [IssueIndex.Place] = []
        var worst = Int64.max
        var room = 4 * limit + 1024
        for position in candidates {
            let place = place(position)
            guard rank(place) >= start, rank(place) <= worst, matches(position) else { continue }
            best.append(place)
            guard best.count >= room else { continue }
            best.sort { rank($0) < rank($1) }
            // Those of the cursor's own instant may have been given out already, so they are not reckoned with.
            let first = best.partitionPoint { rank($0) > start }
            if first + limit <= best.count {
                worst = rank(best[first + limit - 1])
                best.removeSubrange(best.partitionPoint { rank($0) > worst }...)
            }
            room = max(room, 2 * best.count)
        }
        return Array(sorted(best, after: cursor).prefix(limit))
    }

    // MARK: - Any order

    /// All that comes after the cursor, by all terms of the order.
    private func sorted(_ places: [IssueIndex.Place], after cursor: Cursor?) -> [IssueIndex.Place] {
        if places.count == 1, cursor?.updated != places[0].updated, order[0].key == .updated { return places }
        let last = cursor.map(row)
        return places.map(row).filter { row in last.map { $0 < row } ?? true }.sorted().map(\.place)
    }

    private func row(_ place: IssueIndex.Place) -> FoundIssue {
        var view = IssueView(place.position, in: snapshot)
        let terms = order.map { sort in
            FoundIssue.Term(
                value: value(of: sort.key, &view, updated: place.updated), isDescending: sort.isDescending)
        }
        return FoundIssue(place: place, terms: terms)
    }

    private func value(
        of key: SearchSort.Key, _ view: inout IssueView, updated: Moment
    ) -> FoundIssue.Value {
        func name(_ person: PersonIndex?) -> FoundIssue.Value {
            .text(person.map { snapshot.people[$0].displayName } ?? "", 0)
        }
        switch key {
        case .id: return .number(view.outline.id)
        case .key: return .text(snapshot.projects[view.outline.project].key, view.outline.number)
        case .project: return .text(snapshot.projects[view.outline.project].name, 0)
        case .created: return .number(view.outline.created.milliseconds)
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
    let place: IssueIndex.Place
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
        left.place.position == right.place.position && left.terms == right.terms
    }

    static func < (left: FoundIssue, right: FoundIssue) -> Bool {
        for (one, other) in zip(left.terms, right.terms) where one.value != other.value {
            return one.isDescending ? one.value > other.value : one.value < other.value
        }
        return left.place.position < right.place.position
    }
}
