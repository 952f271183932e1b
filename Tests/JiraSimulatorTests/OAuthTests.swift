import Foundation
import JiraSimulator
import TestSupport
import Testing

@Suite("The authorisation server keeps Atlassian's rules", .timeLimit(.minutes(5)))
struct OAuthTests {
    @Test("Consent leads back with a code and the state; the token has the five members and opens the site")
    func dance() async throws {
        try await withBrowser { browser in
            let answer = try await browser.send("/authorize?\(browser.authorizeQuery())")
            #expect(answer.status == 302)
            let location = try #require(answer.header("Location"))
            #expect(location.hasPrefix("http://127.0.0.1:8736/callback?code="))
            #expect(location.hasSuffix("&state=s%20t"))
            let tokens = try await browser.exchange(try await browser.code())
            #expect(tokens.names == ["access_token", "expires_in", "token_type", "refresh_token", "scope"])
            #expect(tokens["expires_in"].int == 3600)
            #expect(tokens["scope"].string == Browser.scopes)
            var own = browser
            own.token = try #require(tokens["access_token"].string)
            #expect(try await own.get("/myself").status == 200)
        }
    }

    @Test("All that was ever issued is told with its kind, each once, whether it is still good or not")
    func issued() async throws {
        try await withBrowser { browser in
            let code = try await browser.code()
            let tokens = try await browser.exchange(code)
            _ = try await browser.control("faults", #"[{"revokeTokens":true}]"#)
            let rows = try await browser.send("/_sim/secrets").json.array
            func texts(_ kind: String) -> [String] {
                rows.filter { $0["kind"].string == kind }.compactMap { $0["value"].string }
            }
            #expect(texts("clientSecret") == [browser.simulator.client.secret])
            #expect(texts("code") == [code])
            #expect(texts("accessToken") == [browser.token, tokens["access_token"].string])
            #expect(texts("refreshToken") == [tokens["refresh_token"].string])
            #expect(texts("state") == ["s t"])
            #expect(rows.count == 6)
        }
    }

    @Test("A file is told of it too, as it comes, and of other simulators' as well")
    func issuedFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/issued"
            for seed in [1, 2] as [UInt64] {
                try await withBrowser(seed: seed, configure: { $0.secretsFile = path }) { browser in
                    _ = try await browser.code(["state": "s t%"])
                }
            }
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("ATOA") }.count == 2)
            #expect(lines.filter { $0 == "s t%" }.count == 2)
            #expect(lines.count == 8)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("Without offline_access there is no refresh token")
    func online() async throws {
        try await withBrowser { browser in
            let tokens = try await browser.exchange(try await browser.code(["scope": "read:jira-user"]))
            #expect(tokens.names == ["access_token", "expires_in", "token_type", "scope"])
        }
    }

    @Test(
        "A request that lacks or bends a parameter gets no code",
        arguments: [
            ["audience": nil], ["audience": "other"], ["client_id": "nobody"], ["scope": nil], ["scope": "write:all"],
            ["redirect_uri": "http://127.0.0.1:8737/callback"], ["redirect_uri": "http://127.0.0.1:8736/callback/"],
            ["state": nil], ["response_type": "token"], ["prompt": nil],
        ] as [[String: String?]])
    func refusedConsent(changes: [String: String?]) async throws {
        try await withBrowser { browser in
            let answer = try await browser.send("/authorize?\(browser.authorizeQuery(changes))")
            #expect(answer.status == 400)
            #expect(answer.header("Location") == nil)
        }
    }

    @Test("A user who refuses leads back with access_denied and the state")
    func denied() async throws {
        try await withBrowser { browser in
            _ = try await browser.control("faults", #"[{"denyConsent": true}]"#)
            let answer = try await browser.send("/authorize?\(browser.authorizeQuery())")
            let location = try #require(answer.header("Location"))
            #expect(location.contains("?error=access_denied&error_description="))
            #expect(location.hasSuffix("&state=s%20t"))
        }
    }

    private func attempt(
        _ code: String, _ browser: Browser, _ more: [String: String?] = [:]
    ) async throws -> Browser.Answer {
        try await browser.token(more.merging(["grant_type": "authorization_code", "code": code]) { $1 })
    }

    @Test("A code serves once, for ten minutes, and only with the same callback")
    func codes() async throws {
        try await withBrowser { browser in
            let used = try await browser.code()
            #expect(try await attempt(used, browser).status == 200)
            let again = try await attempt(used, browser)
            #expect(again.status == 400)
            #expect(try again.json["error"].string == "invalid_request")
            #expect(try again.json["error_description"].string == "authorization_code is invalid")
            let late = try await browser.code()
            browser.simulator.advanceClock(by: .seconds(601))
            #expect(try await attempt(late, browser).status == 400)
            #expect(try await attempt(browser.code(), browser, ["redirect_uri": "http://127.0.0.1:1/"]).status == 400)
        }
    }

    @Test(
        "A wrong or missing secret, or another client, is 401 access_denied and spoils nothing",
        arguments: [
            ["client_secret": "wrong"], ["client_secret": nil], ["client_id": "nobody"],
        ] as [[String: String?]])
    func wrongSecret(changes: [String: String?]) async throws {
        try await withBrowser { browser in
            let tokens = try await browser.exchange(try await browser.code())
            let refresh = tokens["refresh_token"].string
            let refused = try await browser.token(
                changes.merging(["grant_type": "refresh_token", "refresh_token": refresh]) { $1 })
            #expect(refused.status == 401)
            #expect(try refused.json["error"].string == "access_denied")
            #expect(try await browser.refresh(refresh).status == 200)
        }
    }

    @Test("A used refresh token is tolerated for ten minutes; then it is dead, and its whole family with it")
    func rotation() async throws {
        try await withBrowser { browser in
            let old = try await browser.exchange(try await browser.code())["refresh_token"].string
            let first = try await browser.refresh(old).json
            #expect(first["refresh_token"].string != old)
            browser.simulator.advanceClock(by: .seconds(599))
            let second = try await browser.refresh(old)
            #expect(second.status == 200)
            #expect(try second.json["refresh_token"] != first["refresh_token"])
            browser.simulator.advanceClock(by: .seconds(2))
            let third = try await browser.refresh(old)
            #expect(third.status == 403)
            #expect(try third.json["error"].string == "unauthorized_client")
            #expect(try await browser.refresh(first["refresh_token"].string).status == 403)
            var own = browser
            own.token = try #require(first["access_token"].string)
            #expect(try await own.get("/myself").status == 401)
        }
    }

    @Test("Set so, a tolerated reuse gives the pair of the first use")
    func samePair() async throws {
        try await withBrowser(configure: { $0.oauth.reuseGivesSamePair = true }) { browser in
            let old = try await browser.exchange(try await browser.code())["refresh_token"].string
            let first = try await browser.refresh(old).json
            #expect(try await browser.refresh(old).json == first)
        }
    }

    @Test("A refresh token dies of 90 idle days, and a year after consent however often it is used")
    func lifetimes() async throws {
        try await withBrowser { browser in
            let day = Duration.seconds(86_400)
            let idle = try await browser.exchange(try await browser.code())["refresh_token"].string
            browser.simulator.advanceClock(by: day * 90)
            #expect(try await browser.refresh(idle).status == 403)
            var current = try await browser.exchange(try await browser.code())["refresh_token"].string
            for _ in 0..<4 {
                browser.simulator.advanceClock(by: day * 80)
                let answer = try await browser.refresh(current)
                #expect(answer.status == 200)
                current = try answer.json["refresh_token"].string
            }
            browser.simulator.advanceClock(by: day * 46)
            #expect(try await browser.refresh(current).status == 403)
        }
    }

    @Test("A new consent ends the old grant")
    func replacement() async throws {
        try await withBrowser { browser in
            let old = try await browser.exchange(try await browser.code())
            _ = try await browser.exchange(try await browser.code(["scope": "offline_access read:jira-user"]))
            #expect(try await browser.refresh(old["refresh_token"].string).status == 403)
        }
    }

    @Test("An access token lives an hour of the simulator's clock")
    func expiry() async throws {
        try await withBrowser { browser in
            browser.simulator.advanceClock(by: .seconds(3599))
            #expect(try await browser.get("/myself").status == 200)
            browser.simulator.advanceClock(by: .seconds(1))
            let late = try await browser.get("/myself")
            #expect(late.status == 401)
            #expect(late.text == #"{"code":401,"message":"Unauthorized"}"#)
        }
    }

    @Test(
        "A missing scope is 401 and says so; closed resources are closed to all scopes",
        arguments: [
            ("/search/jql?jql=created%3E0", OAuthScope.readJiraUser), ("/users/search", .readJiraWork),
            ("/applicationrole", .readJiraWork), ("/group/member", .readJiraUser),
        ])
    func scopes(path: String, scope: OAuthScope) async throws {
        try await withBrowser { browser in
            var narrow = browser
            narrow.token = browser.simulator.accessToken([scope])
            let answer = try await narrow.get(path)
            #expect(answer.status == 401)
            #expect(answer.text == #"{"code":401,"message":"Unauthorized; scope does not match"}"#)
        }
    }

    @Test("accessible-resources lists the sites, and on demand each once more for another product")
    func resources() async throws {
        try await withBrowser(configure: { configuration in
            configuration.sites = 2
            configuration.listsOtherProducts = true
        }) { browser in
            let answer = try await browser.send(
                "/oauth/token/accessible-resources", bearer: browser.token)
            let ids = try answer.json.array.compactMap { $0["id"].string }
            #expect(ids.count == 4)
            #expect(Set(ids) == Set(browser.simulator.cloudIDs))
            var other = browser
            other.cloudID = browser.simulator.cloudIDs[1]
            #expect(try await other.get("/myself").status == 200)
        }
    }
}
