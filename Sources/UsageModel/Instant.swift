/// A point in time: milliseconds since 1970-01-01T00:00:00Z, the precision in which Jira tells time.
///
/// Leap seconds do not exist, as in POSIX. Written as RFC 3339 in UTC with milliseconds.
package struct Instant: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.milliseconds < rhs.milliseconds }

    package static func + (lhs: Instant, rhs: Duration) -> Instant {
        Instant(milliseconds: lhs.milliseconds + rhs.inMilliseconds)
    }

    package static func - (lhs: Instant, rhs: Duration) -> Instant {
        Instant(milliseconds: lhs.milliseconds - rhs.inMilliseconds)
    }

    /// The time from `earlier` to this instant; negative where `earlier` is the later one.
    package func duration(since earlier: Instant) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }
}

extension Duration {
    /// A day of 24 hours: thresholds and history are counted in these.
    package static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }

    /// Whole milliseconds, rounded towards zero.
    package var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

// MARK: - Text

extension Instant: CustomStringConvertible, LosslessStringConvertible {
    /// For example `2026-11-23T15:00:02.000Z`.
    package var description: String {
        var text: [UInt8] = []
        appendDescription(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends ``description`` in UTF-8: a long list has a million of them.
    package func appendDescription(to output: inout [UInt8]) {
        let (days, time) = milliseconds.quotientAndRemainderFlooring(dividingBy: 86_400_000)
        let date = CivilDate(daysSinceEpoch: days)
        output.append(date.year, digits: 4)
        output.append(UInt8(ascii: "-"), date.month)
        output.append(UInt8(ascii: "-"), date.day)
        output.append(UInt8(ascii: "T"), time / 3_600_000)
        output.append(UInt8(ascii: ":"), time / 60_000 % 60)
        output.append(UInt8(ascii: ":"), time / 1000 % 60)
        output.append(UInt8(ascii: "."))
        output.append(time % 1000, digits: 3)
        output.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 and what Jira writes beside it: an offset without a colon (`+0200`), fractions of any length
    /// (cut to milliseconds) or none, seconds left out (`2026-03-26T16:00Z`, in its rate limit headers), and a bare
    /// date, which is midnight UTC.
    package init?(_ text: String) {
        var reader = DigitReader(rest: text[...].utf8)
        self.init(&reader)
    }

    /// As from a text, without making one of the bytes.
    package init?(utf8 bytes: ArraySlice<UInt8>) {
        var reader = DigitReader(rest: bytes)
        self.init(&reader)
    }

    private init?<Bytes>(_ reader: inout DigitReader<Bytes>) {
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let midnight = date.daysSinceEpoch * 86_400_000
        guard !reader.isAtEnd else {
            self.init(milliseconds: midnight)
            return
        }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(digits: 2), hour < 24,
            reader.skip(":"), let minute = reader.number(digits: 2), minute < 60
        else { return nil }
        var time = (hour * 60 + minute) * 60_000
        if reader.skip(":") {
            // 60 is a leap second, which RFC 3339 allows and POSIX time folds into the next minute.
            guard let second = reader.number(digits: 2), second <= 60 else { return nil }
            time += second * 1000
            if reader.skip(".") || reader.skip(",") {
                guard let fraction = reader.fractionInMilliseconds() else { return nil }
                time += fraction
            }
        }
        guard let offset = reader.offsetInMinutes(), reader.isAtEnd else { return nil }
        self.init(milliseconds: midnight + time - offset * 60_000)
    }
}

/// A day of the proleptic Gregorian calendar, in UTC.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, in: year) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The months are counted from March, so that the leap day comes last in its year and needs no case of its own.
    init(daysSinceEpoch days: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainderFlooring(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).quotientAndRemainderFlooring(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func length(ofMonth month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads a text of digits and marks from its start, byte by byte.
private struct DigitReader<Bytes: Collection<UInt8>> where Bytes.SubSequence == Bytes {
    var rest: Bytes

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func fractionInMilliseconds() -> Int64? {
        var (value, scale): (Int64, Int64) = (0, 100)
        var isEmpty = true
        while let digit = digit() {
            value += digit * scale
            scale /= 10
            isEmpty = false
        }
        return isEmpty ? nil : value
    }

    mutating func offsetInMinutes() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2) else { return nil }
        _ = skip(":")
        guard let minutes = number(digits: 2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }
}

extension [UInt8] {
    /// A mark and a number from 0 to 99, in two digits.
    fileprivate mutating func append(_ mark: UInt8, _ value: Int64) {
        append(mark)
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// - Parameter digits: at least so many, with zeros before them.
    fileprivate mutating func append(_ value: Int64, digits: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = value.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || count - start < digits
        self[start...].reverse()
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that days before 1970 come out as days, not as halves.
    fileprivate func quotientAndRemainderFlooring(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

// MARK: - In words

extension Instant {
    /// The day, in UTC: `2026-11-23`.
    package var day: String { String(description.prefix(10)) }

    /// The minute, in UTC: `2026-11-23 15:00 UTC`.
    package var minute: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
