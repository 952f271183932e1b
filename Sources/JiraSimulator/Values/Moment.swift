/// A point on the UTC time line, to the millisecond: what Jira stores for every event.
package struct Moment: Comparable, Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Moment, right: Moment) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func advanced(bySeconds seconds: Int64) -> Moment {
        Moment(milliseconds: milliseconds + seconds * 1000)
    }

    package func advanced(byMilliseconds count: Int64) -> Moment {
        Moment(milliseconds: milliseconds + count)
    }

    /// The start of the UTC hour this moment lies in; Atlassian's points quota starts anew there.
    var startOfHour: Moment {
        Moment(milliseconds: milliseconds - milliseconds.modulo(3_600_000))
    }
}

// MARK: - Text

extension Moment {
    /// Reads RFC 3339 (`2026-11-23T15:00:02.123Z`) and Jira's own form with a colon-less offset
    /// (`2021-01-17T12:34:00.000+0800`). `nil` if the text is neither.
    package init?(text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(digits: 2), scanner.take(":"),
            let minute = scanner.number(digits: 2)
        else { return nil }
        let second = scanner.take(":") ? scanner.number(digits: 2) : 0
        guard let second else { return nil }
        let milliseconds = scanner.take(".") ? scanner.fraction() : 0
        guard let milliseconds, let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        guard let civil else { return nil }
        self.init(milliseconds: (civil.secondsSinceEpoch - Int64(offset)) * 1000 + Int64(milliseconds))
    }

    /// `2026-11-23T15:00:02.123Z`, the form of the oracle.
    package var rfc3339: String {
        text(offset: 0, suffix: "Z")
    }

    /// `2021-01-17T12:34:00.000+0800`: how Jira's REST API writes instants, in the site's zone and without a colon in
    /// the offset (https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/).
    func restText(in zone: Zone) -> String {
        let offset = zone.offset(at: self)
        let minutes = abs(offset) / 60
        return text(offset: offset, suffix: "\(offset < 0 ? "-" : "+")\(padded(minutes / 60))\(padded(minutes % 60))")
    }

    private func text(offset: Int, suffix: String) -> String {
        let local = milliseconds + Int64(offset) * 1000
        let civil = CivilTime(secondsSinceEpoch: local.flooredQuotient(1000))
        let fraction = Int(local.modulo(1000))
        var text = "\(civil.dateText)T\(padded(civil.hour)):\(padded(civil.minute)):\(padded(civil.second))."
        text += fraction < 10 ? "00\(fraction)" : fraction < 100 ? "0\(fraction)" : "\(fraction)"
        text += suffix
        return text
    }
}

/// Reads the fixed-width numbers of a date.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int? {
        let head = rest.prefix(digits)
        guard head.count == digits, head.allSatisfy({ (48...57).contains($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        return head.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    mutating func fraction() -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let three = Array(digits.prefix(3)) + Array(repeating: 48, count: max(0, 3 - digits.count))
        return three.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(digits: 2) else { return nil }
        _ = take(":")
        guard let minutes = number(digits: 2) else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
