/// Walks a site's issues in the order of `updated`: the index of its data and the changed issues, merged.
struct UpdatedWalk {
    private let snapshot: SiteSnapshot
    private let project: Int?
    private let range: MomentRange
    private let isDescending: Bool
    private var ranks: Range<Int>
    private var changed: Range<Int>

    /// - Parameters:
    ///   - range: of `updated`; what lies outside is left out.
    ///   - project: the only one whose issues are wanted; `nil`: those of all.
    ///   - start: where to begin within the range, in the walk's direction.
    init(
        _ snapshot: SiteSnapshot, range: MomentRange = MomentRange(), project: Int? = nil, isDescending: Bool = false,
        from start: Moment? = nil
    ) {
        self.snapshot = snapshot
        self.project = project
        self.isDescending = isDescending
        var range = range
        if let start {
            let rest =
                isDescending
                ? MomentRange(upper: start.advanced(byMilliseconds: 1)) : MomentRange(lower: start)
            range = range.intersection(rest)
        }
        self.range = range
        ranks = 0..<0
        changed = snapshot.changedPlaces.span(of: range)
        ranks = places.span(of: range)
    }

    /// The places of the index, which may be outdated.
    private var places: LazyMapSequence<[Int32], IssueIndex.Place> {
        let index = snapshot.index
        return positions.lazy.map { index.place(at: Int($0)) }
    }

    private var positions: [Int32] {
        project.map { snapshot.index.orderInProject[$0] } ?? snapshot.index.order
    }

    /// How many issues are still to come.
    func count() -> Int {
        let displaced = snapshot.changes.displaced
        let outdated = displaced.span(of: range).count { index in
            project.map { snapshot.index.project(at: displaced[index].position) == $0 } ?? true
        }
        let added = project == nil ? changed.count : changed.count { isWanted(snapshot.changedPlaces[$0]) }
        return ranks.count - outdated + added
    }

    /// Adds all issues that are still to come.
    func add(to set: inout PositionSet) {
        let outdated = snapshot.changes.changed
        for position in positions[ranks] where !outdated.contains(Int(position)) { set.insert(Int(position)) }
        for place in snapshot.changedPlaces[changed] where isWanted(place) { set.insert(place.position) }
    }

    private func isWanted(_ place: IssueIndex.Place) -> Bool {
        project.map { snapshot.project(at: place.position) == $0 } ?? true
    }

    mutating func next() -> IssueIndex.Place? {
        skipOutdated()
        let unchanged = isDescending ? ranks.last : ranks.first
        let changedIndex = isDescending ? changed.last : changed.first
        guard let changedIndex else {
            guard let unchanged else { return nil }
            advanceRanks()
            return snapshot.index.place(at: Int(positions[unchanged]))
        }
        let place = snapshot.changedPlaces[changedIndex]
        if let unchanged {
            let other = snapshot.index.place(at: Int(positions[unchanged]))
            if isDescending ? other > place : other < place {
                advanceRanks()
                return other
            }
        }
        changed = isDescending ? changed.dropLast() : changed.dropFirst()
        return place
    }

    private mutating func skipOutdated() {
        while let rank = isDescending ? ranks.last : ranks.first,
            snapshot.changes.isChanged(Int(positions[rank]))
        { advanceRanks() }
        while let index = isDescending ? changed.last : changed.first, !isWanted(snapshot.changedPlaces[index]) {
            changed = isDescending ? changed.dropLast() : changed.dropFirst()
        }
    }

    private mutating func advanceRanks() {
        ranks = isDescending ? ranks.dropLast() : ranks.dropFirst()
    }
}
