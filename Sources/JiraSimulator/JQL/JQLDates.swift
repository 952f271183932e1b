/// Turns JQL's date texts into moments.
///
/// Literals mean the caller's profile zone, whatever the zone of the instants in the answers, and there is no way to
/// write an offset (https://support.atlassian.com/jira-software-cloud/docs/jql-fields/). Digits without quotes are
/// epoch milliseconds.
package struct JQLDates: Sendable {
    package let zone: Zone
    package let now: Moment

    package init(zone: Zone, now: Moment) {
        self.zone = zone
        self.now = now
    }

    package func moment(_ operand: JQLOperand, field: String) throws(JQLError) -> Moment {
        switch operand {
        case .value(let text, let isQuoted):
            guard let moment = moment(text, isQuoted: isQuoted) else { throw .badDate(text, field: field) }
            return moment
        case .function(let name, let arguments):
            return try moment(function: name, arguments, field: field)
        case .empty: throw .badDate("EMPTY", field: field)
        case .list: throw .badDate("list", field: field)
        }
    }

    private func moment(_ text: String, isQuoted: Bool) -> Moment? {
        if !isQuoted, text.utf8.count > 4, let milliseconds = Int64(text), milliseconds >= 0 {
            return Moment(milliseconds: milliseconds)
        }
        // Zero is the one short number that clients use: "since ever".
        if !isQuoted, text == "0" { return Moment(milliseconds: 0) }
        if let civil = Self.civilTime(text) { return zone.moment(of: civil) }
        return Self.period(text).map { now.advanced(bySeconds: $0) }
    }

    private func moment(function: String, _ arguments: [String], field: String) throws(JQLError) -> Moment {
        let shift: Int64
        if let argument = arguments.first {
            guard let period = Self.period(argument) else { throw .badDate(argument, field: field) }
            shift = period
        } else {
            shift = 0
        }
        switch function.lowercased() {
        case "now" where arguments.isEmpty: return now
        case "startofday": return startOfDay(now).advanced(bySeconds: shift)
        default: throw .unknownFunction(function)
        }
    }

    func startOfDay(_ moment: Moment) -> Moment {
        var civil = zone.civilTime(at: moment)
        civil.hour = 0
        civil.minute = 0
        civil.second = 0
        return zone.moment(of: civil)
    }

    /// A bound of `updatedBy`, which knows whole days only: what is finer is rounded up to days, and days begin at
    /// midnight in the caller's zone.
    package func day(_ text: String) -> Moment? {
        if let civil = Self.civilTime(text), civil.hour == 0, civil.minute == 0 { return zone.moment(of: civil) }
        guard let seconds = Self.period(text) else { return nil }
        let days = (abs(seconds) + 86_399) / 86_400
        var civil = zone.civilTime(at: now)
        civil = CivilTime(secondsSinceEpoch: civil.secondsSinceEpoch + (seconds < 0 ? -days : days) * 86_400)
        civil.hour = 0
        civil.minute = 0
        civil.second = 0
        return zone.moment(of: civil)
    }

    /// `yyyy/MM/dd HH:mm`, `yyyy-MM-dd HH:mm`, or either without the time, which then is midnight.
    private static func civilTime(_ text: String) -> CivilTime? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 2 else { return nil }
        let separator: Character = parts[0].contains("/") ? "/" : "-"
        guard let date = numbers(parts[0], separator, count: 3), parts[0].prefix(4).allSatisfy(\.isNumber) else {
            return nil
        }
        guard parts.count == 2 else { return CivilTime(year: date[0], month: date[1], day: date[2]) }
        guard let time = numbers(parts[1], ":", count: 2) else { return nil }
        return CivilTime(year: date[0], month: date[1], day: date[2], hour: time[0], minute: time[1])
    }

    private static func numbers(_ text: Substring, _ separator: Character, count: Int) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == count ? numbers : nil
    }

    /// Seconds of `-90d`, `4w 2d`, `-12h`, `+30m`; the sign stands for the whole.
    private static func period(_ text: String) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        var total: Int64 = 0
        let parts = rest.split(separator: " ")
        guard !parts.isEmpty else { return nil }
        for part in parts {
            guard let count = Int64(part.dropLast()), count >= 0, count < 1_000_000_000 else { return nil }
            switch part.last {
            case "w": total += count * 604_800
            case "d": total += count * 86_400
            case "h": total += count * 3600
            case "m": total += count * 60
            default: return nil
            }
        }
        return isNegative ? -total : total
    }
}
