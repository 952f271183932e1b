/// Walks a site's issues in the order of `updated`: the index of its data and the changed issues, merged.
struct UpdatedWalk {
    private let snapshot: SiteSnapshot
    private let isDescending: Bool
    private var ranks: Range<Int>
    private var changed: Range<Int>

    /// - Parameters:
    ///   - range: of `updated`; what lies outside is left out.
    ///   - start: where to begin within the range, in the walk's direction.
    init(_ snapshot: SiteSnapshot, range: MomentRange, isDescending: Bool = false, from start: Moment? = nil) {
        self.snapshot = snapshot
        self.isDescending = isDescending
        var range = range
        if let start {
            let rest =
                isDescending
                ? MomentRange(upper: start.advanced(byMilliseconds: 1)) : MomentRange(lower: start)
            range = range.intersection(rest)
        }
        let order = snapshot.updatedOrder
        func bounds(_ count: Int, _ first: (SiteChanges.Place) -> Int) -> Range<Int> {
            let lower = range.lower.map { first(SiteChanges.Place(updated: $0, position: -1)) } ?? 0
            let upper = range.upper.map { first(SiteChanges.Place(updated: $0, position: -1)) } ?? count
            return lower..<max(lower, upper)
        }
        ranks = bounds(order.count) { order.rank(of: $0) }
        let places = snapshot.changedPlaces
        changed = bounds(places.count) { place in places.partitionPoint { $0 >= place } }
    }

    /// How many issues the whole range holds.
    func count() -> Int {
        let outdated = snapshot.changes.changedPositions.count { position in
            guard position < snapshot.data.issueCount else { return false }
            let place = SiteChanges.Place(updated: snapshot.updatedOrder.updated(at: position), position: position)
            return ranks.contains(snapshot.updatedOrder.rank(of: place))
        }
        return ranks.count - outdated + changed.count
    }

    mutating func next() -> SiteChanges.Place? {
        let unchanged = nextUnchanged()
        guard let position = isDescending ? changed.last : changed.first else {
            if unchanged != nil { advanceRanks() }
            return unchanged
        }
        let place = snapshot.changedPlaces[position]
        if let unchanged, isDescending ? unchanged > place : unchanged < place {
            advanceRanks()
            return unchanged
        }
        changed = isDescending ? changed.dropLast() : changed.dropFirst()
        return place
    }

    /// The next place of the index that is still true.
    private mutating func nextUnchanged() -> SiteChanges.Place? {
        while let rank = isDescending ? ranks.last : ranks.first {
            let place = snapshot.updatedOrder.place(atRank: rank)
            if !snapshot.changes.isChanged(place.position) { return place }
            advanceRanks()
        }
        return nil
    }

    private mutating func advanceRanks() {
        ranks = isDescending ? ranks.dropLast() : ranks.dropFirst()
    }
}
