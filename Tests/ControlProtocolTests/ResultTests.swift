import ControlProtocol
import Testing
import UsageModel

@Suite("Results")
struct ResultTests {
    @Test("Every result is written as promised, and read back as it was")
    func golden() throws {
        for sample in try samples() {
            #expect(sample.json.text == sample.golden, "\(sample.method)")
            let read = try JSON(parsing: Array(sample.golden.utf8))
            #expect(try sample.again(read) == sample.json, "\(sample.method)")
        }
    }

    @Test("Every result is what its schema says, with no member that the schema does not know")
    func schemas() throws {
        let samples = try samples()
        let unsampled: Set = ["rpc.discover", "events.subscribe"]
        #expect(Set(samples.map(\.method)).union(unsampled) == Set(ControlCall.methods.map(\.name)))
        for sample in samples {
            let method = try #require(MethodDescription.named(sample.method))
            #expect(Conformance.violations(of: method.result, by: sample.json) == [], "\(sample.method)")
        }
    }

    @Test("Of more groups than a line has room for, those that grant a role are told, and a reply still fits")
    func manyGroups() throws {
        let groups = (0..<1000).map { number in
            GroupMembership(
                id: "group-\(number)", name: String(repeating: "\"", count: 250) + "\(number)",
                grants: number % 100 == 99 ? ["jira-software"] : [])
        }
        let told = groups.fittingLine()
        #expect(told.count > 40 && told.count < 1000)
        #expect(told.filter { !$0.grants.isEmpty } == groups.filter { !$0.grants.isEmpty })
        #expect(told == groups.filter(Set(told).contains), "in their order")
        #expect(told.written.json.text.utf8.count < LineSplitter.longestReply - 16 * 1024)
        #expect(Array(groups.prefix(32)).fittingLine() == Array(groups.prefix(32)))
        let short = groups.map { GroupMembership(id: $0.id, name: "g", grants: []) }.prefix(500)
        #expect(Array(short).fittingLine() == Array(short))
    }

    @Test("A result with a member of the wrong form is refused with the member's path")
    func mismatch() throws {
        let json: JSON = ["sites": [["cloudId": "c", "name": "n", "sync": ["state": "asleep"]]]]
        #expect(
            throws: JSONMismatch(
                path: "sites[0].sync.state", expected: "one of idle, running, waiting, paused, failed")
        ) { try SyncReport(json: json) }
    }

    @Test("Status without personal data has null where the account's name and id were")
    func withoutPersonalData() throws {
        let state = AuthState(
            state: .valid, account: ConsentingAccount(accountId: AccountID(rawValue: "a1"), displayName: "Ann"),
            scopes: [], expiresAt: nil)
        #expect(
            state.withoutPersonalData.json.text
                == #"{"state":"valid","account":{"accountId":null,"displayName":null},"scopes":[],"expiresAt":null,"#
                + #""reason":null,"consentedAt":null,"refreshedAt":null,"idleExpiresAt":null,"absoluteExpiresAt":null}"#
        )
    }

    @Test("A page takes as many rows as a reply line can hold, and says where to go on")
    func pageBySize() throws {
        let rows = (0..<100).map { index in "\(index) " + String(repeating: "x", count: 1000) }
        let page = Page(filling: rows, limit: 1000) { String($0.prefix { $0 != " " }) }
        #expect(page.rows.count < 60 && page.rows.count > 50)
        #expect(page.next == String(page.rows.count - 1))
        #expect(ControlReply(id: .null, outcome: .success(page.json)).line.count <= LineSplitter.longestReply)
    }

    @Test("A page of the limit's rows ends the list only where no row is left")
    func pageByLimit() {
        let full = Page(filling: ["a", "b", "c"], limit: 2) { $0 }
        #expect(full.rows == ["a", "b"] && full.next == "b")
        let last = Page(filling: ["a", "b"], limit: 2) { $0 }
        #expect(last.rows == ["a", "b"] && last.next == nil)
    }
}
