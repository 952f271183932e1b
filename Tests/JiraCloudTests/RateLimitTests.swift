import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("What Jira says of its limits", .timeLimit(.minutes(5)))
struct RateLimitTests {
    private static let now = ScriptedSite.midnight

    private static func ok(_ headers: [(String, String)]) -> Reply { .answer(200, headers: headers, #"{"count":1}"#) }

    /// What is known of limits after answers with these headers, a count each.
    private func state(after answers: [[(String, String)]]) async throws -> RateLimitState? {
        var state: RateLimitState?
        try await ScriptedSite.run({ Self.ok(answers[$0.number]) }) { scripted in
            for _ in answers { _ = try await scripted.site.approximateCount(jql: "x") }
            state = scripted.site.usage.rateLimit
        }
        return state
    }

    private static func notice(
        _ name: String, _ reach: QuotaNotice.Reach = .app, limit: Int? = nil, window: Int? = nil, left: Int? = nil,
        seconds: Int? = nil
    ) -> QuotaNotice {
        QuotaNotice(
            name: name, reach: reach, limit: limit, window: window.map { .seconds($0) }, remaining: left,
            resetsAt: seconds.map { now + .seconds($0) }, seenAt: now)
    }

    @Test(
        "a quota is read from its policy and its state, with any prefix and among others",
        arguments: [
            (
                [("Beta-RateLimit-Policy", #""global-app-quota";q=65000;w=3600"#)],
                [notice("global-app-quota", limit: 65_000, window: 3600)]
            ),
            (
                [
                    ("Beta-RateLimit-Policy", #""global-app-quota";q=65000;w=3600"#),
                    ("Beta-RateLimit", #""global-app-quota";r=13000;t=600"#),
                ],
                [notice("global-app-quota", limit: 65_000, window: 3600, left: 13_000, seconds: 600)]
            ),
            ([("RateLimit", #""global-app-quota";r=0;t=1"#)], [notice("global-app-quota", left: 0, seconds: 1)]),
            (
                [("X-Beta-RateLimit", #"  global-app-quota ; T=600 ;r=7, "tenant-app-quota";r=3;t=60 "#)],
                [
                    notice("global-app-quota", left: 7, seconds: 600),
                    notice("tenant-app-quota", .site, left: 3, seconds: 60),
                ]
            ),
            (
                [("Beta-RateLimit", #""a,b;c";r=1;t=2"#), ("Beta-RateLimit", #""other";r=3;t=4"#)],
                [notice("a,b;c", left: 1, seconds: 2), notice("other", left: 3, seconds: 4)]
            ),
            (
                [("Beta-RateLimit", #""quota";r=9;t=9"#), ("RateLimit", #""quota";r=5;t=6"#)],
                [notice("quota", left: 5, seconds: 6)]
            ),
            // What is no number, negative or a burst's says nothing of points.
            ([("Beta-RateLimit", #""quota";r=-1;t=soon;x=?1;r"#)], [notice("quota")]),
            ([("RateLimit-Policy", #""burst";q=100;w=1, "per-second";q=100;w=1"#)], []),
            ([("RateLimit-Policy", #", ;;,"""#), ("RateLimit", "")], []),
            ([("Beta-RateLimit", #""quota";r=1;t=99999999999"#)], [notice("quota", left: 1, seconds: 86_400)]),
        ])
    func quotas(headers: [(String, String)], expected: [QuotaNotice]) async throws {
        let state = try await state(after: [headers + [("X-RateLimit-Remaining", "12")]])
        #expect(state?.quotas == expected)
        #expect(state?.remaining == 12)
    }

    @Test("what is left of a quota holds until it is said anew, or full again, however silent later answers are")
    func following() async throws {
        let (policy, burst) = (("Beta-RateLimit-Policy", #""quota";q=100;w=3600"#), ("X-RateLimit-Remaining", "9"))
        let low = [policy, ("Beta-RateLimit", #""quota";r=10;t=600"#)]
        let kept = Self.notice("quota", limit: 100, window: 3600, left: 10, seconds: 600)
        for silent in [[burst], [policy, burst]] {
            let state = try await state(after: [low, silent])
            #expect(state?.quotas == [kept] && state?.remaining == 9)
        }
        let lower = try await state(after: [low, [("Beta-RateLimit", #""quota";r=4;t=600"#)]])
        #expect(lower?.quotas == [Self.notice("quota", left: 4, seconds: 600)])
        let over = try await state(after: [[policy, ("Beta-RateLimit", #""quota";r=10;t=0"#)], [burst]])
        #expect(over?.quotas == [])
    }

    @Test(
        "a quota of which nothing is left is named by its state where no reason is, and is not asked again",
        arguments: [
            (#""global-app-quota";r=0;t=1847"#, RateLimitReason.globalQuota),
            (#""tenant-quota";r=0;t=1847"#, .tenantQuota),
            (#""tenant-quota";r=0;t=9, "global-app-quota";r=0;t=1847"#, .globalQuota),
        ])
    func spent(state: String, reason: RateLimitReason) async throws {
        let reply = Reply.answer(429, headers: [("RateLimit", state), ("Retry-After", "5")], "")
        try await ScriptedSite.run({ _ in reply }) { scripted in
            let until = Self.now + .seconds(1847)
            await #expect(throws: JiraError.rateLimited(.count, reason, until: until)) {
                try await scripted.site.approximateCount(jql: "x")
            }
            #expect(scripted.server.requests.count == 1 && scripted.clock.sleeps == [])
        }
    }

    @Test("a gateway that does not say when is asked again after waits of our own, which the generator draws")
    func gateway() async throws {
        let headers = [("X-Failure-Category", "FAILURE CLIENT RATE LIMITED"), ("X-Ratelimit-Limit", "360000")]
        try await ScriptedSite.run({ _ in .answer(429, headers: headers, "<html>") }) { scripted in
            let result = await outcome { () throws(JiraError) in try await scripted.site.approximateCount(jql: "x") }
            var generator = SplitMix64(seed: 1)
            let waits = (1...3).map { RetryPolicy().delay(afterTries: $0, using: &generator) }
            #expect(scripted.clock.sleeps == waits)
            let until = Self.now + scripted.clock.elapsed + .seconds(30)
            #expect(result == .failure(.rateLimited(.count, .unstated, until: until)))
            #expect(scripted.site.usage.rateLimit?.limit == 360_000)
            #expect(scripted.site.usage.total.points == 0)
        }
    }

    @Test("a second that Jira asks for is a minimum, not a reason to come back sooner than we should")
    func minimum() async throws {
        let headers = [("RateLimit-Reason", "jira-burst-based"), ("Retry-After", "1")]
        try await ScriptedSite.run({ $0.number == 0 ? .answer(429, headers: headers, "") : Self.ok([]) }) { scripted in
            _ = try await scripted.site.approximateCount(jql: "x")
            var generator = SplitMix64(seed: 1)
            #expect(scripted.clock.sleeps == [RetryPolicy().delay(afterTries: 1, using: &generator)])
        }
    }
}
