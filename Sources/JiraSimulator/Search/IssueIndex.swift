/// The issues of a site's data by `updated` and by project: some twenty bytes an issue, so that searches look at no issue
/// that they do not give out.
struct IssueIndex: Sendable {
    private let updated: [Int64]
    private let project: [UInt16]
    /// Positions by `updated`, then position.
    let order: [Int32]
    /// The same for each project.
    let orderInProject: [[Int32]]
    /// By project, ascending.
    let positionsInProject: [[Int32]]

    init(_ data: any SiteData) {
        let outlines = (0..<data.issueCount).mapInParallel(partSize: 1 << 16) { part in
            part.map { position in
                let outline = data.outline(at: position)
                return (updated: outline.updated.milliseconds, project: UInt16(outline.project))
            }
        }
        let updated = outlines.flatMap { $0.map(\.updated) }
        let project = outlines.flatMap { $0.map(\.project) }
        let order = (0..<Int32(data.issueCount)).sorted {
            let (left, right) = (updated[Int($0)], updated[Int($1)])
            return left == right ? $0 < $1 : left < right
        }
        var orderInProject = [[Int32]](repeating: [], count: data.projects.count)
        for position in order { orderInProject[Int(project[Int(position)])].append(position) }
        self.updated = updated
        self.project = project
        self.order = order
        self.orderInProject = orderInProject
        positionsInProject = orderInProject.map { $0.sorted() }
    }

    func updated(at position: Int) -> Moment {
        Moment(milliseconds: updated[position])
    }

    func project(at position: Int) -> Int {
        Int(project[position])
    }

    func place(at position: Int) -> Place {
        Place(updated: updated(at: position), position: position)
    }

    /// Where an issue stands in the order of `updated`.
    struct Place: Comparable, Sendable {
        let updated: Moment
        let position: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.updated, left.position) < (right.updated, right.position)
        }

        /// Comes before every issue touched at `moment`.
        static func start(of moment: Moment) -> Place {
            Place(updated: moment, position: -1)
        }
    }
}

extension RandomAccessCollection<IssueIndex.Place> where Index == Int {
    /// The indices of the places whose `updated` lies in `range`; the collection must be in order.
    func span(of range: MomentRange) -> Range<Int> {
        let first = range.lower.map { moment in partitionPoint { $0 >= .start(of: moment) } } ?? startIndex
        let end = range.upper.map { moment in partitionPoint { $0 >= .start(of: moment) } } ?? endIndex
        return first..<Swift.max(first, end)
    }
}
