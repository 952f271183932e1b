extension String {
    /// Text of others, without what would move a terminal's cursor or break a line: each such mark becomes U+FFFD.
    package var printable: String {
        guard unicodeScalars.contains(where: Self.isHarmful) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars { result.append(Self.isHarmful(scalar) ? "\u{FFFD}" : scalar) }
        return String(result)
    }

    /// Controls, line separators, and the marks that turn the direction of writing.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
