import TestSupport
import UsageModel
import UsageStore

@testable import UsageSync

extension PlanWorld {
    static let noon = Instant(milliseconds: 1_795_600_800_000)

    static func account(_ number: Int) -> AccountID {
        AccountID(rawValue: "p\(number)") ?? { preconditionFailure("not an account id") }()
    }

    /// People of whom the first third are busy, and issues spread over so many days, the newer the more.
    static func random(
        seed: UInt64, people: Int = 12, issues: Int = 60, days: Int = 300, history: Duration? = nil,
        concurrency: Int = 4, pointsPerHour: Int = .max
    ) -> PlanWorld {
        var generator = SplitMix64(seed: seed)
        var world = PlanWorld(
            now: noon, history: history, concurrency: concurrency, pointsPerHour: pointsPerHour, seed: seed)
        world.people = (1...people).map(account)
        for number in 1...issues {
            let age = Double.random(in: 0...1, using: &generator)
            let updated = noon - .milliseconds(Int64(age * age * Double(days) * 86_400_000) + 60_000)
            let author = account(Int.random(in: 1...max(1, people / 3), using: &generator))
            var issue = Issue(id: IssueID(rawValue: Int64(number)), updated: updated)
            issue.touches = [Touch(account: author, at: updated)]
            if Int.random(in: 0..<5, using: &generator) == 0 {
                let earlier = updated - .days(Int.random(in: 0...20, using: &generator))
                issue.comments = [
                    Touch(account: account(Int.random(in: 1...people, using: &generator)), at: earlier)
                ]
            }
            world.issues.append(issue)
        }
        return world
    }

    /// One more thing done, by somebody on some issue.
    mutating func touch(_ issue: Int, by account: AccountID, at instant: Instant) {
        issues[issue].updated = max(issues[issue].updated, instant)
        issues[issue].touches.append(Touch(account: account, at: instant))
    }

    /// The kinds of steps asked of Jira, each once in the order of its first.
    var order: [String] {
        var seen: [String] = []
        for step in requests {
            let name = step.name
            if !seen.contains(name) { seen.append(name) }
        }
        return seen
    }
}

extension Step {
    var name: String {
        switch self {
        case .readFacts: "facts"
        case .readPermissions: "permissions"
        case .readRoster: "roster"
        case .readAccess: "access"
        case .readGrants: "grants"
        case .findOldest: "oldest"
        case .countHistory: "count"
        case .readPage(_, let jql, _): jql.contains("\"-") ? "changes" : "window"
        case .readHistories: "histories"
        case .readComments: "comments"
        case .readWorklogs(_, _, let isOlder): isOlder ? "older worklogs" : "worklogs"
        case .countTouched: "touched"
        case .seek: "seek"
        case .reconcile: "reconcile"
        case .listRoles, .listAccounts, .countQuiet, .listCandidates, .findWitness, .review: "store"
        }
    }
}
