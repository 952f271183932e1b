import ControlProtocol
import ControlServer

/// Sends the rows of a list as notices, as many in a line as it holds, and counts them.
struct RowStream {
    private let notices: RequestNotices
    private var text: [UInt8] = []
    private(set) var count = 0

    init(_ notices: RequestNotices) {
        self.notices = notices
        text.reserveCapacity(LineSplitter.longestReply)
    }

    /// - Throws: where nobody waits for the rows any more.
    mutating func send(_ row: some JSONConvertible) async throws(CancellationError) {
        let start = text.count
        text.append(UInt8(ascii: text.isEmpty ? "[" : ","))
        row.write(to: &text)
        if text.count > ControlNotification.roomForValue, start > 0 {
            let row = text[(start + 1)...]
            try await sendLine(text[..<start])
            text = [UInt8(ascii: "[")] + row
        }
        count += 1
    }

    /// Sends what is left.
    mutating func finish() async throws(CancellationError) {
        if !text.isEmpty { try await sendLine(text[...]) }
        text = []
    }

    private func sendLine(_ rows: ArraySlice<UInt8>) async throws(CancellationError) {
        try await notices.tell(.rows, .written(rows + [UInt8(ascii: "]")]))
    }
}
