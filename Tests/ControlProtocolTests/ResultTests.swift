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

@Suite("Discovery")
struct OpenRPCTests {
    private let document = OpenRPC.document(version: "1.2.3")

    @Test("Every method that the document lists can be called, by each of its names")
    func callable() throws {
        for method in MethodDescription.all {
            for name in [method.name] + method.aliases {
                let params: [JSON.Member] = (method.params.array ?? [])
                    .filter { $0["required"] == true }
                    .map { JSON.Member($0["name"]?.string ?? "", "x") }
                let call = try ControlCall(ControlRequest(id: .null, method: name, params: params))
                #expect(call.name == method.name && call.access == method.access)
            }
        }
    }

    @Test("The document names each method once and fits a line")
    func complete() throws {
        let names = (document["methods"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(Set(names).count == names.count)
        #expect(
            Set(names).isSuperset(of: [
                "ping", "version", "status", "rpc.discover", "user.get", "user.list", "licence.summary",
                "license.summary", "activity.list", "sync.run", "sync.status", "auth.begin", "auth.complete",
                "auth.status", "auth.logout",
            ]))
        #expect(ControlReply(id: .null, outcome: .success(document)).line.count <= LineSplitter.longestReply)
    }

    @Test("Every result is what its schema says, with no member that the schema does not know")
    func schemas() throws {
        let samples = try samples()
        #expect(Set(samples.map(\.method)).union(["rpc.discover"]) == Set(MethodDescription.all.map(\.name)))
        for sample in samples {
            let method = try #require(MethodDescription.all.first { $0.name == sample.method })
            let schema = try #require(method.result["schema"])
            #expect(violations(of: schema, by: sample.json).isEmpty, "\(sample.method)")
        }
    }

    @Test("The validator of these tests finds what is wrong")
    func validator() {
        let schema: JSON = [
            "type": "object", "required": ["a"],
            "properties": ["a": ["type": ["integer", "null"]], "b": ["type": "array", "items": ["enum": ["x"]]]],
        ]
        #expect(violations(of: schema, by: ["a": nil, "b": ["x"]]).isEmpty)
        #expect(violations(of: schema, by: ["a": "1"]) == [".a: type"])
        #expect(violations(of: schema, by: ["b": ["y"]]) == [": a is missing", ".b[0]: enum"])
        #expect(violations(of: schema, by: ["a": 1, "c": 1]) == [".c: not in the schema"])
    }
}

/// What is wrong with a value, by as much of JSON Schema as the document uses.
private func violations(of schema: JSON, by value: JSON, at path: String = "") -> [String] {
    var found: [String] = []
    let types = schema["type"].map { $0.array ?? [$0] }
    if let types, !types.contains(.string(type(of: value))) { return ["\(path): type"] }
    if let words = schema["enum"]?.array, !words.contains(value) { found.append("\(path): enum") }
    if value == .null { return found }
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where value[name] == nil {
        found.append("\(path): \(name) is missing")
    }
    if case .object(let members) = value, let properties = schema["properties"] {
        for member in members {
            guard let inner = properties[member.name] else {
                found.append("\(path).\(member.name): not in the schema")
                continue
            }
            found += violations(of: inner, by: member.value, at: "\(path).\(member.name)")
        }
    }
    if let items = schema["items"] {
        for (index, element) in (value.array ?? []).enumerated() {
            found += violations(of: items, by: element, at: "\(path)[\(index)]")
        }
    }
    return found
}

private func type(of value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    case .written: "written"
    }
}
