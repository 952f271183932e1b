/// The issues of a site's data in the order of `updated`: twelve bytes an issue.
struct UpdatedOrder: Sendable {
    private let updated: [Int64]
    /// Positions by `updated`, then position.
    private let positions: [Int32]

    init(_ data: any SiteData) {
        let updated = (0..<data.issueCount).map { data.outline(at: $0).updated.milliseconds }
        self.updated = updated
        positions = (0..<Int32(data.issueCount)).sorted {
            let (left, right) = (updated[Int($0)], updated[Int($1)])
            return left == right ? $0 < $1 : left < right
        }
    }

    var count: Int { positions.count }

    /// The issue at a rank; 0 is the one that was touched longest ago.
    func place(atRank rank: Int) -> SiteChanges.Place {
        let position = Int(positions[rank])
        return SiteChanges.Place(updated: Moment(milliseconds: updated[position]), position: position)
    }

    func updated(at position: Int) -> Moment {
        Moment(milliseconds: updated[position])
    }

    /// The first rank whose issue does not come before `place`.
    func rank(of place: SiteChanges.Place) -> Int {
        (0..<count).partitionPoint { self.place(atRank: $0) >= place }
    }
}
