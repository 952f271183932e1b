import JiraSimulator
import TestSupport
import Testing
import UsageModel

/// What goes on, or wrong, while a site is synced.
enum Scenario: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case clean
    case shortIndexLag, longIndexLag
    case unbumpedComments
    case movingRows, movingNumberedRows
    case zones
    case brokenAnswers
    case tokenExpiry
    case lostProjects, lostPeople
    case scarcePoints, scarcePointsAndLostProjects, scarcePointsAndNamelessHistories

    var testDescription: String { rawValue }

    /// How far behind Jira's search is.
    var indexLag: Duration {
        switch self {
        case .shortIndexLag: .seconds(600)
        case .longIndexLag: .seconds(5 * 3600)
        default: .zero
        }
    }

    /// How long something may have been done and the sync not know of it.
    ///
    /// A catch-up looks back half an hour, and every six hours a day, so what the index shows later than that is found
    /// by the first such pass. What moves no `updated` is found when somebody's silence is proven anew, after a week.
    var slack: Duration {
        switch self {
        case .shortIndexLag: indexLag
        case .longIndexLag: indexLag + .seconds(6 * 3600) + longestPause
        case .unbumpedComments: .days(7) + longestPause
        default: .zero
        }
    }

    /// Between two passes.
    var longestPause: Duration {
        switch self {
        case .longIndexLag: .seconds(3 * 3600)
        case .unbumpedComments: .days(1)
        default: .days(3)
        }
    }

    /// So few that it is cheaper to ask about each person than to read the window that matters.
    var pointsPerHour: Int {
        switch self {
        case .scarcePoints, .scarcePointsAndLostProjects, .scarcePointsAndNamelessHistories: 300
        default: .max
        }
    }

    func configuration(seed: UInt64) -> SimulatorConfiguration {
        var draw = SplitMix64(seed: seed)
        var configuration = SimulatorConfiguration(
            users: .random(in: 20...40, using: &draw), issues: .random(in: 100...240, using: &draw), seed: seed,
            time: .frozen(at: Moment(milliseconds: 1_781_000_000_000 + .random(in: 0..<86_400_000, using: &draw))))
        switch self {
        case .movingNumberedRows: configuration.pageTokens = .offset
        case .scarcePoints, .scarcePointsAndLostProjects, .scarcePointsAndNamelessHistories:
            // Of so many issues in the window that matters.
            configuration.issues = .random(in: 300...400, using: &draw)
            configuration.history = .days(120)
            if self == .scarcePointsAndNamelessHistories {
                // Jira's search finds nobody by a worklog whose history has no author: of so many people, somebody did
                // nothing else in that window.
                configuration.users = .random(in: 140...160, using: &draw)
                configuration.namelessHistories = 0.97
            }
        case .zones:
            let change = ClockChange.all[Int(seed) % ClockChange.all.count]
            configuration.callerZone = change.zone
            configuration.time = .frozen(
                at: change.moment.advanced(bySeconds: 60 * .random(in: -150...90, using: &draw)))
        default: break
        }
        return configuration
    }

    /// In force from before the first pass.
    var faults: [FaultRule] {
        var rule = FaultRule()
        switch self {
        case .shortIndexLag, .longIndexLag: rule.indexLagSeconds = Int(indexLag.components.seconds)
        case .unbumpedComments: rule.commentEditsDoNotBump = true
        default: return []
        }
        return [rule]
    }
}

/// A moment at which the clocks of a zone are changed, and zones in which none is.
struct ClockChange: Sendable {
    let zone: String
    let moment: Moment

    private init(_ zone: String, _ seconds: Int64) {
        self.zone = zone
        moment = Moment(milliseconds: seconds * 1000)
    }

    static let all = [
        ClockChange("America/New_York", 1_793_512_800),  // 2026-11-01 06:00 UTC, one hour back
        ClockChange("Europe/Berlin", 1_792_890_000),  // 2026-10-25 01:00 UTC, one hour back
        ClockChange("Australia/Lord_Howe", 1_775_314_800),  // 2026-04-04 15:00 UTC, half an hour back
        ClockChange("America/St_Johns", 1_793_507_400),  // 2026-11-01 04:30 UTC, one hour back
        ClockChange("Africa/Casablanca", 1_771_120_800),  // 2026-02-15 02:00 UTC, one hour back
        ClockChange("Asia/Kolkata", 1_774_722_600),  // never; a midnight
        ClockChange("Pacific/Kiritimati", 1_774_778_400),  // never; a midnight
        ClockChange("Europe/Berlin", 1_774_746_000),  // 2026-03-29 01:00 UTC, one hour forth
        ClockChange("America/New_York", 1_772_953_200),  // 2026-03-08 07:00 UTC, one hour forth
        ClockChange("Australia/Lord_Howe", 1_791_041_400),  // 2026-10-03 15:30 UTC, half an hour forth
        ClockChange("America/St_Johns", 1_772_947_800),  // 2026-03-08 05:30 UTC, one hour forth
        ClockChange("Africa/Casablanca", 1_774_144_800),  // 2026-03-22 02:00 UTC, one hour forth
    ]
}
