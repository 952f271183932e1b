import ControlProtocol
import Glibc

/// Cuts what the daemon sends into lines, as ``ControlProtocol/LineSplitter`` does for anybody, but straight from the
/// memory that was read into: a stream may have gigabytes.
struct ReplyLines {
    enum Line {
        /// A line's bytes without its line feed.
        case line([UInt8])
        /// A line that is longer than a reply may be.
        case tooLong
    }

    private var bytes: [UInt8] = []
    /// What of `bytes` was handed over already.
    private var taken = 0
    /// Up to where there is no line feed.
    private var searched = 0

    mutating func append(_ new: UnsafeRawBufferPointer) {
        bytes.removeFirst(taken)
        searched -= taken
        taken = 0
        bytes.append(contentsOf: new)
    }

    /// The next line; `nil` where it has not come whole yet.
    mutating func next() -> Line? {
        let end = bytes.withUnsafeBytes { memory -> Int? in
            guard let start = memory.baseAddress, searched < memory.count,
                let found = memchr(start + searched, CInt(UInt8(ascii: "\n")), memory.count - searched)
            else { return nil }
            return UnsafeRawPointer(found) - start
        }
        guard let end else {
            searched = bytes.count
            return bytes.count - taken > LineSplitter.longestReply ? .tooLong : nil
        }
        let line = Array(bytes[taken..<end])
        (taken, searched) = (end + 1, end + 1)
        return line.count > LineSplitter.longestReply ? .tooLong : .line(line)
    }
}
