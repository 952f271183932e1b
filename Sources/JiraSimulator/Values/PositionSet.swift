/// A set of issues by their positions: a bit for each, which makes unions of millions cheap.
struct PositionSet: Sendable {
    private var words: [UInt64]

    /// The empty set, with room for positions below `capacity`; it grows if need be.
    init(capacity: Int = 0) {
        words = Array(repeating: 0, count: (capacity + 63) / 64)
    }

    init(_ range: Range<Int>, capacity: Int) {
        self.init(capacity: Swift.max(capacity, range.upperBound))
        for position in range { insert(position) }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ position: Int) -> Bool {
        let word = position >> 6
        return word < words.count && words[word] & (1 << UInt64(position & 63)) != 0
    }

    mutating func insert(_ position: Int) {
        let word = position >> 6
        if word >= words.count { words += Array(repeating: 0, count: word + 1 - words.count) }
        words[word] |= 1 << UInt64(position & 63)
    }

    mutating func remove(_ position: Int) {
        let word = position >> 6
        if word < words.count { words[word] &= ~(1 << UInt64(position & 63)) }
    }

    mutating func formUnion(_ other: PositionSet) {
        if other.words.count > words.count {
            words += Array(repeating: 0, count: other.words.count - words.count)
        }
        for word in other.words.indices { words[word] |= other.words[word] }
    }

    mutating func formIntersection(_ other: PositionSet) {
        for word in words.indices { words[word] &= word < other.words.count ? other.words[word] : 0 }
    }

    /// All positions below `count` that are not in the set.
    func complement(below count: Int) -> PositionSet {
        var rest = PositionSet(capacity: count)
        for word in rest.words.indices { rest.words[word] = ~(word < words.count ? words[word] : 0) }
        for position in count..<Swift.max(rest.words.count * 64, count) { rest.remove(position) }
        return rest
    }

    /// The first position from `start` on.
    func first(from start: Int) -> Int? {
        var word = start >> 6
        guard word < words.count else { return nil }
        var bits = words[word] & (~0 << UInt64(start & 63))
        while bits == 0 {
            word += 1
            guard word < words.count else { return nil }
            bits = words[word]
        }
        return word << 6 + bits.trailingZeroBitCount
    }

    /// The last position below `end`.
    func last(below end: Int) -> Int? {
        var word = (end - 1) >> 6
        guard end > 0, !words.isEmpty else { return nil }
        var bits: UInt64
        if word >= words.count {
            word = words.count - 1
            bits = words[word]
        } else {
            bits = words[word] & (~0 >> UInt64(63 - (end - 1) & 63))
        }
        while bits == 0 {
            word -= 1
            guard word >= 0 else { return nil }
            bits = words[word]
        }
        return word << 6 + 63 - bits.leadingZeroBitCount
    }
}

extension PositionSet: Sequence {
    /// Positions in ascending order.
    struct Iterator: IteratorProtocol {
        fileprivate let set: PositionSet
        fileprivate var start = 0

        mutating func next() -> Int? {
            guard let position = set.first(from: start) else { return nil }
            start = position + 1
            return position
        }
    }

    func makeIterator() -> Iterator { Iterator(set: self) }
}
