import ControlProtocol
import Logging
import Synchronization
import TestSupport
import Testing
import TokenVault
import UsageModel
import UsageStore
import UsageSync

@testable import UsageDaemon

@Suite("How old a consent is", .timeLimit(.minutes(5)))
struct ConsentAgeTests {
    private let now: Instant
    private let account: AccountID

    init() throws {
        now = try #require(Instant("2026-11-24T10:00:00Z"))
        account = try #require(AccountID(rawValue: "5b10:reader"))
    }

    private func grant(
        endsIn left: Duration, idleIn idle: Duration = .days(89), _ state: GrantStatus.State = .valid,
        isOlderCopy: Bool = false
    ) -> GrantStatus {
        GrantStatus(
            account: account, state: state, isOlderCopy: isOlderCopy, scopes: [], consentedAt: now + left - .days(365),
            issuedAt: now - .days(1), refreshIssuedAt: now - .days(1), accessExpiresAt: now,
            idleExpiresAt: now + idle, absoluteExpiresAt: now + left)
    }

    private func problems(_ grant: GrantStatus?) throws -> [String] {
        let site = Site(
            key: SiteKey(rawValue: 1), cloudID: CloudID(rawValue: "c"), name: "Site",
            url: "https://site.atlassian.net", grantAccount: account, connectedAt: now)
        return SiteProblems(
            site: site, state: SiteState(completeSince: now - .days(400), until: now), progress: SyncProgress(),
            grant: grant, disagreements: 0, isVaultLocked: false, now: now, staleAfter: .seconds(3600)
        ).all.map { "\($0.kind): \($0.message)" }
    }

    @Test(
        "status tells each threshold, from its first instant on, and nothing before",
        arguments: [
            (Duration.days(31), nil), (.days(30) + .seconds(1), nil), (.days(30), 30), (.days(15), 30), (.days(14), 14),
            (.days(4), 14), (.days(3), 3), (.seconds(1), 3), (.days(-1), 3),
        ] as [(Duration, Int?)])
    func thresholds(left: Duration, days: Int?) throws {
        let expected = days.map { ["consentExpires: Site: the consent ends within \($0) days"] } ?? []
        #expect(try problems(grant(endsIn: left)) == expected)
        #expect(try problems(grant(endsIn: .days(200), idleIn: left)) == expected)
    }

    @Test("an older copy of the vault is told by itself, with the way back")
    func olderCopy() throws {
        let told = try problems(grant(endsIn: .days(2), .reauthorise, isOlderCopy: true))
        #expect(told.count == 1 && told[0].hasPrefix("reauthorise: Site: vault.db is an older copy"))
        let refused = try problems(grant(endsIn: .days(2), .reauthorise))
        #expect(refused.count == 1 && refused[0].contains("nobody's consent is valid"))
    }

    @Test("each threshold is warned of once, and a renewed consent begins anew")
    func once() {
        var warnings = ConsentWarnings()
        func take(_ left: Duration, _ state: GrantStatus.State = .valid) -> [Int] {
            warnings.take([grant(endsIn: left, state)], at: now).map(\.1.rawValue)
        }
        #expect(take(.days(40)) == [])
        #expect(take(.days(30)) == [30])
        #expect(take(.days(29)) == [])
        #expect(take(.days(13)) == [14])
        #expect(take(.days(12)) == [])
        #expect(take(.days(2)) == [3])
        #expect(take(.days(1)) == [])
        #expect(take(.days(365)) == [])
        #expect(take(.days(2)) == [3], "a day of several thresholds tells the nearest only")
        #expect(take(.days(1), .reauthorise) == [])
    }

    @Test("the log gets a warning at each of them in the course of a year, and no more")
    func year() async throws {
        let clock = LeapingClock()
        let lines = Lines(clock: clock)
        let consent = grant(endsIn: .days(365), idleIn: .days(365))
        await withTaskGroup(of: Void.self) { group in
            let watch = ConsentWatch(
                grants: { [consent] }, clock: clock,
                now: { [now] in
                    // The clock leaps on for as long as somebody sleeps; a year is enough.
                    if clock.elapsed > .days(366) { withUnsafeCurrentTask { $0?.cancel() } }
                    return now + clock.elapsed
                },
                logger: Logger(label: "test") { _ in LineHandler(lines: lines) })
            group.addTask { await watch.run() }
        }
        #expect(
            lines.text.withLock { $0 } == ["30 left after 335 days", "14 left after 351 days", "3 left after 362 days"])
        #expect(clock.elapsed > .days(365))
    }
}

/// What was warned of, and when.
private final class Lines: Sendable {
    let clock: LeapingClock
    let text = Mutex<[String]>([])

    init(clock: LeapingClock) {
        self.clock = clock
    }
}

private struct LineHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let days = lines.clock.elapsed / .days(1)
        lines.text.withLock { $0.append("\(event.metadata?["grant.within_days"] ?? "?") left after \(Int(days)) days") }
    }
}
