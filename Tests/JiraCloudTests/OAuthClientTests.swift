import JiraCloud
import Testing
import UsageModel

@Suite("Consent and tokens", .timeLimit(.minutes(5)))
struct OAuthClientTests {
    private static let tokens = """
        {"access_token":"a2","refresh_token":"r2","expires_in":3600,"scope":"read:jira-user offline_access",\
        "token_type":"Bearer"}
        """

    @Test("the address for consent says what Atlassian's page asks for, and spaces as %20")
    func authorizationURL() async throws {
        let transport = HTTPTransport(
            try JiraConfiguration(
                clientID: "ID+1", clientSecret: Secret("s"), redirectURI: "http://127.0.0.1:8736/callback",
                userAgent: "tests/1"))
        let oauth = OAuthClient(transport: transport, now: { ScriptedSite.midnight }, logger: RecordedLog().logger)
        let url = oauth.authorizationURL(state: Secret("st&te/="))
        try await transport.shutdown()
        #expect(
            url == "https://auth.atlassian.com/authorize?audience=api.atlassian.com&client_id=ID%2B1"
                + "&scope=offline_access%20read%3Ajira-user%20read%3Ajira-work%20report%3Apersonal-data"
                + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8736%2Fcallback&state=st%26te%2F%3D"
                + "&response_type=code&prompt=consent")
    }

    @Test("a refresh sends one request with the token, and reads all that comes back")
    func refresh() async throws {
        try await ScriptedSite.run({ _ in .ok(Self.tokens) }) { scripted in
            let tokens = try await scripted.oauth.refresh(Secret("r1"))
            #expect(tokens.access.matches(Secret("a2")))
            #expect(tokens.refresh?.matches(Secret("r2")) == true)
            #expect(tokens.expiresIn == .seconds(3600))
            #expect(tokens.scopes == ["read:jira-user", "offline_access"])
            let request = try #require(scripted.server.requests.first)
            #expect(scripted.server.requests.count == 1)
            #expect(request.method == "POST" && request.target == "/oauth/token")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["authorization"] == nil)
            #expect(
                request.body == #"{"client_id":"client","client_secret":"client-secret","#
                    + #""grant_type":"refresh_token","refresh_token":"r1"}"#)
        }
    }

    @Test("an exchange sends the code with the redirect address")
    func exchange() async throws {
        try await ScriptedSite.run({ _ in .ok(Self.tokens) }) { scripted in
            _ = try await scripted.oauth.exchange(code: Secret("c1"))
            #expect(
                scripted.server.requests.map(\.body) == [
                    #"{"client_id":"client","client_secret":"client-secret","code":"c1","#
                        + #""grant_type":"authorization_code","redirect_uri":"http://127.0.0.1:8736/callback"}"#
                ])
        }
    }

    @Test("a success without lifetime, scopes or successor is still a success")
    func sparse() async throws {
        try await ScriptedSite.run({ _ in .ok(#"{"access_token":"a2","refresh_token":null}"#) }) { scripted in
            let tokens = try await scripted.oauth.refresh(Secret("r1"))
            #expect(tokens.refresh == nil)
            #expect(tokens.expiresIn == .seconds(600))
        }
    }

    @Test(
        "each refusal of a refresh says what becomes of the token",
        arguments: [
            (
                Reply.answer(403, #"{"error":"invalid_grant","error_description":"Unknown or invalid token."}"#),
                OAuthError.refreshTokenDead(description: "Unknown or invalid token.")
            ),
            (.answer(403, #"{"error":"unauthorized_client"}"#), .refreshTokenDead(description: nil)),
            (.answer(400, #"{"error":"invalid_grant"}"#), .refreshTokenDead(description: nil)),
            (.answer(401, #"{"error":"access_denied","error_description":"Unauthorized"}"#), .clientRejected),
            (.answer(403, "<html>blocked</html>"), .unexpected(status: 403)),
            (.answer(400, #"{"error":"unauthorized_client"}"#), .unexpected(status: 400)),
            (.answer(302, headers: [("Location", "https://a.example")], ""), .unexpected(status: 302)),
            (.answer(429, headers: [("Retry-After", "7")], ""), .rateLimited(retryAfter: .seconds(7))),
            (.answer(503, ""), .unavailable(.status(503))),
            (.answer(200, "{}"), .unavailable(.unreadable)),
            (.answer(200, #"{"access_token":"a2""#), .unavailable(.unreadable)),
        ])
    func refusals(reply: Reply, expected: OAuthError) async throws {
        try await ScriptedSite.run({ _ in reply }) { scripted in
            await #expect(throws: expected) { try await scripted.oauth.refresh(Secret("r1")) }
            #expect(scripted.server.requests.count == 1)
        }
    }

    @Test("a lost or broken answer may have used the token, and is not asked for again", arguments: [0, 1])
    func lost(kind: Int) async throws {
        try await ScriptedSite.run({ _ in kind == 0 ? .hangUp : .cut(Self.tokens) }) { scripted in
            let result = await outcome { () throws(OAuthError) in try await scripted.oauth.refresh(Secret("r1")) }
            guard case .failure(.unavailable(.network)) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(scripted.server.requests.count == 1)
        }
    }

    @Test("a wrong code is not mistaken for a wrong client")
    func codes() async throws {
        let invalid = #"{"error":"invalid_request","error_description":"authorization_code is invalid"}"#
        try await ScriptedSite.run({ _ in .answer(400, invalid) }) { scripted in
            await #expect(throws: OAuthError.codeRejected) { try await scripted.oauth.exchange(code: Secret("c")) }
        }
        try await ScriptedSite.run({ _ in .answer(401, #"{"error":"access_denied"}"#) }) { scripted in
            await #expect(throws: OAuthError.clientRejected) { try await scripted.oauth.exchange(code: Secret("c")) }
        }
    }

    @Test("a site that comes twice is one, and one without Jira is none")
    func sites() async throws {
        let rows = """
            [{"id":"c1","name":"One (wiki)","url":"https://one.example","scopes":["read:confluence-content"]},
             {"id":"c1","name":"One","url":"https://one.example","scopes":["read:jira-work"],"avatarUrl":"x"},
             {"id":"c2","name":"Two","url":"https://two.example","scopes":["read:confluence-content"]},
             {"id":"c1","name":"One again","url":"https://one.example","scopes":["read:jira-user","read:jira-work"]}]
            """
        try await ScriptedSite.run({ _ in .ok(rows) }) { scripted in
            let sites = try await scripted.oauth.accessibleSites(access: Secret("token"))
            #expect(sites.map(\.cloudID.rawValue) == ["c1"])
            #expect(sites.first?.name == "One")
            #expect(sites.first?.scopes == ["read:jira-work", "read:jira-user"])
            #expect(scripted.server.requests.first?.headers["authorization"] == "Bearer token")
        }
    }

    @Test("a token that opens nothing is refused once")
    func sitesRefused() async throws {
        try await ScriptedSite.run({ _ in .answer(401, #"{"code":401,"message":"Unauthorized"}"#) }) { scripted in
            await #expect(throws: JiraError.unauthorised(.accessibleResources)) {
                try await scripted.oauth.accessibleSites(access: Secret("token"))
            }
            #expect(scripted.server.requests.count == 1)
        }
    }
}
