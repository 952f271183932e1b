import ControlProtocol

/// A text is read exactly where it is JSON that we accept, and what was read is written so that it is read again.
enum JSONOracle {
    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let right = PlainJSON(input)
        let value: JSON
        do {
            value = try JSON(parsing: input)
        } catch {
            try promise(PlainJSON(error) == right, "refused as \(error), but it is \(right)")
            return
        }
        try promise(right == .accepted, "accepted, but it is \(right)")
        let written = value.bytes
        try promise(!written.contains { $0 < 0x20 }, "written with a control character")
        try promise(PlainJSON(written) == .accepted, "what was written is \(PlainJSON(written))")
        let again: JSON
        do {
            again = try JSON(parsing: written)
        } catch {
            throw BrokenPromise("what was written is refused as \(error)")
        }
        try promise(again == value, "what was written is read as something else")
        // Strings are equal where they look the same; here they must have the same bytes.
        try promise(again.bytes == written, "written differently the second time")
    }

    /// For what we make ourselves.
    static func checkWritten(_ line: [UInt8], longest: Int, what: String) throws(BrokenPromise) {
        try promise(line.count <= longest, "\(what) has \(line.count) bytes")
        try promise(line.last == UInt8(ascii: "\n"), "\(what) does not end its line")
        let content = Array(line.dropLast())
        try promise(!content.contains { $0 < 0x20 }, "\(what) has a control character")
        try promise(PlainJSON(content) == .accepted, "\(what) is \(PlainJSON(content))")
    }
}

extension PlainJSON {
    fileprivate init(_ error: JSONSyntaxError) {
        switch error {
        case .malformed: self = .malformed
        case .tooDeep: self = .tooDeep
        case .duplicateMember: self = .duplicate
        }
    }
}
