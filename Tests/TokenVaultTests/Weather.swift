import TestSupport
import UsageModel

/// What stands between the daemon and Atlassian, and between the daemon and its disk, in spells of true time.
///
/// Spells rather than dice for each request: a law about what a good client can save has to say how long it had a chance.
struct Weather {
    enum Line: CaseIterable {
        case clear
        /// The server rotates, the answer gets lost.
        case losesAnswers
        /// 5xx, nothing rotated.
        case serverErrors
        /// The connection is reset, before the server has seen the request or after.
        case resets
        /// 429.
        case rateLimited
        /// 401 `access_denied`.
        case refusesClient
    }

    private(set) var line = Line.clear
    private(set) var diskFails = false
    private(set) var until: Instant
    /// From here on nothing goes wrong any more.
    let calmFrom: Instant

    var isFair: Bool { line == .clear && !diskFails }

    init(from start: Instant, stormy duration: Duration, _ random: inout SplitMix64) {
        calmFrom = start + duration
        until = start
        change(at: start, &random)
    }

    /// The next spell, to be called when `until` is reached.
    mutating func change(at now: Instant, _ random: inout SplitMix64) {
        (line, diskFails) = (.clear, false)
        guard now < calmFrom else {
            until = Instant(milliseconds: .max)
            return
        }
        let length =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: 1...60
            case 5..<9: 60...300
            default: 300...2400
            }
        until = min(now + .seconds(Int.random(in: length, using: &random)), calmFrom)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<11: break
        case 11..<13: diskFails = true
        case 13: (line, diskFails) = (.losesAnswers, true)
        default: line = Line.allCases.dropFirst().randomElement(using: &random) ?? .clear
        }
    }
}
