import UsageModel

/// Reads the texts of settings. Refusals say what is accepted; only a duration is quoted back, since anything else
/// may be a secret in the wrong place.
enum SettingText {
    typealias Refusal = Setting.Refusal

    static func path(_ text: String) throws(Refusal) -> String {
        guard text.hasPrefix("/"), hasNoControls(text) else {
            throw Refusal(reason: "must be an absolute path, which begins with a slash")
        }
        return text
    }

    static func socketPath(_ text: String) throws(Refusal) -> String {
        let path = try path(text)
        // sun_path of unix(7) has 108 bytes, the last for the terminator.
        guard path.utf8.count <= 107 else {
            throw Refusal(reason: "is \(path.utf8.count) bytes long, and a socket's path has room for 107")
        }
        return path
    }

    static func clientID(_ text: String) throws(Refusal) -> String? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Refusal(reason: "must be the client id that Atlassian's developer console shows, without blanks")
        }
        return text
    }

    static func group(_ text: String) throws(Refusal) -> String {
        guard !text.isEmpty, hasNoControls(text), !text.contains(where: { ":,/".contains($0) }) else {
            throw Refusal(reason: "must be the name of a group")
        }
        return text
    }

    // MARK: - Addresses

    static func server(_ text: String) throws(Refusal) -> String {
        try check(text, allowsQuery: false)
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// Kept to the letter: Atlassian compares it so.
    static func redirect(_ text: String) throws(Refusal) -> String {
        try check(text, allowsQuery: true)
        return text
    }

    static func proxy(_ text: String) throws(Refusal) -> ProxyAddress? {
        guard !text.contains("@") else {
            throw Refusal(
                reason: "may hold no user or password, which are not for this file: "
                    + "have the proxy let this machine through without")
        }
        guard let proxy = ProxyAddress(text) else {
            throw Refusal(reason: "must be http://host:port, with nothing after it")
        }
        return proxy
    }

    private static func check(_ text: String, allowsQuery: Bool) throws(Refusal) {
        guard let address = ServerAddress(text, allowsQuery: allowsQuery) else {
            throw Refusal(reason: "must be a URL such as https://host/path, without a user or a fragment")
        }
        guard address.isConfidential else {
            throw Refusal(reason: "may use http for a loopback address only (127.0.0.1, [::1], localhost); use https")
        }
    }

    // MARK: - Durations

    static func duration(
        _ text: String, in range: ClosedRange<Duration>, alternative: String?
    ) throws(Refusal) -> Duration {
        let orElse = alternative.map { ", or \"\($0)\"" } ?? ""
        guard let duration = duration(text) else {
            let quoted = String(reflecting: String(text.prefix(20)))
            throw Refusal(reason: "\(quoted) is not a duration; write 90d, 12h, 15m or 30s\(orElse)")
        }
        guard range.contains(duration) else {
            let (low, high) = (written(range.lowerBound), written(range.upperBound))
            throw Refusal(reason: "must be from \(low) to \(high)\(orElse)")
        }
        return duration
    }

    static func history(_ text: String) throws(Refusal) -> DaemonSettings.History {
        text == "all" ? .all : .last(try duration(text, in: .days(1) ... .days(36_500), alternative: "all"))
    }

    static func days(_ text: String) throws(Refusal) -> Duration {
        try duration(text, in: .days(1) ... .days(36_500), alternative: nil)
    }

    static func wholeDays(_ text: String) throws(Refusal) -> Int {
        let duration = try duration(text, in: .days(1) ... .days(36_500), alternative: nil)
        let (days, rest) = duration.components.seconds.quotientAndRemainder(dividingBy: 86_400)
        guard rest == 0 else { throw Refusal(reason: "must be whole days, such as 90d") }
        return Int(days)
    }

    /// In the largest unit that has no remainder.
    @Sendable
    static func written(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let unit = units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
        return "\(seconds / unit.seconds)\(unit.letter)"
    }

    @Sendable
    static func written(_ history: DaemonSettings.History) -> String {
        switch history {
        case .all: "all"
        case .last(let duration): written(duration)
        }
    }

    private static let units: [(letter: Character, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    private static func duration(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.last == $0.letter }),
            text.dropLast().utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int64(text.dropLast())
        else { return nil }
        let (seconds, overflows) = count.multipliedReportingOverflow(by: unit.seconds)
        return overflows ? nil : .seconds(seconds)
    }

    private static func hasNoControls(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
