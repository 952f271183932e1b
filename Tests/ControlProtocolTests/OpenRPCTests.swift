import ControlProtocol
import Foundation
import TestSupport
import Testing

@Suite("Discovery")
struct OpenRPCTests {
    private let document: JSON

    init() throws {
        // Read back, as a caller has it: examples are only text before.
        document = try JSON(parsing: OpenRPC.document(version: "1.2.3").bytes)
    }

    private var methods: [JSON] { document["methods"]?.array ?? [] }

    @Test("Every case of ControlCall has a row in the table that requests are decoded by")
    func complete() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ControlProtocol/Methods/ControlCall.swift")
        let source = try String(contentsOf: file, encoding: .utf8)
        let cases = source.matches(of: #/(?m)^    case (\w+)\(\w+\)$/#).map { String($0.1) }
        #expect(cases.count > 20)
        for name in cases { #expect(source.contains("MethodDescription(ControlCall.\(name))"), "\(name)") }
        #expect(cases.count == ControlCall.methods.count)
    }

    @Test("Every method can be called by each of its names, and means the same")
    func callable() throws {
        for method in ControlCall.methods {
            for name in [method.name] + method.aliases {
                let params = method.params.filter(\.isRequired).map { JSON.Member($0.name, "x") }
                let call = try ControlCall(ControlRequest(id: .null, method: name, params: params))
                #expect(call.name == method.name && call.access == method.access)
            }
        }
    }

    @Test("The document names each method once, and every promised one")
    func names() {
        let names = methods.compactMap { $0["name"]?.string }
        #expect(Set(names).count == names.count)
        #expect(
            Set(names).isSuperset(of: [
                "ping", "version", "status", "rpc.discover", "user.get", "user.list", "licence.summary",
                "license.summary", "activity.list", "sync.run", "sync.status", "auth.begin", "auth.complete",
                "auth.status", "auth.logout", "events.subscribe", "change.wait", "$/cancel",
            ]))
    }

    @Test("The document fits a reply's line, with some to spare")
    func size() {
        // Beside it stands an id of up to 1,024 bytes.
        #expect(document.bytes.count <= ControlNotification.roomForValue, "\(document.bytes.count) bytes")
    }

    @Test("What OpenRPC demands of a document is there, and nothing that it forbids")
    func openRPC() throws {
        func members(_ json: JSON) -> Set<String> {
            guard case .object(let members) = json else { return [] }
            return Set(members.map(\.name))
        }
        func expect(_ json: JSON, has required: Set<String>, may optional: Set<String>) {
            let names = members(json)
            #expect(required.isSubset(of: names), "\(json.text)")
            let extra = names.subtracting(required).subtracting(optional).filter { !$0.hasPrefix("x-") }
            #expect(extra.isEmpty, "\(extra) in \(json.text)")
        }
        func expectDescriptor(_ json: JSON) {
            if json["$ref"] != nil { return }
            expect(json, has: ["name", "schema"], may: ["summary", "description", "required", "deprecated"])
        }
        expect(document, has: ["openrpc", "info", "methods"], may: ["servers", "components"])
        #expect(document["openrpc"] == "1.3.2")
        for method in methods {
            expect(
                method, has: ["name", "params", "result"],
                may: ["summary", "description", "paramStructure", "errors", "examples", "deprecated"])
            for param in method["params"]?.array ?? [] { expectDescriptor(param) }
            #expect(method["paramStructure"] == "by-name")
            try expectDescriptor(#require(method["result"]))
            for error in method["errors"]?.array ?? [] { expect(error, has: ["$ref"], may: []) }
            for example in method["examples"]?.array ?? [] {
                expect(example, has: ["name", "params", "result"], may: ["description"])
                for value in (example["params"]?.array ?? []) + [example["result"]].compactMap(\.self) {
                    expect(value, has: ["name", "value"], may: ["summary", "description"])
                }
            }
        }
        let components = try #require(document["components"])
        guard case .object(let errors)? = components["errors"],
            case .object(let descriptors)? = components["contentDescriptors"]
        else {
            Issue.record("no components")
            return
        }
        for error in errors {
            #expect(members(error.value) == ["code", "message", "data"])
        }
        for descriptor in descriptors { expectDescriptor(descriptor.value) }
    }

    @Test("Every reference leads somewhere, and every component is referred to")
    func references() throws {
        var referred: Set<String> = []
        func walk(_ json: JSON) {
            switch json {
            case .array(let elements): elements.forEach(walk)
            case .object(let members):
                if let reference = json["$ref"]?.string { referred.insert(reference) }
                members.forEach { walk($0.value) }
            case .null, .bool, .integer, .number, .string, .written: break
            }
        }
        walk(document)
        var components: Set<String> = []
        for kind in ["schemas", "errors", "contentDescriptors"] {
            guard case .object(let members)? = document["components"]?[kind] else { continue }
            components.formUnion(members.map { "#/components/\(kind)/\($0.name)" })
        }
        #expect(referred.subtracting(components) == [])
        // The form of errors has no place of its own in OpenRPC.
        #expect(components.subtracting(referred) == ["#/components/schemas/Error"])
    }

    @Test("Every method has an example, and each is what the schemas say", arguments: ControlCall.methods.map(\.name))
    func examples(name: String) throws {
        let method = try #require(MethodDescription.named(name))
        #expect(!method.examples.isEmpty)
        for example in method.examples {
            let request = try ControlRequest(
                line: JSON(dictionaryLiteral: ("method", .string(name)), ("params", .object(example.params))).bytes)
            #expect(try ControlCall(request).name == name)
            for member in example.params where member.name != RequestMeta.member {
                let schema = try #require(method.params.first { $0.name == member.name }?.schema)
                #expect(Conformance.violations(of: schema, by: member.value) == [], "\(example.title)")
            }
            switch example.outcome {
            case .result(let result):
                #expect(Conformance.violations(of: method.result, by: result) == [], "\(example.title)")
            case .error(let kind): #expect(method.errors.contains(kind), "\(example.title)")
            }
            for value in example.notifications {
                let kind = try #require(method.notifications.first?.kind)
                let notification = ControlNotification(id: .integer(1), kind: kind, value: value)
                #expect(Conformance.violations(by: notification) == [], "\(example.title)")
            }
        }
    }

    @Test("What a method can do of _meta is what it notifies of")
    func features() {
        for method in ControlCall.methods {
            let kinds = Set(method.notifications.map(\.kind)).subtracting([.event])
            #expect(kinds == Set(method.features.map { $0 == .stream ? .rows : .progress }), "\(method.name)")
        }
    }

    @Test("Another validator of JSON Schema agrees: the schemas are ones, and the examples fit them")
    func independent() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/document.json"
            try Data(document.bytes).write(to: URL(filePath: path))
            let outcome = try await runToEnd("python3", ["-c", Self.check, path], directory: directory)
            if outcome.exitCode == 3 {
                print("skipped: this machine's python3 has no module jsonschema")
                return
            }
            #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    private static let check = """
        import json, sys
        try:
            from jsonschema import Draft7Validator
        except ImportError:
            sys.exit(3)
        document = json.load(open(sys.argv[1]))
        count = 0
        def validator(schema):
            Draft7Validator.check_schema(schema)
            return Draft7Validator(dict(schema, components=document["components"]))
        for name, schema in document["components"]["schemas"].items():
            validator(schema)
        for method in document["methods"]:
            for param in method["params"]:
                if "schema" in param: validator(param["schema"])
            for example in method.get("examples", []):
                validator(method["result"]["schema"]).validate(example["result"]["value"])
                count += 1
        sys.exit(0 if count > 20 else 1)
        """
}
