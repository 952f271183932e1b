import Foundation
import JiraCloud
import JiraSimulator
import Logging
import TestSupport
import Testing
import UsageModel
import UsageStore
import UsageSync

/// A year of reports, hour by hour, with closures, changed names, new people, outages and restarts.
@Suite("A year of personal data")
struct PersonalDataYearTests {
    @Test(
        "each account once a cycle, nothing erased is left in any file, nothing is reported after its erasure",
        .timeLimit(.minutes(20)))
    func year() async throws {
        let start = try #require(Moment(text: "2026-01-01T00:00:00.000Z"))
        var configuration = SimulatorConfiguration(users: 120, issues: 60, seed: 11, time: .frozen(at: start))
        configuration.history = .seconds(30 * 86_400)
        try await SimulatedSite.with(configuration) { site in
            var year = try Year(site, seed: 11)
            for _ in 0..<365 * 24 { try await year.hour() }
            try await year.end()
        }
    }
}

/// What happens to a site's people, and what Atlassian was told of them.
private struct Year {
    private struct Outage {
        let from: Instant
        let until: Instant
    }

    private static let cycle = Duration.days(7)
    private static let hour = Duration.seconds(3600)

    private let site: SimulatedSite
    private var random: SplitMix64
    private var keeper: PersonalDataKeeper
    private let firstReading: Instant
    private var hours = 0
    private var people: [String]
    /// What nobody may find any more once it has been erased: names and addresses, by account.
    private var secrets: [String: [String]] = [:]
    private var closed: [String: Instant] = [:]
    private var renamed: [String: [Instant]] = [:]
    private var joined: [String: Instant] = [:]
    private var outages: [Outage] = []
    private var checked: Set<String> = []
    private var failures = 0

    init(_ site: SimulatedSite, seed: UInt64) throws {
        self.site = site
        random = SplitMix64(seed: seed)
        keeper = Self.makeKeeper(site)
        firstReading = site.now + .days(1)
        let oracle = try #require(site.simulator.oracle())
        // The account that consented stays, or nothing could be read.
        people = oracle.users.map(\.accountID).filter { $0 != site.simulator.callerAccountID }.sorted()
        for account in people { try rename(account) }
        renamed = [:]
    }

    private static func makeKeeper(_ site: SimulatedSite) -> PersonalDataKeeper {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let api = PersonalDataAPI(
            transport: site.transport, now: { site.now }, logger: logger,
            accessToken: { await site.access.token(rejected: $0) })
        // A consent that is not valid any more stands before the one that is.
        let dead = PersonalDataAPI(
            transport: site.transport, now: { site.now }, logger: logger,
            accessToken: { _ throws(AccessTokenError) in throw .reauthorise })
        return PersonalDataKeeper(
            store: site.store,
            retention: { RetentionPolicy(activity: nil, seats: nil, log: .days(500), unreported: .days(90)) },
            clock: ContinuousClock(), now: { site.now }, logger: logger, reporters: { [dead, api] })
    }

    private var isOut: Bool { outages.last.map { $0.until > site.now } ?? false }

    // MARK: - One hour

    mutating func hour() async throws {
        site.simulator.advanceClock(by: Self.hour)
        hours += 1
        if chance(1, in: 24 * 6) { try close() }
        if chance(1, in: 24 * 3), let account = people.randomElement(using: &random), closed[account] == nil {
            try rename(account)
        }
        if chance(1, in: 24 * 12) { try join() }
        if !isOut { beginOutage() }
        if hours % 24 == 1 { await site.pass() }
        // A restart: all that counts is in the store.
        if chance(1, in: 50) { keeper = Self.makeKeeper(site) }
        do {
            try await keeper.round(isEarly: false)
            try await checkFiles()
        } catch {
            failures += 1
            #expect(isOut, "\(error)")
        }
    }

    private mutating func beginOutage() {
        guard chance(1, in: 24 * 12) else {
            site.simulator.setFaults([])
            return
        }
        let length = Self.hour * Int.random(in: 1...60, using: &random)
        outages.append(Outage(from: site.now, until: site.now + length))
        var rule = FaultRule(route: "/app/report-accounts", status: [500, 503, 429, 401].randomElement(using: &random))
        if rule.status == 429 { rule.retryAfter = 7200 }
        site.simulator.setFaults([rule])
    }

    private mutating func close() throws {
        guard let account = people.randomElement(using: &random), closed[account] == nil else { return }
        try site.simulator.changePerson(account, [.deactivate, .rename("Former user")])
        site.simulator.closeAccount(account)
        closed[account] = site.now
    }

    private mutating func rename(_ account: String) throws {
        let name = "Person \(String(random.next(), radix: 36))"
        try site.simulator.changePerson(account, [.rename(name)])
        secrets[account, default: []].append(name)
        renamed[account, default: []].append(site.now)
    }

    private mutating func join() throws {
        let name = "Joiner \(String(random.next(), radix: 36))"
        let account = try site.simulator.addAccount(NewAccount(displayName: name))
        people.append(account)
        secrets[account] = [name]
        joined[account] = site.now
    }

    private mutating func chance(_ part: Int, in whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &random) < part
    }

    // MARK: - What must hold

    /// Of everybody of whom Atlassian has said so, nothing is in the files any more.
    private mutating func checkFiles() async throws {
        let erased = Set(site.simulator.accountReports.filter { $0.status == "closed" }.map(\.accountID))
        guard erased != checked else { return }
        checked = erased
        let texts = erased.flatMap { secrets[$0] ?? [] }
        #expect(try found(texts).isEmpty)
    }

    private func found(_ texts: [String]) throws -> [String] {
        let directory = URL(filePath: site.store.path).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil).map {
            try Data(contentsOf: $0)
        }
        return texts.filter { text in files.contains { $0.range(of: Data(text.utf8)) != nil } }
    }

    mutating func end() async throws {
        // Whatever changed lately is read, and an outage at the end is over.
        site.simulator.setFaults([])
        await site.pass()
        try await keeper.round(isEarly: false)
        let now = site.now
        let reports = Dictionary(grouping: site.simulator.accountReports, by: \.accountID)
        #expect(failures > 20 && closed.count > 20 && renamed.count > 20 && joined.count > 10, "the year was quiet")

        let former = Set(site.simulator.accountReports.filter { $0.status == "closed" }.map(\.accountID))
        for account in people + [site.simulator.callerAccountID] {
            let times = (reports[account] ?? []).map { Instant(milliseconds: $0.at.milliseconds) }
            let begin = joined[account].map { $0 + .days(1) } ?? firstReading
            let last = former.contains(account) ? times.last ?? now : now
            expectCycle([begin] + times + (former.contains(account) ? [] : [last]), account)
            expectAnswers(reports[account] ?? [], of: account)
        }
        for (account, at) in closed where at + Self.cycle + allowance(from: at, to: now) < now {
            #expect(former.contains(account), "closed at \(at), and never reported since")
        }
        #expect(try found(former.flatMap { secrets[$0] ?? [] }).isEmpty)
        let outdated = secrets.values.flatMap { $0.dropLast() }
        #expect(try found(outdated).isEmpty, "a name that somebody had before")
        let current = people.filter { closed[$0] == nil }.compactMap { secrets[$0]?.last }
        #expect(try found(current).count == current.count, "the search finds those who are there")

        let counts = try await site.store.privacyCounts(since: Instant(milliseconds: 0))
        let sums = Dictionary(grouping: counts, by: \.event).mapValues { $0.reduce(0) { $0 + $1.count } }
        #expect(sums["reported"] == site.simulator.accountReports.count)
        #expect(sums["erasedClosed"] == former.count && sums["closed"] == former.count)
        #expect(sums["failures"] == nil, "rounds made by hand are not counted")
        for account in former {
            #expect(try await site.store.unscheduledAccounts(limit: 1000).allSatisfy { $0.rawValue != account })
        }
    }

    /// Never later than a cycle after the time before, less what an outage took; never much sooner.
    private func expectCycle(_ times: [Instant], _ account: String) {
        for (index, (earlier, later)) in zip(times, times.dropFirst()).enumerated() {
            let gap = later.duration(since: earlier)
            let most = Self.cycle + allowance(from: earlier, to: later) + Self.hour * 2
            #expect(gap <= most, "\(account) was not reported from \(earlier) to \(later)")
            if index > 0, index < times.count - 2 {
                #expect(gap >= Self.cycle - Self.hour * 2, "\(account) was reported at \(earlier) and \(later)")
            }
        }
    }

    /// How long nothing could be reported in a stretch of time.
    private func allowance(from: Instant, to: Instant) -> Duration {
        outages.reduce(.zero) { sum, outage in
            let (first, last) = (max(from, outage.from), min(to, outage.until))
            return first < last ? sum + last.duration(since: first) + Self.hour * 2 : sum
        }
    }

    /// Closed is the last word; what changed has been fetched again by the next report.
    private func expectAnswers(_ reports: [AccountReport], of account: String) {
        for (earlier, later) in zip(reports, reports.dropFirst()) {
            #expect(earlier.status != "closed", "\(account) was reported after it was closed")
            if earlier.status == "updated" {
                #expect(later.fetchedAt > earlier.fetchedAt, "\(account) was not fetched again")
            }
        }
    }
}
