import JiraSimulator
import Synchronization
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

extension Ordeal {
    mutating func goThroughQuietDays() async throws {
        try await pass()
        try await expectOracle()
        for _ in 0..<4 {
            try act(.random(in: 1...60, using: &draw))
            pause(60...3 * 86_400)
            try await pass()
            try await expectOracle()
        }
    }

    /// Jira's search shows things late, and what it does not show is not there for the questions about single people either.
    mutating func goThroughLag() async throws {
        try await pass()
        for _ in 0..<6 {
            try act(.random(in: 1...20, using: &draw))
            pause(60...Int(scenario == .longIndexLag ? 3 * 3600 : 2400))
            try await pass()
        }
        // All is shown by then, and a catch-up looks back over a day once more.
        site.simulator.advanceClock(by: scenario.indexLag + .seconds(6 * 3600 + 60))
        try await pass()
        try await expectOracle()
    }

    /// New and edited comments that leave `updated` as it was: no walk by `updated` can see them.
    ///
    /// Of those who were quiet they are found when their silence is proven anew. Of somebody else the last activity may be
    /// older than the truth until the issue is touched again, but not so old that a verdict is wrong: before it could be,
    /// their silence is looked into too.
    mutating func goThroughUnbumpedComments() async throws {
        try await pass()
        var comments: [String] = []
        for _ in 0..<7 {
            let issue = try #require(try perform(.created).first).issueKey
            try perform(.commented, on: issue)
            comments.append(issue)
        }
        let quiet = try quietPeople().shuffled(using: &draw).prefix(4)
        pause(60...86_400)
        try await pass()
        try await expectOracle()
        for account in quiet {
            try performUnbumped(on: comments.removeLast(), by: account)
            pause(0...3600)
        }
        for issue in comments { try performUnbumped(on: issue, by: nil) }
        for _ in 0..<9 {
            pause(80_000...86_400)
            try await pass()
        }
        try await expectVerdicts()
        let oracle = try #require(site.simulator.oracle())
        let records = try await Judgement.records(on: site)
        for user in oracle.users where quiet.contains(user.accountID) {
            let (told, right) = (records[user.accountID]?.last, user.lastActivity)
            expect(
                told?.at.milliseconds == right?.at.milliseconds && told?.kind.rawValue == right?.kind.rawValue
                    && told?.issue.rawValue == right?.issueID,
                "what \(user.accountID) did last is not known: \(String(describing: told)), but \(String(describing: right))"
            )
        }
    }

    private mutating func performUnbumped(on issue: String, by account: String?) throws {
        let isEdit = Bool.random(using: &draw)
        try perform(
            isEdit ? .commentEdited : .commented, by: account, on: issue, bumpsUpdated: isEdit ? nil : false)
    }

    /// Passes before, in and after the hour that comes twice or not at all, some further apart than minutes are counted.
    mutating func goThroughClockChange() async throws {
        try await pass()
        for _ in 0..<7 {
            pause(60...1500)
            try act(.random(in: 1...8, using: &draw))
            pause(Bool.random(using: &draw) ? 60...1500 : 7200...14_400)
            try await pass()
            try await expectOracle()
        }
    }

    // MARK: - Between two requests

    /// Issues change while the pages are read that hold them.
    mutating func goThroughMovingRows() async throws {
        for _ in 0..<3 {
            try await during(limit: 60, gap: 1...4) { simulator, quiet, _, draw in
                try simulator.performMeanwhile(quiet, &draw)
            } pass: { ordeal in
                try await ordeal.pass()
            }
            try perform(count: 150)
            pause(60...86_400)
        }
        try await pass()
        try await expectOracle()
    }

    /// Tokens end in the middle of anything.
    mutating func goThroughExpiry() async throws {
        for _ in 0..<4 {
            try await during(limit: 12, gap: 1...6) { simulator, _, _, draw in
                var rule = FaultRule()
                if Bool.random(using: &draw) {
                    rule.revokeAccessTokens = true
                } else {
                    rule = FaultRule(route: "/search/jql", times: .random(in: 1...2, using: &draw), status: 401)
                }
                simulator.setFaults([rule])
            } pass: { ordeal in
                try await ordeal.troubledPass(mayFail: [.reauthorise])
            }
            try act(.random(in: 1...120, using: &draw))
            pause(60...86_400)
        }
        site.simulator.setFaults([])
        try await pass()
        try await expectOracle()
    }

    /// A permission goes in the middle of a pass, is missed for a while and comes back.
    mutating func goThroughLoss(of permission: String) async throws {
        var withheld = FaultRule()
        withheld.withhold = permission
        for _ in 0..<3 {
            try await during(limit: 1, gap: 1...25) { [withheld] simulator, _, _, _ in
                simulator.setFaults([withheld])
            } pass: { ordeal in
                try await ordeal.troubledPass(mayFail: [.protocolViolated, .forbidden])
            }
            site.simulator.setFaults([withheld])
            for _ in 0..<2 {
                try act(.random(in: 1...40, using: &draw))
                pause(60...86_400)
                try await troubledPass(mayFail: [])
                let state = try await site.store.siteState(of: site.sync.site.key)
                expect(state.missingPermissions == [permission], "that \(permission) is missing is not known")
                expect(
                    state.coverage.gap(from: nil, to: Instant(milliseconds: 0)) != nil,
                    "without \(permission) absence counts")
            }
            site.simulator.setFaults([])
            try await pass()
            try await expectOracle()
        }
    }

    /// The points of many hours are needed, people go on, and in some hours the permission goes until that has been noticed.
    mutating func goThroughScarcity(loses: Bool) async throws {
        var withheld = FaultRule()
        withheld.withhold = "BROWSE_PROJECTS"
        for round in 0..<3 {
            var (passes, isThrough, isLost) = (0, false, false)
            while !isThrough || isLost {
                let mayLose = loses && passes < 6
                let isOver = try await during(limit: 4, gap: 1...20) { [withheld] simulator, quiet, left, draw in
                    if mayLose, left == 0 { return simulator.setFaults([withheld]) }
                    try simulator.performMeanwhile(quiet, &draw)
                } pass: { ordeal in
                    isThrough = try await ordeal.troubledPass(mayFail: [.rateLimited, .protocolViolated])
                }
                let state = try await site.store.siteState(of: site.sync.site.key)
                isLost = isLost || mayLose && isOver
                if !state.missingPermissions.isEmpty {
                    site.simulator.setFaults([])
                    (isThrough, isLost) = (false, false)
                }
                passes += 1
                try #require(passes < 60, "round \(round) of seed \(seed) does not come to an end")
            }
            try act(.random(in: 1...40, using: &draw))
            pause(60...86_400)
        }
        while try await !troubledPass(mayFail: [.rateLimited]) {}
        try await expectOracle()
    }

    /// Lets something happen before every so many requests, at most `limit` times, while `pass` goes on, and looks into
    /// the verdicts meanwhile.
    ///
    /// - Parameter happening: told who was quiet before, and how often it may happen still.
    /// - Returns: whether it happened as often as it might.
    @discardableResult
    private mutating func during(
        limit: Int, gap: ClosedRange<Int>,
        _ happening: @escaping @Sendable (JiraSimulator, [String], Int, inout SplitMix64) throws -> Void,
        pass: (inout Ordeal) async throws -> Void
    ) async throws -> Bool {
        let chance = Chance(seed: draw.next(), limit: limit, gap: gap)
        let (site, quiet, slack, findings) = (site, try quietPeople(), scenario.slack, Findings())
        site.access.setBeforeRequest {
            do {
                guard try chance.take({ try happening(site.simulator, quiet, $0, &$1) }) else { return }
                findings.add(try await Judgement.misjudged(on: site, slack: slack))
            } catch {
                findings.add(["\(error)"])
            }
        }
        try await pass(&self)
        site.access.setBeforeRequest(nil)
        for line in findings.all { expect(false, line) }
        return chance.left == 0
    }
}

extension JiraSimulator {
    /// Some do something, and so does somebody of the quiet.
    fileprivate func performMeanwhile(_ quiet: [String], _ draw: inout SplitMix64) throws {
        try performNow(count: .random(in: 1...4, using: &draw), seed: draw.next())
        if let account = quiet.randomElement(using: &draw) { try performNow(seed: draw.next(), by: account) }
    }
}

/// When something happens between requests.
private final class Chance: Sendable {
    private struct State {
        var draw: SplitMix64
        var left: Int
        var wait: Int
    }

    private let gap: ClosedRange<Int>
    private let state: Mutex<State>

    init(seed: UInt64, limit: Int, gap: ClosedRange<Int>) {
        self.gap = gap
        var draw = SplitMix64(seed: seed)
        let wait = Int.random(in: gap, using: &draw)
        state = Mutex(State(draw: draw, left: limit, wait: wait))
    }

    var left: Int { state.withLock { $0.left } }

    /// Called before each request; returns whether it was the time.
    func take(_ happening: (_ left: Int, inout SplitMix64) throws -> Void) throws -> Bool {
        try state.withLock { state in
            guard state.left > 0 else { return false }
            state.wait -= 1
            guard state.wait <= 0 else { return false }
            state.left -= 1
            state.wait = .random(in: gap, using: &state.draw)
            try happening(state.left, &state.draw)
            return true
        }
    }
}
