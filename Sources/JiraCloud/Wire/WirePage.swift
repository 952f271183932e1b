/// Atlassian's `PageBean`: a page found by how many rows come before it.
struct WirePage<Row: Decodable>: Decodable {
    let values: [Row]?
    let total: Int?
    let isLast: Bool?

    var rows: [Row] { values ?? [] }

    /// Where the next page starts; `nil` after the last one. A page without rows is the last, whatever it says.
    func next(after startAt: Int) -> Int? {
        let end = startAt + rows.count
        guard !rows.isEmpty, isLast != true else { return nil }
        if isLast == nil, let total, end >= total { return nil }
        return end
    }
}

extension Sequence {
    /// Without the elements whose `key` came before. Rows move while pages are found by number, and come twice.
    func uniqued<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
        var seen: Set<Key> = []
        return filter { seen.insert(key($0)).inserted }
    }
}
