/// Who touched which issue of a site's data and when, and whose work is logged where: eight bytes a touch.
struct TouchIndex: Sendable {
    /// By person; in the order of positions.
    private let touches: Rows<Touch>
    private let work: Rows<Work>

    private struct Touch: Sendable {
        let position: Int32
        let second: UInt32
    }

    private struct Work: Sendable {
        let position: Int32
        let started: Moment
    }

    init(_ parts: [StoryPart], people: Int) {
        touches = Rows(parts.lazy.map(\.touches), of: people, owner: { Int($0.person) }) {
            Touch(position: $0.position, second: $0.second)
        }
        work = Rows(parts.lazy.map(\.work), of: people, owner: { Int($0.person) }) {
            Work(position: $0.position, started: $0.started)
        }
    }

    /// - Parameter range: its bounds are whole seconds, as those of `updatedBy()` are.
    func forEachTouch(by person: PersonIndex, in range: MomentRange, _ body: (_ position: Int) -> Void) {
        let seconds = range.seconds
        for touch in touches[person] where seconds.contains(touch.second) {
            body(Int(touch.position))
        }
    }

    func forEachWork(by person: PersonIndex, started range: MomentRange, _ body: (_ position: Int) -> Void) {
        for work in work[person] where range.contains(work.started) {
            body(Int(work.position))
        }
    }

    /// Rows of many owners in one array.
    private struct Rows<Row: Sendable>: Sendable {
        private let rows: [Row]
        /// By owner: the index of its first row.
        private let starts: [Int]

        init<Part>(
            _ parts: some Sequence<[Part]>, of owners: Int, owner: (Part) -> Int, row: (Part) -> Row
        ) {
            var starts = [Int](repeating: 0, count: owners + 1)
            for part in parts {
                for element in part { starts[owner(element) + 1] += 1 }
            }
            for index in 0..<owners { starts[index + 1] += starts[index] }
            var next = starts
            rows = Array(unsafeUninitializedCapacity: starts[owners]) { buffer, count in
                for part in parts {
                    for element in part {
                        let place = next[owner(element)]
                        next[owner(element)] = place + 1
                        buffer.initializeElement(at: place, to: row(element))
                    }
                }
                count = starts[owners]
            }
            self.starts = starts
        }

        subscript(owner: Int) -> ArraySlice<Row> {
            owner >= 0 && owner < starts.count - 1 ? rows[starts[owner]..<starts[owner + 1]] : []
        }
    }
}

extension MomentRange {
    /// The same range in seconds since 1970.
    fileprivate var seconds: Range<UInt32> {
        func second(_ moment: Moment) -> UInt32 { UInt32(clamping: moment.milliseconds.flooredQuotient(1000)) }
        let first = lower.map(second) ?? 0
        return first..<Swift.max(first, upper.map(second) ?? .max)
    }
}
