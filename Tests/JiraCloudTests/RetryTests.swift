import JiraCloud
import TestSupport
import Testing
import UsageModel

@Suite("What is asked again, and when", .timeLimit(.minutes(5)))
struct RetryTests {
    private static let one = #"{"count":1}"#
    private static let unauthorised = Reply.answer(401, #"{"code":401,"message":"Unauthorized"}"#)

    /// What comes of one count when the first answers are these and all others are good.
    private func count(_ replies: [Reply], then check: (Result<Int, JiraError>, ScriptedSite) throws -> Void)
        async throws
    {
        try await ScriptedSite.run({ $0.number < replies.count ? replies[$0.number] : .ok(Self.one) }) { scripted in
            try check(
                await outcome { () throws(JiraError) in
                    try await scripted.site.approximateCount(jql: "project = X")
                }, scripted)
        }
    }

    @Test("overload and network errors are asked again, with growing waits", arguments: [408, 500, 502, 503, 504, 0])
    func passing(status: Int) async throws {
        let reply = status == 0 ? Reply.hangUp : .answer(status, "")
        try await count([reply, reply, reply]) { result, scripted in
            #expect(result == .success(1))
            let sleeps = scripted.clock.sleeps
            #expect(sleeps.count == 3)
            for (sleep, base) in zip(sleeps, [2.0, 4.0, 8.0]) {
                #expect(sleep >= .seconds(base * 0.7) && sleep <= .seconds(base * 1.3))
            }
            #expect(scripted.site.usage.byEndpoint[.count]?.requests == 4)
            #expect(scripted.site.usage.byEndpoint[.count]?.failures == 3)
        }
    }

    @Test("four tries are all there are")
    func givesUp() async throws {
        let reply = Reply.answer(503, "")
        try await count([reply, reply, reply, reply]) { result, scripted in
            #expect(result == .failure(.unavailable(.count, .status(503), until: nil)))
            #expect(scripted.server.requests.count == 4)
        }
    }

    @Test(
        "what will not change by itself is not asked again",
        arguments: [
            (
                Reply.answer(400, #"{"errorMessages":["Date 'X' is bad."]}"#),
                JiraError.badRequest(.count, message: "Date '…' is bad.")
            ),
            (.answer(403, ""), .forbidden(.count, message: nil)),
            (.answer(404, "<html>"), .notFound(.count)),
            (.answer(409, ""), .tooExpensive(.count)),
            (.answer(410, #"{"errorMessages":["Removed."],"errors":{}}"#), .gone(.count, message: "Removed.")),
            (.answer(413, ""), .tooLarge(.count)),
            (.answer(501, ""), .unexpected(.count, status: 501)),
            (.answer(401, #"{"code":401,"message":"Unauthorized; scope does not match"}"#), .scopeMissing(.count)),
        ])
    func lasting(reply: Reply, expected: JiraError) async throws {
        try await count([reply]) { result, scripted in
            #expect(result == .failure(expected))
            #expect(scripted.server.requests.count == 1)
            #expect(scripted.clock.sleeps == [])
            #expect(scripted.tokens.rejections == 0)
        }
    }

    @Test("a rejected token is replaced once, without a wait")
    func refresh() async throws {
        try await count([Self.unauthorised]) { result, scripted in
            #expect(result == .success(1))
            #expect(
                scripted.server.requests.compactMap { $0.headers["authorization"] } == [
                    "Bearer token-1", "Bearer token-2",
                ])
            #expect(scripted.clock.sleeps == [])
        }
        try await count([Self.unauthorised, Self.unauthorised]) { result, scripted in
            #expect(result == .failure(.unauthorised(.count)))
            #expect(scripted.server.requests.count == 2)
        }
    }

    @Test("a refused burst waits at least as long as it is told to, by seconds or by date")
    func burst() async throws {
        let headers = [("RateLimit-Reason", "jira-burst-based"), ("Retry-After", "17")]
        try await count([.answer(429, headers: headers, "")]) { result, scripted in
            #expect(result == .success(1))
            #expect(scripted.clock.sleeps == [.seconds(17)])
        }
        // 40 s after the clock's beginning.
        let date = [("Retry-After", "Fri, 15 Jan 2027 08:00:40 GMT")]
        try await count([.answer(429, headers: date, "")]) { result, scripted in
            #expect(result == .success(1))
            #expect(scripted.clock.sleeps == [.seconds(40)])
        }
        try await count([.answer(429, headers: [("X-RateLimit-Reset", "2027-01-15T08:00:25Z")], "")]) {
            result, scripted in
            #expect(result == .success(1))
            #expect(scripted.clock.sleeps == [.seconds(25)])
        }
    }

    @Test("a refusal that asks for more patience than we have names the instant instead")
    func impatient() async throws {
        try await count([.answer(429, headers: [("Retry-After", "1847")], "")]) { result, scripted in
            #expect(
                result
                    == .failure(.rateLimited(.count, .unstated, until: ScriptedSite.midnight + .seconds(1847))))
            #expect(scripted.clock.sleeps == [])
        }
    }

    @Test(
        "a spent quota is thrown at once with the instant of its reset",
        arguments: [
            ([("Retry-After", "1847")], Instant(milliseconds: 1_800_001_847_000)),
            ([("X-RateLimit-Reset", "2027-01-15T09:00Z")], Instant(milliseconds: 1_800_003_600_000)),
            (
                [("Retry-After", "60"), ("X-RateLimit-Reset", "2027-01-15T09:00Z")],
                Instant(milliseconds: 1_800_003_600_000)
            ),
            ([], Instant(milliseconds: 1_800_003_600_000)),
        ])
    func quota(headers: [(String, String)], until: Instant) async throws {
        for (word, reason) in [
            ("jira-quota-global-based", RateLimitReason.globalQuota), ("jira-quota-tenant-based", .tenantQuota),
            ("jira-quota-new", .globalQuota),
        ] {
            try await count([.answer(429, headers: headers + [("RateLimit-Reason", word)], "")]) { result, scripted in
                #expect(result == .failure(.rateLimited(.count, reason, until: until)))
                #expect(scripted.server.requests.count == 1)
                #expect(scripted.clock.sleeps == [])
            }
        }
    }

    @Test("only the endpoint whose burst was refused waits, and there everybody")
    func endpointOnly() async throws {
        try await ScriptedServer.run({ request in
            if request.number == 0 { return .answer(429, headers: [("Retry-After", "17")], "") }
            return .ok(request.path.hasSuffix("approximate-count") ? Self.one : #"{"accountId":"a1"}"#)
        }) { server in
            let clock = ManualClock()
            let transport = HTTPTransport(
                try JiraConfiguration(
                    apiBase: server.baseURL, clientID: "c", clientSecret: Secret("s"),
                    redirectURI: "https://a.example", userAgent: "t"))
            let site = JiraSite(
                cloudID: CloudID(rawValue: "c"), transport: transport, clock: clock,
                now: { ScriptedSite.midnight }, logger: RecordedLog().logger, accessToken: { _ in Secret("t") })
            try await withThrowingTaskGroup(of: Int.self) { group in
                var sleeps = clock.sleeps.makeAsyncIterator()
                group.addTask { try await site.approximateCount(jql: "x") }
                let first = await sleeps.next()
                #expect(first == .seconds(17))
                clock.advance(by: .seconds(7))
                group.addTask { try await site.approximateCount(jql: "y") }
                let second = await sleeps.next()
                #expect(second == .seconds(10))
                _ = try await site.myself()
                #expect(server.requests.count == 2)
                clock.advance(by: .seconds(10))
                try await group.waitForAll()
            }
            #expect(server.requests.count == 4)
            try await transport.shutdown()
        }
    }

    @Test("what the source of tokens says is passed on, and nothing is asked")
    func tokens() async throws {
        try await ScriptedServer.run({ _ in .ok(Self.one) }) { server in
            let transport = HTTPTransport(
                try JiraConfiguration(
                    apiBase: server.baseURL, clientID: "c", clientSecret: Secret("s"),
                    redirectURI: "https://a.example", userAgent: "t"))
            let site = JiraSite(
                cloudID: CloudID(rawValue: "c"), transport: transport, now: { ScriptedSite.midnight },
                logger: RecordedLog().logger, accessToken: { _ throws(AccessTokenError) in throw .reauthorise })
            await #expect(throws: JiraError.tokens(.reauthorise)) { try await site.approximateCount(jql: "x") }
            #expect(server.requests.isEmpty)
            try await transport.shutdown()
        }
    }

    @Test("what Jira says about its limits can be read, and points are counted")
    func usage() async throws {
        let headers = [
            ("X-RateLimit-Limit", "350"), ("X-RateLimit-Remaining", "12"), ("X-RateLimit-NearLimit", "true"),
            ("X-RateLimit-Reset", "2027-01-15T09:00Z"),
        ]
        let user = #"{"accountId":"a1","displayName":"Mia"}"#
        try await ScriptedSite.run({ _ in .answer(200, headers: headers, "[\(user),\(user),\(user)]") }) { scripted in
            #expect(scripted.site.usage.rateLimit == nil)
            let page = try await scripted.site.users(startAt: 0)
            #expect(page.rowCount == 3)
            let limit = try #require(scripted.site.usage.rateLimit)
            #expect(limit.limit == 350 && limit.remaining == 12 && limit.isNearLimit)
            #expect(limit.resetsAt == Instant(milliseconds: 1_800_003_600_000))
            #expect(scripted.site.usage.byEndpoint[.users]?.points == 7)
        }
    }

    @Test("a token that an answer tells back, in its body or a header, reaches neither error nor log")
    func echo() async throws {
        let token = "ThisIsNobodysTokenAtAll.0f3a6c9d2e5b8f1a"
        let reply = Reply.answer(
            403, headers: [("Atl-Traceid", token), ("RateLimit-Reason", token)],
            #"{"message":"Not with (\#(token)), sorry","errors":{"token":"\#(token)"}}"#)
        try await ScriptedSite.run({ _ in reply }) { scripted in
            await #expect(throws: JiraError.forbidden(.myself, message: "Not with … sorry …")) {
                try await scripted.site.myself()
            }
            #expect(scripted.log.lines.contains { $0.contains("http.status=403") })
            #expect(!scripted.log.lines.contains { $0.contains("Nobodys") })
        }
        let dead = #"{"error":"invalid_grant","error_description":"\#(token) is dead"}"#
        try await ScriptedSite.run({ _ in .answer(403, dead) }) { scripted in
            await #expect(throws: OAuthError.refreshTokenDead(description: "… is dead")) {
                try await scripted.oauth.refresh(Secret(token))
            }
            #expect(!scripted.log.lines.contains { $0.contains("Nobodys") })
        }
    }

    @Test("no log line and no error says what was asked, with which token, or whom it was about")
    func discretion() async throws {
        let secrets = ["token-1", "PROJECT-NAME", "a1b2", "Mia", "client-secret"]
        let reply = Reply.answer(
            400, headers: [("Atl-Traceid", "0af7651916cd43dd8448eb211c80319c")],
            #"{"errorMessages":["The value 'PROJECT-NAME' does not exist, it isn't \"Mia\".\nAt all"],"errors":{}}"#)
        try await ScriptedSite.run({ _ in reply }) { scripted in
            var texts: [String] = []
            do {
                _ = try await scripted.site.searchIssues(jql: "project = PROJECT-NAME", pageToken: nil)
            } catch {
                texts.append("\(error)")
            }
            do {
                _ = try await scripted.site.groups(of: try #require(AccountID(rawValue: "a1b2")))
            } catch {
                texts.append("\(error)")
            }
            #expect(texts.count == 2)
            #expect(texts.first?.contains("search/jql (The value '…' does not exist, it isn't \"…\". At all)") == true)
            #expect(
                scripted.log.lines.contains {
                    $0.contains("0af7651916cd43dd8448eb211c80319c") && $0.contains("http.status=400")
                })
            for text in texts + scripted.log.lines {
                #expect(!secrets.contains { text.contains($0) }, "\(text)")
                #expect(!text.contains("\n"))
            }
        }
    }
}
