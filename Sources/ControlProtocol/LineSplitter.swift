/// Cuts a stream of bytes into lines, however the bytes arrive: one at a time or all at once gives the same lines.
package struct LineSplitter: Sendable {
    package enum Line: Hashable, Sendable {
        /// A line's bytes without its line feed.
        case line([UInt8])
        /// A line that is longer than the limit: said once, then its bytes are dropped up to its line feed.
        case tooLong
    }

    /// The longest request line, without its line feed.
    package static let longestRequest = 128 * 1024
    /// The longest line that a daemon writes, line feed included.
    package static let longestReply = 60 * 1024

    private let limit: Int
    private var pending: [UInt8] = []
    private var isDiscarding = false

    /// - Parameter limit: the longest line in bytes, without its line feed.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes what has arrived and hands over the lines that are complete with it, but for empty ones. Each byte is looked at
    /// once.
    package mutating func append(_ bytes: some Collection<UInt8>) -> [Line] {
        // Only of bytes in one piece, and of one type, is this fast where it is called from another module.
        bytes.withContiguousStorageIfAvailable { appendPiece($0) }
            ?? Array(bytes).withUnsafeBufferPointer { appendPiece($0) }
    }

    private mutating func appendPiece(_ bytes: UnsafeBufferPointer<UInt8>) -> [Line] {
        var lines: [Line] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if start < end { take(bytes[start..<end], into: &lines) }
            if !isDiscarding, !pending.isEmpty { lines.append(.line(pending)) }
            if !pending.isEmpty { pending = [] }
            isDiscarding = false
            start = end + 1
        }
        take(bytes[start...], into: &lines)
        return lines
    }

    /// Whether a line has been begun, or is being dropped, and its line feed has not come.
    package var isInsideLine: Bool { !pending.isEmpty || isDiscarding }

    /// What stands after the last line feed, once nothing more will come; `nil` where that is nothing.
    package mutating func finish() -> Line? {
        defer { pending = [] }
        return pending.isEmpty ? nil : .line(pending)
    }

    private mutating func take(_ piece: Slice<UnsafeBufferPointer<UInt8>>, into lines: inout [Line]) {
        guard !isDiscarding else { return }
        if pending.count + piece.count > limit {
            lines.append(.tooLong)
            pending.removeAll(keepingCapacity: false)
            isDiscarding = true
        } else {
            pending.append(contentsOf: piece)
        }
    }
}
