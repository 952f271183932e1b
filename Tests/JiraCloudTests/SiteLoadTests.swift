import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("How many requests are in flight follows what the site says", .timeLimit(.minutes(5)))
struct SiteLoadTests {
    private static let good = Reply.ok(#"{"count":1}"#)

    /// The limit after six good answers, by which it is four, and then these and a good one.
    private func limit(after replies: [Reply]) async throws -> Int {
        var limit = 0
        try await ScriptedSite.run({ request in
            let number = request.number - 6
            return replies.indices.contains(number) ? replies[number] : Self.good
        }) { scripted in
            #expect(scripted.site.concurrencyLimit == 2)
            for _ in 0..<5 { _ = try await scripted.site.approximateCount(jql: "x") }
            #expect(scripted.site.concurrencyLimit == 4)
            _ = try await scripted.site.approximateCount(jql: "x")
            _ = await outcome { () throws(JiraError) in try await scripted.site.approximateCount(jql: "x") }
            limit = scripted.site.concurrencyLimit
        }
        return limit
    }

    @Test(
        "a refused burst and an overload with a time to come back halve it, other failures and a spent quota do not",
        arguments: [
            ([Reply.answer(429, headers: [("RateLimit-Reason", "jira-burst-based"), ("Retry-After", "1")], "")], 2),
            ([.answer(429, "<html>")], 2), (Array(repeating: .answer(429, ""), count: 4), 1),
            ([.answer(503, headers: [("Retry-After", "2")], "")], 2), ([.answer(503, "")], 4), ([.answer(500, "")], 4),
            ([.hangUp], 4), ([.answer(404, "")], 4),
            ([.answer(429, headers: [("RateLimit-Reason", "jira-quota-global-based")], "")], 4), ([], 4),
        ])
    func signs(replies: [Reply], expected: Int) async throws {
        let limit = try await limit(after: replies)
        #expect(limit == expected)
    }

    @Test("one site's refusals leave another's limit alone, and both stay within what there is for all")
    func sites() async throws {
        try await ScriptedServer.run({ request in
            request.path.contains("/busy/") ? .answer(429, headers: [("Retry-After", "99")], "") : Self.good
        }) { server in
            let transport = HTTPTransport(
                try JiraConfiguration(
                    apiBase: server.baseURL, clientID: "c", clientSecret: Secret("s"),
                    redirectURI: "https://a.example", userAgent: "t", concurrency: 3))
            func site(_ name: String) -> JiraSite {
                JiraSite(
                    cloudID: CloudID(rawValue: name), transport: transport, clock: LeapingClock(),
                    now: { ScriptedSite.midnight }, logger: RecordedLog().logger, accessToken: { _ in Secret("t") })
            }
            let (busy, idle) = (site("busy"), site("idle"))
            for _ in 0..<9 {
                _ = try await idle.approximateCount(jql: "x")
                await #expect(throws: JiraError.self) { try await busy.approximateCount(jql: "x") }
            }
            #expect(idle.concurrencyLimit == 3)
            #expect(busy.concurrencyLimit == 1)
            try await transport.shutdown()
        }
    }

    @Test("a request whose turn comes while its endpoint is left alone waits for that too")
    func pausedWhileQueued() async throws {
        try await ScriptedServer.run({ request in
            request.number == 0 ? .answer(429, headers: [("Retry-After", "17")], "") : Self.good
        }) { server in
            let clock = ManualClock()
            let transport = HTTPTransport(
                try JiraConfiguration(
                    apiBase: server.baseURL, clientID: "c", clientSecret: Secret("s"),
                    redirectURI: "https://a.example", userAgent: "t", concurrency: 1))
            let site = JiraSite(
                cloudID: CloudID(rawValue: "c"), transport: transport, clock: clock,
                now: { ScriptedSite.midnight }, logger: RecordedLog().logger, accessToken: { _ in Secret("t") })
            try await withThrowingTaskGroup(of: Int.self) { group in
                var sleeps = clock.sleeps.makeAsyncIterator()
                for _ in 0..<4 { group.addTask { try await site.approximateCount(jql: "x") } }
                // All four, the three in the queue as well.
                for _ in 0..<4 { #expect(await sleeps.next() == .seconds(17)) }
                #expect(server.requests.count == 1)
                clock.advance(by: .seconds(17))
                try await group.waitForAll()
            }
            #expect(server.requests.count == 5)
            try await transport.shutdown()
        }
    }
}
