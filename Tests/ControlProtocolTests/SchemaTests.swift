import ControlProtocol
import Testing

@Suite("Schemas find what is wrong with a value")
struct SchemaTests {
    private func violations(_ schema: JSON, _ value: JSON) -> [String] {
        Conformance.violations(of: schema, by: value).map(\.description)
    }

    @Test("a type, a word, a missing member and an unknown one are found, each with its path")
    func members() {
        let schema: JSON = [
            "type": "object", "required": ["a"],
            "properties": ["a": ["type": ["integer", "null"]], "b": ["type": "array", "items": ["enum": ["x"]]]],
        ]
        #expect(violations(schema, ["a": nil, "b": ["x"]]) == [])
        #expect(violations(schema, ["a": "1"]) == [".a: must be integer or null"])
        #expect(violations(schema, ["b": ["y"]]) == [".a: is missing", #".b[0]: not one of ["x"]"#])
        #expect(violations(schema, ["a": 1, "c": 1]) == [".c: is not in the schema"])
        #expect(violations(schema, .written(Array(#"{"a":"#.utf8))) == ["the value: no JSON"])
    }

    @Test("ranges, patterns and instants are checked")
    func values() {
        #expect(violations(["type": "integer", "minimum": 1, "maximum": 5], 0) == ["the value: less than 1"])
        #expect(violations(["type": "integer", "minimum": 1, "maximum": 5], 6) == ["the value: more than 5"])
        #expect(violations(["type": "string", "pattern": "^[0-9]+$"], "12") == [])
        #expect(violations(["type": "string", "pattern": "^[0-9]+$"], "1a") != [])
        let instant: JSON = ["type": "string", "format": "date-time"]
        #expect(violations(instant, "2026-11-23T15:00:02.000Z") == [])
        for text in ["2026-11-23", "2026-11-23T15:00:02Z", "2026-11-23T15:00:02.000+01:00", ""] {
            #expect(violations(instant, .string(text)) != [], "\(text)")
        }
    }

    @Test("a named record is looked into, where it may be null too")
    func references() {
        let ref: JSON = ["$ref": "#/components/schemas/SyncState.Progress"]
        #expect(violations(ref, ["done": 1, "total": nil]) == [])
        #expect(violations(ref, ["done": "1", "total": nil]) == [".done: must be integer"])
        #expect(violations(ref.nullable, nil) == [])
        #expect(violations(ref.nullable, ["done": 1]) == [".total: is missing"])
        #expect(violations(ref.nullable, 1) != [])
        #expect(violations(["$ref": "#/components/schemas/Nothing"], 1) != [])
    }

    @Test(
        "a schema that says what nothing checks is refused, not overlooked",
        arguments: ["maxLength", "oneOf", "not"])
    func unknownKeywords(word: String) {
        #expect(throws: JSONMismatch.self) { try JSONSchema(.object([JSON.Member(word, 1)])) }
    }
}

@Suite("Replies and notifications are held against what is described")
struct ConformanceTests {
    @Test("a result of the wrong form and an error that the method does not name are violations")
    func replies() throws {
        let ping = try #require(MethodDescription.named("ping"))
        func violations(_ outcome: Result<JSON, ControlError>) -> [SchemaViolation] {
            Conformance.violations(by: ControlReply(id: .null, outcome: outcome), to: ping)
        }
        #expect(violations(.success(["pong": true])) == [])
        #expect(violations(.success(["pong": 1])).map(\.path) == [".pong"])
        #expect(violations(.success(["pong": true, "ping": true])).map(\.path) == [".ping"])
        #expect(violations(.failure(ControlError(.deadline, "late"))) == [])
        #expect(violations(.failure(ControlError(.ambiguous, "which?"))) != [])
    }

    @Test("an error of each kind, with choices and without, is as described", arguments: ControlError.Kind.allCases)
    func errors(kind: ControlError.Kind) {
        let choice = ControlError.Choice(site: nil, name: "n", url: nil, accountId: nil)
        #expect(Conformance.violations(by: ControlError(kind, "m", hint: "h", choices: [choice])) == [])
        #expect(Conformance.violations(by: ControlError(kind, "m")) == [])
    }

    @Test("rows of a list, progress and events are as described, and nothing else is")
    func notifications() throws {
        func violations(_ kind: ControlNotification.Kind, _ value: JSON) -> [SchemaViolation] {
            Conformance.violations(by: ControlNotification(id: .integer(1), kind: kind, value: value))
        }
        func event(_ kind: String, _ data: JSON) -> JSON {
            ["position": "1", "at": "2026-11-23T15:00:02.000Z", "kind": .string(kind), "site": nil, "data": data]
        }
        let samples = try samples()
        let page = try #require(samples.first { $0.method == "user.list" }?.json["rows"])
        #expect(violations(.rows, page) == [])
        #expect(violations(.rows, [["at": 1]]) != [])
        #expect(violations(.progress, ["sites": []]) == [])
        #expect(violations(.progress, [:]) != [])
        #expect(violations(.event, event("subscribed", [:])) == [])
        #expect(violations(.event, event("subscribed", ["more": 1])).map(\.path) == [".data.more"])
        #expect(violations(.event, event("lost", ["missed": nil])) == [])
        #expect(violations(.event, event("lost", [:])).map(\.path) == [".data.missed"])
        #expect(violations(.event, event("sneezed", [:])) != [])
    }
}
