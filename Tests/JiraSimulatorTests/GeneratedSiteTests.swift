import JiraSimulator
import Testing

@Suite("The generated site follows from its seed", .timeLimit(.minutes(5)))
struct GeneratedSiteTests {
    /// Everything that can be read of a site, as text.
    private func dump(seed: UInt64) async throws -> [String] {
        try await withBrowser(seed: seed) { browser in
            var texts: [String] = []
            for path in ["/users/search?maxResults=1000", "/group/bulk", "/project/search?expand=insight"] {
                texts.append(try await browser.get(path).text)
            }
            texts.append(try await browser.searchAnswer("created >= 0", fields: ["*all"]).text)
            let ids = try await browser.ids("created >= 0 ORDER BY id").joined(separator: ",")
            texts.append(try await browser.post("/changelog/bulkfetch", "{\"issueIdsOrKeys\":[\(ids)]}").text)
            return texts
        }
    }

    @Test("The same seed gives the same bytes, another seed others")
    func determinism() async throws {
        let one = try await dump(seed: 5)
        #expect(try await dump(seed: 5) == one)
        #expect(try await dump(seed: 6) != one)
    }

    @Test("A small site has every sort of account and of use")
    func variety() async throws {
        try await withBrowser(users: 60, issues: 500) { browser in
            let oracle = try #require(browser.simulator.oracle())
            #expect(Set(oracle.users.map(\.accountType)) == ["atlassian", "app", "customer"])
            #expect(oracle.users.contains { $0.displayName == "Former user" && !$0.enabled })
            #expect(oracle.users.contains { !$0.enabled && !$0.applicationRoles.isEmpty && !$0.seat })
            #expect(oracle.users.contains { $0.accountType == "app" && $0.lastActivity != nil })
            for verdict in [Oracle.Verdict.active, .inactive, .neverActive] {
                #expect(oracle.users.contains { $0.seat && $0.verdict == verdict }, "\(verdict)")
            }
            let users = try await browser.get("/users/search?maxResults=1000").json.array
            #expect(users.filter { $0["emailAddress"] != .null }.count < users.count / 2)
        }
    }

    @Test("Somebody else than the reporter made some issues, and some histories name nobody")
    func traps() async throws {
        try await withBrowser(users: 60, issues: 500, configure: { $0.namelessHistories = 0.02 }) { browser in
            var others = 0
            var authorless = 0
            var nameless = 0
            let fields = ["creator", "reporter"]
            for issue in try await browser.search("created >= 0", fields: fields, pageSize: 100) {
                let parts = issue["fields"]
                if parts["creator"]["accountId"] != parts["reporter"]["accountId"] { others += 1 }
                let id = try #require(issue["id"].string)
                for history in try await browser.get("/issue/\(id)/changelog").json["values"].array {
                    if history["author"] == .null { authorless += 1 }
                    if history["author"]["accountId"].string == "" { nameless += 1 }
                }
            }
            #expect(others > 0 && others < 250)
            #expect(authorless > 0)
            #expect(nameless > 0)
        }
    }

    @Test("A large site starts at once and answers from its index")
    func size() async throws {
        try await withBrowser(users: 2000, issues: 20_000) { browser in
            #expect(try await browser.count("created >= 0") == 20_000)
            let page = try await browser.search(page: "updated >= -30d ORDER BY updated DESC", pageSize: 100)
            #expect(page["issues"].array.count == 100)
        }
    }

    @Test(
        "A configuration that cannot be used is refused in a sentence",
        arguments: [
            { (configuration: inout SimulatorConfiguration) in configuration.host = "0.0.0.0" },
            { $0.users = 0 }, { $0.issues = 5_000_001 }, { $0.siteZone = "Mars/Olympus" }, { $0.port = 65_536 },
            { $0.recordedSite = "/nonexistent" },
        ] as [@Sendable (inout SimulatorConfiguration) -> Void])
    func refused(change: @Sendable (inout SimulatorConfiguration) -> Void) {
        var configuration = SimulatorConfiguration(users: 1, issues: 1, time: .frozen(at: noon))
        change(&configuration)
        #expect(throws: (any Error).self) { try JiraSimulator(configuration) }
    }
}
