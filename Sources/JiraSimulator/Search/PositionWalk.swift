/// Walks the issues among which a search's are in the order of positions: out of a set, or out of one project, or all.
struct PositionWalk {
    private let source: Source
    private let isDescending: Bool
    private var range: Range<Int>

    private enum Source {
        case all
        case some(PositionSet)
        /// A project's positions as the site's data have them, of which those that changed are left out, and the changed
        /// issues that are in the project now.
        case project([Int32], changed: PositionSet, now: PositionSet)
    }

    /// - Parameters:
    ///   - position: where the page before ended.
    ///   - limit: how many issues are wanted.
    init(_ search: IssueSearch, isDescending: Bool, after position: Int?, limit: Int) {
        self.isDescending = isDescending
        range = search.bounds.positionRange(in: search.snapshot)
        if let position {
            range = range.clamped(to: isDescending ? 0..<position : (position + 1)..<Int.max)
        }
        if search.found != nil || search.bounds.positions != nil || Self.isQuicker(search, limit: limit) {
            source = .some(search.candidates)
        } else if let project = search.bounds.onlyProject {
            var now = PositionSet()
            for position in search.snapshot.changedPositions(inProject: project) { now.insert(position) }
            source = .project(
                search.snapshot.index.positionsInProject[project], changed: search.snapshot.changes.changed, now: now)
        } else {
            source = .all
        }
    }

    /// Whether it is quicker to collect all that `updated` leaves than to look at one issue after the other until there
    /// are enough.
    private static func isQuicker(_ search: IssueSearch, limit: Int) -> Bool {
        guard search.bounds.updated != MomentRange() else { return false }
        let few = search.bounds.countByUpdated(in: search.snapshot)
        let all =
            search.bounds.onlyProject.map { search.snapshot.index.positionsInProject[$0].count }
            ?? search.snapshot.positionCount
        // Collecting costs a small part of what a look costs.
        return few * few < all * limit * 16
    }

    mutating func next() -> Int? {
        guard !range.isEmpty else { return nil }
        let found = neighbour(of: isDescending ? range.upperBound - 1 : range.lowerBound)
        guard let found, range.contains(found) else {
            range = 0..<0
            return nil
        }
        range = isDescending ? range.lowerBound..<found : (found + 1)..<range.upperBound
        return found
    }

    /// The first position from `start` on, in the walk's direction.
    private func neighbour(of start: Int) -> Int? {
        switch source {
        case .all: return start
        case .some(let set): return neighbour(of: start, in: set)
        case .project(let positions, let changed, let now):
            let unchanged = neighbour(of: start, in: positions, outside: changed)
            let other = neighbour(of: start, in: now)
            guard let unchanged, let other else { return unchanged ?? other }
            return isDescending ? max(unchanged, other) : min(unchanged, other)
        }
    }

    private func neighbour(of start: Int, in set: PositionSet) -> Int? {
        isDescending ? set.last(below: start + 1) : set.first(from: start)
    }

    private func neighbour(of start: Int, in positions: [Int32], outside changed: PositionSet) -> Int? {
        let first = positions.partitionPoint { isDescending ? $0 > start : $0 >= start }
        if isDescending { return positions[..<first].last { !changed.contains(Int($0)) }.map { Int($0) } }
        return positions[first...].first { !changed.contains(Int($0)) }.map { Int($0) }
    }
}
