import UsageModel

/// The header `Cycle-Period`: how often each stored account is to be reported.
///
/// Atlassian documents the header and not its form. Known here are a number of seconds, or of days where it is below 366,
/// with or without the unit's name; and durations of ISO 8601 in weeks, days, hours, minutes and seconds.
struct CyclePeriod: Hashable, Sendable {
    /// Between one hour and 90 days: what lies outside is a mistake, and would have us report without pause, or never.
    let duration: Duration

    private static let range = Duration.seconds(3600)...Duration.days(90)

    /// `nil` for what is none.
    init?(_ text: String) {
        let text = text.lowercased().filter { !$0.isWhitespace && $0 != "\"" }
        guard let seconds = Self.isoSeconds(text) ?? Self.plainSeconds(text), seconds.isFinite else { return nil }
        let duration = Duration.milliseconds(Int64(min(seconds, 1e12) * 1000))
        guard Self.range.contains(duration) else { return nil }
        self.duration = duration
    }

    private static func plainSeconds(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(number), value > 0 else { return nil }
        switch text.dropFirst(number.count) {
        case "": return value < 366 ? value * 86_400 : value
        case "d", "day", "days": return value * 86_400
        case "h", "hour", "hours": return value * 3600
        case "s", "sec", "second", "seconds": return value
        case "ms": return value / 1000
        default: return nil
        }
    }

    /// For example `P7D`, `P1W`, `PT168H`, `P1DT12H30M`. Months and years have no length of their own.
    private static func isoSeconds(_ text: String) -> Double? {
        guard text.first == "p" else { return nil }
        var (seconds, isTime, number, hasPart) = (0.0, false, "", false)
        for character in text.dropFirst() {
            if character.isASCII, character.isNumber || character == "." {
                number.append(character)
                continue
            }
            if character == "t", number.isEmpty, !isTime {
                isTime = true
                continue
            }
            let units: [Character: Double] = isTime ? ["h": 3600, "m": 60, "s": 1] : ["w": 604_800, "d": 86_400]
            guard let unit = units[character], let value = Double(number) else { return nil }
            seconds += value * unit
            (number, hasPart) = ("", true)
        }
        return number.isEmpty && hasPart ? seconds : nil
    }
}
