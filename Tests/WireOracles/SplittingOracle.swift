import ControlProtocol

/// The lines of a stream do not depend on the pieces that it comes in, and are what lies between line feeds, where that is
/// something.
enum SplittingOracle {
    /// Short lines too, so that short inputs have some that are too long.
    private static let limits = [0, 7, LineSplitter.longestRequest]

    /// In bytes. Byte by byte a long input takes its time.
    private static let longestInBytes = 256

    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let ways = [[input], uneven(input), input.count > longestInBytes ? [] : input.map { [$0] }]
        for limit in limits {
            let right = plainLines(of: input, limit: limit)
            for pieces in ways where !pieces.isEmpty {
                let lines = split(pieces, limit: limit)
                try promise(lines == right, "\(pieces.count) pieces, limit \(limit): \(lines) instead of \(right)")
            }
        }
    }

    private static func split(_ pieces: [[UInt8]], limit: Int) -> [LineSplitter.Line] {
        var splitter = LineSplitter(limit: limit)
        return pieces.flatMap { splitter.append($0) } + [splitter.finish()].compactMap(\.self)
    }

    private static func plainLines(of input: [UInt8], limit: Int) -> [LineSplitter.Line] {
        let parts = input.split(separator: UInt8(ascii: "\n"))
        return parts.map { $0.count > limit ? .tooLong : .line(Array($0)) }
    }

    /// Pieces of sizes that the input itself gives.
    private static func uneven(_ input: [UInt8]) -> [[UInt8]] {
        var (pieces, rest) = ([[UInt8]](), input[...])
        while let first = rest.first {
            let piece = rest.prefix(Int(first) % 61)
            pieces.append(Array(piece))
            // An empty piece is one too, once.
            rest = rest.dropFirst(max(1, piece.count))
            if piece.isEmpty { pieces.append([first]) }
        }
        return pieces
    }
}
