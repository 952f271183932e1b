package import ControlProtocol

/// What holds for whatever bytes come over the socket, from either side. The fuzzer asks it, and so do plain tests.
package enum WireOracle {
    /// - Parameter input: what a caller sends, and what a daemon might answer.
    /// - Throws: what does not hold for it.
    package static func check(_ input: [UInt8]) throws(BrokenPromise) {
        try SplittingOracle.check(input)
        try JSONOracle.check(input)
        for line in lines(of: input) {
            try JSONOracle.check(line)
            try RequestOracle.check(line)
            try ReplyOracle.check(reply: line)
        }
    }

    /// The requests among the input's lines.
    package static func requests(in input: [UInt8]) -> [ControlRequest] {
        // What is refused has been looked at by `check`.
        lines(of: input).compactMap { try? ControlRequest(line: $0) }
    }

    private static func lines(of input: [UInt8]) -> [[UInt8]] {
        var splitter = LineSplitter(limit: LineSplitter.longestRequest)
        let found = splitter.append(input) + [splitter.finish()].compactMap(\.self)
        return found.compactMap { if case .line(let bytes) = $0 { bytes } else { nil } }
    }
}
